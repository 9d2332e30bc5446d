import { Failure } from '../../failure.ts';
import type { BatchReport, FileReport } from '../../uploads/index.ts';
import { noteChanged } from '../audit.ts';
import type { AppContext } from '../context.ts';
import { failureResponse, toldFailure } from '../failures.ts';
import type { UploadRoutesOptions } from './options.ts';

/** Where this server is reached, for addresses in answers. */
export function originOf(c: AppContext, { publicUrl }: UploadRoutesOptions): string {
  return publicUrl ?? new URL(c.req.url).origin;
}

/** Ready URLs of an original and of some variants, by name. */
export function urlsOf(c: AppContext, key: string, options: UploadRoutesOptions): Readonly<Record<string, string>> {
  const paths = Object.entries(options.uploads.addresses(key));
  return Object.fromEntries(paths.map(([name, path]) => [name, originOf(c, options) + path]));
}

/** Leads to the original itself; Failure `not_found` with this text where there is none, or it has no address. */
export function leadTo(
  c: AppContext,
  key: string | undefined,
  { uploads, publicUrl, refusal }: UploadRoutesOptions & { readonly refusal: string },
): Response {
  const path = key === undefined ? undefined : uploads.addresses(key)['original'];
  if (path === undefined) throw new Failure('not_found', refusal);
  // Without the host, by whichever of its names we were reached; a proxy in front may have taken a path off.
  const base = publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/$/, '');
  return c.redirect(base + path, 303);
}

function shown(c: AppContext, file: FileReport, options: UploadRoutesOptions): unknown {
  if (file.status === 'withheld') return file;
  if (file.status === 'published') {
    const urls = urlsOf(c, file.key, options);
    return { ...file, url: urls['original'], urls };
  }
  return { key: file.key, status: file.status, error: toldFailure(file.failure) };
}

/** Why nothing was published: the first file that was refused. */
function firstFailure({ files }: BatchReport): Failure {
  const refused = files.flatMap((file, index) => (file.status === 'refused' ? [{ ...file, number: index + 1 }] : []));
  const [first] = refused;
  if (first === undefined) throw new Error('a batch that is not published has a file that was refused');
  const { kind, message, retryAfterSeconds } = first.failure;
  if (files.length === 1) return first.failure;
  const text = `Nothing was published, since ${refused.length} of ${files.length} files cannot be. File ${first.number}, ${first.key}: ${message}`;
  return new Failure(kind, text, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
}

/** What happened to a batch, file by file; a batch that is not published is a problem. */
export function reportResponse(
  c: AppContext,
  report: BatchReport,
  { status, ...options }: UploadRoutesOptions & { readonly status: 200 | 201 },
): Response {
  if (report.published) noteChanged(c, report.files.length);
  const files = report.files.map((file) => shown(c, file, options));
  if (!report.published) {
    const failure = firstFailure(report);
    c.set('detail', failure.cause === undefined ? failure.message : `${failure.message} (${failure.cause})`);
    return failureResponse(failure, c.get('requestId'), { batch: report.batch, files });
  }
  const [only] = report.files;
  const location =
    only?.status === 'published' && files.length === 1 ? urlsOf(c, only.key, options)['original'] : undefined;
  return c.json({ batch: report.batch, files }, status, location === undefined ? {} : { Location: location });
}
