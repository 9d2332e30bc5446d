import { Failure } from '../../failure.ts';
import type { IncomingFile } from '../../uploads/index.ts';
import { bodyOf, lengthOf } from '../bodies.ts';
import { type AppContext, clientSignal } from '../context.ts';
import type { Uploader } from '../guards.ts';
import { reportResponse } from './answers.ts';
import { formParts, isForm } from './form.ts';
import type { UploadRoutesOptions } from './options.ts';

/** What browsers and programs say of bytes that they know nothing of; the bytes themselves tell. */
const ofAnyBody = /^(image\/|(application|binary)\/octet-stream(;|$)|$)/;

/** Failure `unsupported` for the type of a body that is no picture's. */
export function checkIsPicture(claim: string, expected = 'Expected a picture as the body.'): void {
  if (!ofAnyBody.test(claim)) throw new Failure('unsupported', expected);
}

/** The files a request brings: of a form, with a field `key` before each file that shall have one; or its body alone. */
export async function* incomingFiles(c: AppContext, uploader: Uploader): AsyncGenerator<IncomingFile> {
  if (isForm(c)) {
    yield* filesOfForm(c, uploader);
    return;
  }
  const claim = c.req.header('content-type') ?? '';
  const said = JSON.stringify(claim.slice(0, 100));
  checkIsPicture(
    claim,
    `Expected multipart/form-data with a file, or a picture as the body with its Content-Type, which says ${said}.`,
  );
  const key = allowedKey(c.req.query('key'), uploader);
  yield { claim, body: bodyOf(c), ...(key === undefined ? {} : { key }) };
}

/** Each key is that of the file right behind it: of any other order nobody can tell which picture was meant. */
async function* filesOfForm(c: AppContext, uploader: Uploader): AsyncGenerator<IncomingFile> {
  if (c.req.query('key') !== undefined) {
    throw new Failure('invalid', 'Of a form no key is taken from the address: expected a field "key" before its file.');
  }
  let key: string | undefined;
  for await (const part of formParts(c)) {
    if (part.type === 'field') {
      if (part.name !== 'key') continue;
      if (key !== undefined) throw strayKey(key);
      key = part.value;
    } else {
      if (part.type === 'file') yield { key: allowedKey(key, uploader), claim: part.claim, body: part.body };
      else if (key !== undefined && key !== '') throw strayKey(key);
      key = undefined;
    }
  }
  if (key !== undefined) throw strayKey(key);
}

function strayKey(key: string): Failure {
  const named = JSON.stringify(key.slice(0, 100));
  return new Failure('invalid', `No file follows the key ${named}: expected each field "key" right before its file.`);
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
