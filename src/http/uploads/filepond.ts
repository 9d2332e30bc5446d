import { Failure, isFailure } from '../../failure.ts';
import { noteChanged } from '../audit.ts';
import { bodyOf, headerNumber, lengthOf, textOf } from '../bodies.ts';
import { type AppContext, clientSignal } from '../context.ts';
import { callerOf, ownershipOf, type Uploader } from '../guards.ts';
import { leadTo, reportResponse } from './answers.ts';
import { incomingFiles } from './images.ts';
import type { UploadRoutesOptions } from './options.ts';

/*
 * FilePond's server protocol: the id it keeps, and sends with its form, is the original's key (without the extension
 * when it came in chunks: a public id all the same).
 */

/** A chunked upload may take so long from its first chunk to its last. */
const expiresSeconds = 3600;
const maxIdBytes = 2000;

const transferName = /^\d{4}\/\d\d\/([0-9a-f-]{36})$/;

/** The batch behind the name that a chunked upload was given: a key that ends in it. */
function batchOf(id: string | undefined): string {
  const batch = transferName.exec(id ?? '')?.[1];
  if (batch === undefined)
    throw new Failure('invalid', 'The transfer is not valid: expected the id that was answered.');
  return batch;
}

/** A file whole, or the promise of one in chunks. */
export async function answerProcess(
  c: AppContext,
  uploader: Uploader,
  options: UploadRoutesOptions,
): Promise<Response> {
  const { uploads } = options;
  const signal = clientSignal(c);
  const length = headerNumber(c.req.header('upload-length'));
  if (length !== undefined) {
    await textOf(c, 64 * 1024);
    const { files } = await uploads.promise({ bytes: length }, { expiresSeconds, ...ownershipOf(uploader), signal });
    noteChanged(c, 1);
    return c.text(files[0]?.key ?? '', 201);
  }
  const report = await uploads.receive(incomingFiles(c, uploader), {
    ...ownershipOf(uploader),
    bytes: lengthOf(c),
    signal,
  });
  const [file] = report.files;
  if (file?.status !== 'published') return reportResponse(c, report, { ...options, status: 200 });
  noteChanged(c, 1);
  return c.text(file.key, 201);
}

/** One chunk of a file that was promised. */
export async function answerChunk(c: AppContext, uploader: Uploader, options: UploadRoutesOptions): Promise<Response> {
  const batch = batchOf(c.req.query('patch'));
  const offset = headerNumber(c.req.header('upload-offset'));
  if (offset === undefined) throw new Failure('invalid', 'A chunk needs its Upload-Offset.');
  const bytes = lengthOf(c);
  const report = await options.uploads.append(batch, { offset, body: bodyOf(c), bytes }, callerOf(c, uploader));
  if (report?.published === false) return reportResponse(c, report, { ...options, status: 200 });
  if (report !== undefined) noteChanged(c, report.files.length);
  return c.body(null, 204, { 'Upload-Offset': String(offset + (bytes ?? 0)) });
}

/** How far a transfer has come, or the way to a picture: for a ticket's holder to one of its own only. */
export async function answerLook(c: AppContext, uploader: Uploader, options: UploadRoutesOptions): Promise<Response> {
  const { uploads } = options;
  const transfer = c.req.query('patch');
  if (transfer !== undefined) {
    const arrived = await uploads.arrived(batchOf(transfer), callerOf(c, uploader));
    return c.body(null, 200, { 'Upload-Offset': String(arrived) });
  }
  const id = c.req.query('load') ?? c.req.query('restore');
  if (id === undefined) throw new Failure('not_found', 'Expected ?patch=, ?load= or ?restore= with an id.');
  const published = await uploads.published(id, callerOf(c, uploader));
  const key = uploader.isAdmin ? (published ?? id) : published;
  return leadTo(c, key, { ...options, refusal: 'There is no upload of this id that could be shown.' });
}

/** Takes back what was published, or what has come of it so far. */
export async function answerRevert(
  c: AppContext,
  uploader: Uploader,
  { uploads }: UploadRoutesOptions,
): Promise<Response> {
  const id = (await textOf(c, maxIdBytes)).trim();
  const caller = callerOf(c, uploader);
  try {
    await uploads.revert(id, caller);
  } catch (error) {
    if (!isFailure(error, 'not_found')) throw error;
    // Not published yet: what has arrived of it goes. Only a transfer's name has no extension.
    if (!transferName.test(id)) throw error;
    await uploads.abort(batchOf(id), caller);
  }
  noteChanged(c, 1);
  return c.body(null, 204);
}
