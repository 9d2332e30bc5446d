import type { Hono } from 'hono';
import { Failure } from '../../failure.ts';
import type { Placed, PlacedBody } from '../../uploads/index.ts';
import { type AppContext, clientSignal, type Environment } from '../context.ts';
import { originOf } from './access.ts';
import { reportResponse, urlsOf } from './answers.ts';
import { bodyOf, lengthOf } from './bodies.ts';
import { formFiles, isForm } from './form.ts';
import type { UploadRoutesOptions } from './options.ts';

/** What a form or a plain body brings to a signed address; only the first file of a form is looked at. */
async function place(c: AppContext, { uploads }: UploadRoutesOptions): Promise<Placed> {
  const token = c.req.param('token') ?? '';
  const signal = clientSignal(c);
  if (!isForm(c)) {
    const claim = c.req.header('content-type');
    return uploads.place(token, { claim, bytes: lengthOf(c), body: bodyOf(c) }, signal);
  }
  for await (const { fields, claim, body } of formFiles(c)) {
    // As in S3's policies the field says what is stored, and browsers' own guess matters only without one.
    const placed: PlacedBody = { claim: fields.get('Content-Type') ?? claim, body };
    // Awaited here: leaving the loop ends the form, and with it the file that is being read.
    return await uploads.place(token, placed, signal);
  }
  throw new Failure('invalid', 'No file came: expected a form field "file" after the other fields.');
}

/** The folder store's stand-in for what S3 does with signed uploads; the address is its own permission. */
export function routeFiles(app: Hono<Environment>, options: UploadRoutesOptions): void {
  app.on(['PUT', 'POST'], '/-/uploads/files/:token', async (c) => {
    const placed = await place(c, options);
    const book = { origin: originOf(c, options), addresses: options.uploads.addresses };
    if (placed.state === 'staged') {
      return c.json({ key: placed.key }, c.req.method === 'PUT' ? 200 : 201, { ETag: `"${placed.etag}"` });
    }
    const response = reportResponse(c, placed.report, book, 201);
    if (placed.report.published) response.headers.set('ETag', `"${placed.report.batch}"`);
    return response;
  });

  // Clients of S3 take `<address>/<key>` for the place of what they sent.
  app.get('/-/uploads/files/:token/:key{.+}', (c) => {
    const url = urlsOf(c.req.param('key'), { origin: '', addresses: options.uploads.addresses })['original'];
    if (url === undefined) throw new Failure('not_found', 'This original has no public address.');
    return c.redirect(url, 303);
  });
}
