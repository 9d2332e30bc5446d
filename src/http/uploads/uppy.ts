import { z } from 'zod';
import { Failure } from '../../failure.ts';
import type { FileToPresign, PresignedFile } from '../../uploads/index.ts';
import { noteChanged } from '../audit.ts';
import { jsonOf } from '../bodies.ts';
import { type AppContext, clientSignal } from '../context.ts';
import { callerOf, ownershipOf, type Uploader } from '../guards.ts';
import { originOf, reportResponse, urlsOf } from './answers.ts';
import type { UploadRoutesOptions } from './options.ts';

/*
 * The S3 routes of Uppy's Companion, for Uppy 5 and 6. Whoever uploads so never commits: a file sent whole comes
 * through us and is checked and published before Uppy hears of success; one sent in parts goes to the store directly,
 * and is published when Uppy says that it is complete.
 */

/** As long as a page is usually open on its upload; Uppy asks anew for each file and part. */
const expiresSeconds = 3600;

/** Clients write out what they do not know. */
function known(text: string | null | undefined): string | undefined {
  return text === null || text === undefined || text === '' || text === 'undefined' || text === 'null'
    ? undefined
    : text.slice(0, 500);
}

const text = z.string().nullish();
export const createBody = z.object({ filename: text, type: text });
export const completeBody = z.object({
  parts: z.array(z.object({ PartNumber: z.number().int(), ETag: z.string() })).max(10_000),
});
export const signBody = z.object({
  method: z.enum(['PUT', 'POST', 'GET', 'DELETE']),
  key: text,
  contentType: text,
  uploadId: text,
  partNumber: z.number().nullish(),
});

/** What Uppy wants to know: how long an address is worth anything. */
function secondsUntil(moment: Date): number {
  return Math.max(1, Math.round((moment.getTime() - Date.now()) / 1000));
}

interface PresignOneOptions extends UploadRoutesOptions {
  readonly uploader: Uploader;
  readonly method: 'POST' | 'PUT';
}

async function presignOne(
  c: AppContext,
  file: Pick<FileToPresign, 'filename' | 'type'>,
  { uploader, method, ...options }: PresignOneOptions,
): Promise<PresignedFile & { readonly batch: string }> {
  const { batch, uploads: signed } = await options.uploads.presign([file], {
    origin: originOf(c, options),
    method,
    atomic: true,
    automatic: true,
    expiresSeconds,
    ...ownershipOf(uploader),
    signal: clientSignal(c),
  });
  const [address] = signed;
  if (address === undefined) throw new Error('a batch of one has one address');
  noteChanged(c, 1);
  return { ...address, batch };
}

export async function answerParams(c: AppContext, uploader: Uploader, options: UploadRoutesOptions): Promise<Response> {
  const file = { filename: known(c.req.query('filename')), type: known(c.req.query('type')) };
  const signed = await presignOne(c, file, { ...options, uploader, method: 'POST' });
  const { method, url, fields, key, batch, expires } = signed;
  return c.json({ method, url, fields, headers: {}, expires: secondsUntil(expires), key, batch });
}

export async function answerSign(c: AppContext, uploader: Uploader, options: UploadRoutesOptions): Promise<Response> {
  const asked = await jsonOf(c, signBody, '{method: "PUT" | "POST", key?, contentType?}');
  const { method } = asked;
  if (asked.uploadId || asked.partNumber || (method !== 'PUT' && method !== 'POST')) {
    throw new Failure('invalid', 'Only whole files are signed here; for parts take the Companion routes.');
  }
  const file = { filename: known(asked.key), type: known(asked.contentType) };
  const signed = await presignOne(c, file, { ...options, uploader, method });
  const { url, fields, headers, key, expires } = signed;
  return c.json({ method, url, key, headers: headers ?? {}, ...(fields === undefined ? {} : { fields }), expires });
}

export async function answerCreate(
  c: AppContext,
  uploader: Uploader,
  { uploads }: UploadRoutesOptions,
): Promise<Response> {
  const { filename, type } = await jsonOf(c, createBody, '{filename, type}');
  // A file without a name or a type is named after the type that its bytes have.
  const file = { filename: known(filename), type: known(type) };
  const { batch, files } = await uploads.promise(file, {
    expiresSeconds,
    ...ownershipOf(uploader),
    signal: clientSignal(c),
  });
  noteChanged(c, 1);
  return c.json({ key: files[0]?.key, uploadId: batch });
}

export async function answerParts(
  c: AppContext,
  uploader: Uploader,
  { uploads }: UploadRoutesOptions,
): Promise<Response> {
  const parts = await uploads.parts(c.req.param('uploadId') ?? '', callerOf(c, uploader));
  return c.json(parts.map(({ number, bytes, etag }) => ({ PartNumber: number, Size: bytes, ETag: etag })));
}

export async function answerPart(c: AppContext, uploader: Uploader, options: UploadRoutesOptions): Promise<Response> {
  const part = Number(c.req.param('part'));
  const place = { part, origin: originOf(c, options), ...callerOf(c, uploader) };
  const { url, headers, expires } = await options.uploads.presignPart(c.req.param('uploadId') ?? '', place);
  return c.json({ url, headers, expires: secondsUntil(expires) });
}

export async function answerComplete(
  c: AppContext,
  uploader: Uploader,
  options: UploadRoutesOptions,
): Promise<Response> {
  const { uploads } = options;
  const { parts } = await jsonOf(c, completeBody, '{parts: [{PartNumber, ETag}]}');
  const sent = parts.map(({ PartNumber, ETag }) => ({ number: PartNumber, etag: ETag.replace(/^"(.*)"$/, '$1') }));
  const report = await uploads.complete(c.req.param('uploadId') ?? '', sent, callerOf(c, uploader));
  const [file] = report.files;
  if (file?.status !== 'published') return reportResponse(c, report, { ...options, status: 200 });
  noteChanged(c, 1);
  return c.json({ location: urlsOf(c, file.key, options)['original'], key: file.key });
}

export async function answerAbort(
  c: AppContext,
  uploader: Uploader,
  { uploads }: UploadRoutesOptions,
): Promise<Response> {
  await uploads.abort(c.req.param('uploadId') ?? '', callerOf(c, uploader));
  noteChanged(c, 1);
  return c.json({});
}
