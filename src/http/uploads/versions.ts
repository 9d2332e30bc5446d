import { z } from 'zod';
import { Failure } from '../../failure.ts';
import { notFound } from '../../variants/index.ts';
import { toResponse } from '../answer.ts';
import { noteChanged } from '../audit.ts';
import { jsonOf } from '../bodies.ts';
import { type AppContext, clientSignal, keyBehind } from '../context.ts';
import { conditionAnswer } from '../failures.ts';
import type { ReplaceParts } from './replace.ts';

export const restoreBody = z.strictObject({ version: z.string().min(1).max(1024) });

/** As long as a purge may take, which follows: it goes on when its client leaves. */
const restoreTimeoutMs = 15 * 60_000;

/** `GET /-/versions/<key>`: earlier states of an original, where the bucket keeps them. */
export async function answerVersions(c: AppContext, { uploads }: ReplaceParts): Promise<Response> {
  const key = keyBehind(c, '/-/versions/');
  if (uploads.versions === undefined) return noVersions(c);
  const kept = await uploads.versions.list(key, clientSignal(c));
  if (kept.length === 0) throw notFound(key);
  const versions = kept.map(({ size: bytes, ...one }) => ({ ...one, isDeleted: bytes === undefined, bytes }));
  return c.json({ key, versions }, 200, { 'Cache-Control': 'no-store' });
}

/** `POST /-/versions/<key>`: an earlier state in the place of what is there, or where it was deleted. */
export async function answerRestoration(c: AppContext, { uploads, variants }: ReplaceParts): Promise<Response> {
  const key = keyBehind(c, '/-/versions/');
  const { version } = await jsonOf(c, restoreBody, '{version} with an id that GET tells');
  if (uploads.versions === undefined) return noVersions(c);
  const signal = AbortSignal.timeout(restoreTimeoutMs);
  const restored = await uploads.versions.restore(key, version, signal);
  if (restored === 'unversioned') return unversioned(c);
  if (restored === 'unknown')
    throw new Failure('not_found', 'The original has no such version that could be restored.');
  noteChanged(c, 1);
  const purged = await variants.purge({ keys: [key] }, { signal, reference: c.get('requestId') });
  const { variantsDeleted, memoryEvicted, edge } = purged;
  const told = { key, version, bytes: restored.size, variantsDeleted, memoryEvicted, edge };
  return c.json(told, 200, { 'Cache-Control': 'no-store' });
}

function noVersions(c: AppContext): Response {
  const detail =
    'A folder keeps no versions, and of several stores none are told: only one bucket with versioning has them.';
  return problem(c, { status: 501, title: 'Not implemented', detail });
}

function unversioned(c: AppContext): Response {
  const detail = 'The bucket keeps no versions: what was there before is gone, unless versioning is turned on first.';
  return problem(c, { status: 409, title: 'Conflict', detail });
}

function problem(c: AppContext, told: { readonly status: number; readonly title: string; readonly detail: string }) {
  return toResponse(conditionAnswer({ ...told, requestId: c.get('requestId') }));
}
