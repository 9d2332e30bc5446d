import { z } from 'zod';
import { Failure } from '../../failure.ts';
import { maxFiles, type PresignedFile } from '../../uploads/index.ts';
import { noteChanged } from '../audit.ts';
import { jsonOf } from '../bodies.ts';
import { type AppContext, clientSignal } from '../context.ts';
import { callerOf, ownershipOf, type Uploader } from '../guards.ts';
import { originOf, reportResponse } from './answers.ts';
import type { UploadRoutesOptions } from './options.ts';

/** Long enough for a batch over a slow line; what was signed cannot be taken back before. */
const defaultExpirySeconds = 3600;
const expirySeconds = z
  .number()
  .int()
  .min(10)
  .max(12 * 3600)
  .default(defaultExpirySeconds);

export const presignBody = z.strictObject({
  files: z
    .array(
      z.strictObject({
        filename: z.string().max(500).optional(),
        type: z.string().max(200),
        bytes: z.number().int().min(1),
        key: z.string().optional(),
        sha256: z.string().optional(),
        focus: z.strictObject({ x: z.number().min(0).max(1), y: z.number().min(0).max(1) }).optional(),
      }),
    )
    .min(1)
    .max(maxFiles),
  atomic: z.boolean().default(true),
  method: z.enum(['POST', 'PUT']).default('POST'),
  expiresSeconds: expirySeconds,
});
const expectedPresign =
  '{files: [{filename, type, bytes, key?, sha256?, focus?: {x, y}}], atomic?: boolean, method?: "POST" | "PUT", expiresSeconds?}';

const most = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional();
export const ticketBody = z.strictObject({ expiresSeconds: expirySeconds, batches: most, files: most, bytes: most });

/** How clients read an address: plain data. */
function shownAddress({ key, method, url, headers, fields, expires }: PresignedFile) {
  return {
    key,
    method,
    url,
    ...(headers === undefined ? {} : { headers }),
    ...(fields === undefined ? {} : { fields }),
    expires: expires.toISOString(),
  };
}

/** Addresses for the files of a batch. */
export async function answerPresigning(
  c: AppContext,
  uploader: Uploader,
  options: UploadRoutesOptions,
): Promise<Response> {
  const { files, ...how } = await jsonOf(c, presignBody, expectedPresign);
  if (!uploader.isAdmin && files.some(({ key }) => key !== undefined)) {
    throw new Failure('invalid', 'With a ticket keys are made here: expected no key.');
  }
  const { batch, expires, uploads } = await options.uploads.presign(files, {
    ...how,
    automatic: false,
    origin: originOf(c, options),
    ...ownershipOf(uploader),
    signal: clientSignal(c),
  });
  noteChanged(c, uploads.length);
  return c.json({ batch, expires: expires.toISOString(), uploads: uploads.map(shownAddress) }, 201);
}

/** A ticket lets a browser upload without the admin token. */
export async function answerTicket(c: AppContext, options: UploadRoutesOptions): Promise<Response> {
  const expected = '{expiresSeconds?, batches?, files?, bytes?: number}';
  const { expiresSeconds, ...asked } = await jsonOf(c, ticketBody, expected);
  const allowance = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  const { ticket, expires } = await options.uploads.ticket(expiresSeconds, allowance);
  noteChanged(c, 1);
  const endpoint = `${originOf(c, options)}/-/uploads/tickets/${ticket}`;
  return c.json({ ticket, endpoint, expires: expires.toISOString() }, 201);
}

/** Publishes a batch, whole or not at all. */
export async function answerCommit(c: AppContext, uploader: Uploader, options: UploadRoutesOptions): Promise<Response> {
  const report = await options.uploads.commit(c.req.param('batch') ?? '', callerOf(c, uploader));
  return reportResponse(c, report, { ...options, status: 200 });
}

/** Gives a batch up, with what has come of it. */
export async function answerAbortion(
  c: AppContext,
  uploader: Uploader,
  { uploads }: UploadRoutesOptions,
): Promise<Response> {
  await uploads.abort(c.req.param('batch') ?? '', callerOf(c, uploader));
  noteChanged(c, 1);
  return c.body(null, 204);
}
