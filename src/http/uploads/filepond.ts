import type { Hono } from 'hono';
import { Failure, isFailure } from '../../failure.ts';
import type { BatchReport } from '../../uploads/index.ts';
import { type AppContext, clientSignal, type Environment } from '../context.ts';
import { originOf, requireUploader } from './access.ts';
import { reportResponse, urlsOf } from './answers.ts';
import { bodyOf, lengthOf, textOf, wholeNumber } from './bodies.ts';
import { incomingFiles } from './images.ts';
import type { UploadRoutesOptions } from './options.ts';

const path = '/-/uploads/filepond';

/** A chunked upload may take so long from its first chunk to its last. */
const expiresSeconds = 3600;
const maxIdBytes = 2000;

/** The batch behind the name that a chunked upload was given: a key that ends in it. */
function batchOf(id: string | undefined): string {
  const batch = /^\d{4}\/\d\d\/([0-9a-f-]{36})$/.exec(id ?? '')?.[1];
  if (batch === undefined)
    throw new Failure('invalid', 'The transfer is not valid: expected the id that was answered.');
  return batch;
}

/**
 * FilePond's server protocol: the id it keeps, and sends with its form, is the original's key (without the extension
 * when it came in chunks: a public id all the same).
 */
export function routeFilepond(app: Hono<Environment>, options: UploadRoutesOptions): void {
  const { uploads } = options;

  function problem(c: AppContext, report: BatchReport): Response {
    return reportResponse(c, report, { origin: originOf(c, options), addresses: uploads.addresses }, 200);
  }

  app.post(path, async (c) => {
    const uploader = requireUploader(c, options);
    const signal = clientSignal(c);
    const length = wholeNumber(c.req.header('upload-length'));
    if (length !== undefined) {
      await textOf(c, 64 * 1024);
      const { files } = await uploads.promise({ bytes: length }, { expiresSeconds, owner: uploader.name, signal });
      return c.text(files[0]?.key ?? '', 201);
    }
    const report = await uploads.receive(incomingFiles(c, uploader), { owner: uploader.name, signal });
    const [file] = report.files;
    return file?.status === 'published' ? c.text(file.key, 201) : problem(c, report);
  });

  app.patch(path, async (c) => {
    requireUploader(c, options);
    const batch = batchOf(c.req.query('patch'));
    const offset = wholeNumber(c.req.header('upload-offset'));
    if (offset === undefined) throw new Failure('invalid', 'A chunk needs its Upload-Offset.');
    const bytes = lengthOf(c);
    const report = await uploads.append(batch, offset, { body: bodyOf(c), bytes }, clientSignal(c));
    if (report?.published === false) return problem(c, report);
    return c.body(null, 204, { 'Upload-Offset': String(offset + (bytes ?? 0)) });
  });

  app.get(path, async (c) => {
    requireUploader(c, options);
    const transfer = c.req.query('patch');
    if (transfer !== undefined) {
      const arrived = await uploads.arrived(batchOf(transfer), clientSignal(c));
      return c.body(null, 200, { 'Upload-Offset': String(arrived) });
    }
    const id = c.req.query('load') ?? c.req.query('restore');
    const url = id === undefined ? undefined : urlsOf(id, { origin: '', addresses: uploads.addresses })['original'];
    if (url === undefined) throw new Failure('not_found', 'Expected ?patch=, ?load= or ?restore= with an id.');
    return c.redirect(url, 303);
  });

  app.delete(path, async (c) => {
    const uploader = requireUploader(c, options);
    const id = (await textOf(c, maxIdBytes)).trim();
    const signal = clientSignal(c);
    try {
      await uploads.revert(id, { owner: uploader.isAdmin ? undefined : uploader.name, signal });
    } catch (error) {
      if (!isFailure(error, 'not_found')) throw error;
      // Not published yet: what has arrived of it goes.
      await uploads.abort(batchOf(id), signal);
    }
    return c.body(null, 204);
  });
}
