import type { Hono } from 'hono';
import { z } from 'zod';
import { Failure } from '../../failure.ts';
import { type AppContext, clientSignal, type Environment } from '../context.ts';
import { originOf, requireUploader } from './access.ts';
import { reportResponse, urlsOf } from './answers.ts';
import { jsonOf } from './bodies.ts';
import type { UploadRoutesOptions } from './options.ts';

/** As long as a page is usually open on its upload; Uppy asks anew for each file and part. */
const expiresSeconds = 3600;

/** Clients write out what they do not know. */
function known(text: string | null | undefined): string | undefined {
  return text === null || text === undefined || text === '' || text === 'undefined' || text === 'null'
    ? undefined
    : text.slice(0, 500);
}

const text = z.string().nullish();
const createBody = z.object({ filename: text, type: text });
const completeBody = z.object({
  parts: z.array(z.object({ PartNumber: z.number().int(), ETag: z.string() })).max(10_000),
});
const signBody = z.object({
  method: z.enum(['PUT', 'POST', 'GET', 'DELETE']),
  key: text,
  contentType: text,
  uploadId: text,
  partNumber: z.number().nullish(),
});

/**
 * The S3 routes of Uppy's Companion, for Uppy 5 and 6. Whoever uploads so never commits: a file sent whole comes
 * through us and is checked and published before Uppy hears of success; one sent in parts goes to the store directly,
 * and is published when Uppy says that it is complete.
 */
export function routeUppy(app: Hono<Environment>, options: UploadRoutesOptions, prefix: string): void {
  const { uploads } = options;

  async function signOne(
    c: AppContext,
    file: { filename?: string | undefined; type?: string | undefined },
    method: 'POST' | 'PUT',
  ) {
    const uploader = requireUploader(c, options);
    const { batch, uploads: signed } = await uploads.sign([file], {
      origin: originOf(c, options),
      method,
      atomic: true,
      automatic: true,
      expiresSeconds,
      owner: uploader.name,
      signal: clientSignal(c),
    });
    const [address] = signed;
    if (address === undefined) throw new Error('a batch of one has one address');
    return { ...address, batch };
  }

  app.get(`${prefix}/s3/params`, async (c) => {
    const file = { filename: known(c.req.query('filename')), type: known(c.req.query('type')) };
    const { method, url, fields, key, batch } = await signOne(c, file, 'POST');
    return c.json({ method, url, fields, headers: {}, expires: expiresSeconds, key, batch });
  });

  app.post(`${prefix}/s3/sign`, async (c) => {
    const asked = await jsonOf(c, signBody, '{method: "PUT" | "POST", key?, contentType?}');
    if (asked.uploadId || asked.partNumber || (asked.method !== 'PUT' && asked.method !== 'POST')) {
      throw new Failure('invalid', 'Only whole files are signed here; for parts take the Companion routes.');
    }
    const file = { filename: known(asked.key), type: known(asked.contentType) };
    const { method, url, fields, headers, key, expires } = await signOne(c, file, asked.method);
    return c.json({ method, url, key, headers: headers ?? {}, ...(fields === undefined ? {} : { fields }), expires });
  });

  app.post(`${prefix}/s3/multipart`, async (c) => {
    const uploader = requireUploader(c, options);
    const { filename, type } = await jsonOf(c, createBody, '{filename, type}');
    // A file without a name or a type is named after the type that its bytes have.
    const file = { filename: known(filename), type: known(type) };
    const signal = clientSignal(c);
    const { batch, files } = await uploads.promise(file, { expiresSeconds, owner: uploader.name, signal });
    return c.json({ key: files[0]?.key, uploadId: batch });
  });

  app.get(`${prefix}/s3/multipart/:uploadId`, async (c) => {
    requireUploader(c, options);
    const parts = await uploads.parts(c.req.param('uploadId') ?? '', clientSignal(c));
    return c.json(parts.map(({ number, bytes, etag }) => ({ PartNumber: number, Size: bytes, ETag: etag })));
  });

  app.get(`${prefix}/s3/multipart/:uploadId/:part`, async (c) => {
    requireUploader(c, options);
    const part = Number(c.req.param('part'));
    const place = { origin: originOf(c, options), signal: clientSignal(c) };
    const { url, headers } = await uploads.signPart(c.req.param('uploadId') ?? '', part, place);
    return c.json({ url, headers, expires: expiresSeconds });
  });

  app.post(`${prefix}/s3/multipart/:uploadId/complete`, async (c) => {
    requireUploader(c, options);
    const { parts } = await jsonOf(c, completeBody, '{parts: [{PartNumber, ETag}]}');
    const sent = parts.map(({ PartNumber, ETag }) => ({ number: PartNumber, etag: ETag.replace(/^"(.*)"$/, '$1') }));
    const report = await uploads.complete(c.req.param('uploadId') ?? '', sent, clientSignal(c));
    const book = { origin: originOf(c, options), addresses: uploads.addresses };
    const [file] = report.files;
    if (file?.status !== 'published') return reportResponse(c, report, book, 200);
    return c.json({ location: urlsOf(file.key, book)['original'], key: file.key });
  });

  app.delete(`${prefix}/s3/multipart/:uploadId`, async (c) => {
    requireUploader(c, options);
    await uploads.abort(c.req.param('uploadId') ?? '', clientSignal(c));
    return c.json({});
  });
}
