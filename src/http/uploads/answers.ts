import { Failure } from '../../failure.ts';
import type { Addresses, BatchReport, FileReport } from '../../uploads/index.ts';
import { noteChanged } from '../audit.ts';
import type { AppContext } from '../context.ts';
import { failureAnswers, failureResponse } from '../failures.ts';

/** What absolute addresses are made of. */
export interface AddressBook {
  readonly origin: string;
  readonly addresses: Addresses;
}

/** Ready URLs of an original and of some variants, by name. */
export function urlsOf(key: string, { origin, addresses }: AddressBook): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(addresses(key)).map(([name, path]) => [name, origin + path]));
}

function shown(file: FileReport, book: AddressBook): unknown {
  if (file.status === 'withheld') return file;
  if (file.status === 'published') {
    const urls = urlsOf(file.key, book);
    return { ...file, url: urls['original'], urls };
  }
  const { kind, message } = file.failure;
  const { status, title } = failureAnswers[kind];
  return { key: file.key, status: file.status, error: { title, status, detail: message } };
}

/** Why nothing was published: the first file that was refused. */
function failureOf({ files }: BatchReport): Failure {
  const refused = files.flatMap((file, index) => (file.status === 'refused' ? [{ ...file, number: index + 1 }] : []));
  const [first] = refused;
  if (first === undefined) throw new Error('a batch that is not published has a file that was refused');
  const { kind, message, retryAfterSeconds } = first.failure;
  if (files.length === 1) return first.failure;
  const text = `Nothing was published, since ${refused.length} of ${files.length} files cannot be. File ${first.number}, ${first.key}: ${message}`;
  return new Failure(kind, text, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
}

/** What happened to a batch, file by file; a batch that is not published is a problem. */
export function reportResponse(c: AppContext, report: BatchReport, book: AddressBook, status: 200 | 201): Response {
  if (report.published) noteChanged(c, report.files.length);
  const files = report.files.map((file) => shown(file, book));
  if (!report.published) {
    const failure = failureOf(report);
    c.set('detail', failure.cause === undefined ? failure.message : `${failure.message} (${failure.cause})`);
    return failureResponse(failure, c.get('requestId'), { batch: report.batch, files });
  }
  const [only] = report.files;
  const location = only?.status === 'published' && files.length === 1 ? urlsOf(only.key, book)['original'] : undefined;
  return c.json({ batch: report.batch, files }, status, location === undefined ? {} : { Location: location });
}
