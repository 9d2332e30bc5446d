import { randomUUID } from 'node:crypto';
import {
  DeleteObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type PutObjectCommandOutput,
} from '@aws-sdk/client-s3';
import { unlessAborted } from '../../deadline.ts';
import type { ReadOptions, StoreConditions } from '../store.ts';
import { objectAt, type S3StoreParts } from './bucket.ts';
import { callStore } from './call.ts';
import { meansTaken, meansUnknown } from './failures.ts';
import { unquotedEtag } from './info.ts';
import type { EtagForm, S3Conditions } from './known-conditions.ts';

/** AWS's. */
export const allConditions: S3Conditions = { createsOnly: true, putIfMatch: 'quoted', deleteIfMatch: 'quoted' };

const someBytes = Buffer.from('conditions');
/** MD5 of nothing that anybody stores. */
const wrongEtag = '00000000000000000000000000000000';

/** What the store decides itself, tried once with an object that no URL names and no listing of ours shows for long. */
export async function conditionsOf(parts: S3StoreParts, signal: AbortSignal | undefined): Promise<S3Conditions> {
  const { conditions } = parts;
  if (conditions.known !== undefined) return conditions.known;
  // Not by the signal of whoever is first: others wait for it, too.
  conditions.trying ??= learn(parts).finally(() => {
    conditions.trying = undefined;
  });
  return unlessAborted(conditions.trying, signal);
}

async function learn(parts: S3StoreParts): Promise<S3Conditions> {
  const known = await tryConditions(parts);
  parts.conditions.known = known;
  return known;
}

/** The same, as those who do not know S3 understand it. */
export async function storeConditions(parts: S3StoreParts, { signal }: ReadOptions): Promise<StoreConditions> {
  const { createsOnly, putIfMatch, deleteIfMatch } = await conditionsOf(parts, signal);
  return { createsOnly, putsUnchanged: putIfMatch !== 'none', deletesUnchanged: deleteIfMatch !== 'none' };
}

/** An etag as a condition says it. */
export function writtenEtag(etag: string, form: Exclude<EtagForm, 'none'>): string {
  return form === 'quoted' ? `"${etag}"` : etag;
}

interface Trial {
  readonly parts: S3StoreParts;
  readonly key: string;
}

async function tryConditions(parts: S3StoreParts): Promise<S3Conditions> {
  const trial: Trial = { parts, key: `.fovea-conditions-${randomUUID()}` };
  try {
    const createsOnly = await triesCreateOnly(trial);
    const put = await send(trial, {});
    const etag = put === undefined ? wrongEtag : unquotedEtag(put);
    const putIfMatch = await triedForm(
      etag,
      async (written) => (await send(trial, { IfMatch: written })) !== undefined,
    );
    return { createsOnly, putIfMatch, deleteIfMatch: await triedForm(etag, (written) => remove(trial, written)) };
  } finally {
    await remove(trial, undefined).catch(() => false);
  }
}

async function triesCreateOnly(trial: Trial): Promise<boolean> {
  const first = await send(trial, { IfNoneMatch: '*' });
  return first !== undefined && (await send(trial, { IfNoneMatch: '*' })) === undefined;
}

/** The form in which the right etag is taken, of a store that refuses a wrong one. */
async function triedForm(etag: string, isTaken: (written: string) => Promise<boolean>): Promise<EtagForm> {
  if (await isTaken(writtenEtag(wrongEtag, 'quoted'))) return 'none';
  for (const form of ['quoted', 'bare'] as const) if (await isTaken(writtenEtag(etag, form))) return form;
  return 'none';
}

/** Undefined where the condition, or any of its kind, was refused. */
function send(
  { parts, key }: Trial,
  condition: Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'>,
): Promise<PutObjectCommandOutput | undefined> {
  const input = { ...objectAt(parts, key), Body: someBytes, ContentLength: someBytes.length, ...condition };
  return refusable(parts, (abortSignal) => parts.client.send(new PutObjectCommand(input), { abortSignal }));
}

async function remove({ parts, key }: Trial, written: string | undefined): Promise<boolean> {
  const input = { ...objectAt(parts, key), ...(written === undefined ? {} : { IfMatch: written }) };
  const sent = await refusable(parts, (abortSignal) =>
    parts.client.send(new DeleteObjectCommand(input), { abortSignal }),
  );
  return sent !== undefined;
}

function refusable<Output>(
  { operationTimeoutMs }: S3StoreParts,
  call: (signal: AbortSignal) => Promise<Output>,
): Promise<Output | undefined> {
  return callStore(operationTimeoutMs, undefined, async (deadline) => {
    try {
      return await call(deadline.signal);
    } catch (error) {
      if (meansTaken(error) || meansUnknown(error)) return undefined;
      throw error;
    }
  });
}
