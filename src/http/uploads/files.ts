import { Failure } from '../../failure.ts';
import type { Placed, PlacedBody, PlaceToken } from '../../uploads/index.ts';
import { bodyOf, lengthOf } from '../bodies.ts';
import { type AppContext, clientSignal } from '../context.ts';
import { leadTo, reportResponse } from './answers.ts';
import { formParts, isForm } from './form.ts';
import type { UploadRoutesOptions } from './options.ts';

/** What a form or a plain body brings to a presigned address; only the first file of a form is looked at. */
async function place(c: AppContext, token: PlaceToken, { uploads }: UploadRoutesOptions): Promise<Placed> {
  const signal = clientSignal(c);
  if (!isForm(c)) {
    const claim = c.req.header('content-type');
    return uploads.place(token, { claim, bytes: lengthOf(c), body: bodyOf(c) }, signal);
  }
  const fields = new Map<string, string>();
  for await (const part of formParts(c)) {
    if (part.type === 'field') fields.set(part.name, part.value);
    if (part.type !== 'file') continue;
    // As in S3's policies the fields say what is stored where, and browsers' own guess matters only without one.
    const claim = fields.get('Content-Type') ?? part.claim;
    // The form's length is its file's and a little more.
    const placed: PlacedBody = { key: fields.get('key'), claim, atMost: lengthOf(c), body: part.body };
    // Awaited here: leaving the loop ends the form, and with it the file that is being read.
    return await uploads.place(token, placed, signal);
  }
  throw new Failure('invalid', 'No file came: expected a form field "file" after the other fields.');
}

/** The folder store's stand-in for what S3 does with presigned uploads; the address is its own permission. */
export async function answerPlacing(c: AppContext, token: PlaceToken, options: UploadRoutesOptions): Promise<Response> {
  const placed = await place(c, token, options);
  if (placed.state === 'staged') {
    return c.json({ key: placed.key }, c.req.method === 'PUT' ? 200 : 201, { ETag: `"${placed.etag}"` });
  }
  const response = reportResponse(c, placed.report, { ...options, status: 201 });
  if (placed.report.published) response.headers.set('ETag', `"${placed.report.batch}"`);
  return response;
}

/** Leads to what this very address has published, and to nothing else: a name from outside decides no signature. */
export async function leadToPlaced(
  c: AppContext,
  { batch }: PlaceToken,
  options: UploadRoutesOptions,
): Promise<Response> {
  const caller = { batch, owner: undefined, signal: clientSignal(c) };
  const key = await options.uploads.published(c.req.param('key') ?? '', caller);
  return leadTo(c, key, { ...options, refusal: 'This address has published no original of that name.' });
}
