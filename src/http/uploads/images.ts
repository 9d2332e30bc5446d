import { Failure } from '../../failure.ts';
import type { IncomingFile } from '../../uploads/index.ts';
import { bodyOf, lengthOf } from '../bodies.ts';
import { type AppContext, clientSignal } from '../context.ts';
import type { Uploader } from '../guards.ts';
import { reportResponse } from './answers.ts';
import { formFiles, isForm } from './form.ts';
import type { UploadRoutesOptions } from './options.ts';

/** The files a request brings: of a form, with a field `key` before each file that shall have one; or its body alone. */
export async function* incomingFiles(c: AppContext, uploader: Uploader): AsyncGenerator<IncomingFile> {
  if (!isForm(c)) {
    const claim = c.req.header('content-type') ?? '';
    if (!claim.startsWith('image/')) {
      throw new Failure('unsupported', 'Expected multipart/form-data with a file, or a picture as the body.');
    }
    const key = allowedKey(c.req.query('key'), uploader);
    yield { claim, body: bodyOf(c), ...(key === undefined ? {} : { key }) };
    return;
  }
  for await (const { fields, claim, body } of formFiles(c)) {
    yield { key: allowedKey(fields.get('key'), uploader), claim, body };
  }
}

function allowedKey(key: string | undefined, { isAdmin }: Uploader): string | undefined {
  if (key === undefined || key === '') return undefined;
  if (isAdmin) return key;
  throw new Failure('invalid', 'With a ticket keys are made here: expected no key.');
}

/** Uploads in one request, for forms and for `curl -F image=@photo.jpg`. */
export async function answerImages(c: AppContext, uploader: Uploader, options: UploadRoutesOptions): Promise<Response> {
  const report = await options.uploads.receive(incomingFiles(c, uploader), {
    ticket: uploader.ticket,
    bytes: lengthOf(c),
    signal: clientSignal(c),
  });
  return reportResponse(c, report, { ...options, status: 201 });
}
