import { z } from 'zod';
import { Failure } from '../failure.ts';
import { type Position, positionIn } from '../image/index.ts';
import { type ObjectStore, readBody } from '../storage/index.ts';
import { type Erased, notFound, type OriginalState, type Variants } from '../variants/index.ts';
import { toResponse } from './answer.ts';
import { noteChanged } from './audit.ts';
import { type AccessPolicy, isProtected } from './authorise.ts';
import { type AppContext, clientSignal, keyBehind } from './context.ts';
import { unwantedAnswer } from './failures.ts';
import { matchesStrongly } from './headers.ts';

/** What the holder of the admin token is told of one original, and may do with it. */
export interface OriginalParts {
  readonly originals: Pick<ObjectStore, 'get'>;
  readonly variants: Pick<Variants, 'stat' | 'erase'>;
  readonly images: { readonly policy: Pick<AccessPolicy, 'protected'> };
}

/** Bytes in which a file's own words lie, and what is held for one of these questions. */
const mostLooked = 16 * 1024 * 1024;

/** An erasure goes on when its client leaves, since half of one helps nobody: this is its bound instead. */
const erasureTimeoutMs = 15 * 60_000;

/** `GET /-/originals/<key>`: an original as the store has it now, whatever is remembered of it. */
export async function answerOriginal(c: AppContext, { originals, variants, images }: OriginalParts): Promise<Response> {
  const key = keyBehind(c, '/-/originals/');
  const isWhereWanted = queryOf(c, originalQuery).position === 'true';
  const state = await variants.stat(key, clientSignal(c));
  if (state === undefined) throw notFound(key);
  const headers = { ETag: state.answeredEtag, 'Cache-Control': 'no-store' };
  const position = isWhereWanted ? await positionOf(originals, key, clientSignal(c)) : undefined;
  return c.json({ ...shownOriginal(state, images.policy), position }, 200, headers);
}

/** Where it was taken: told to nobody else, and only when asked for. */
async function positionOf(
  originals: OriginalParts['originals'],
  key: string,
  signal: AbortSignal,
): Promise<Position | undefined> {
  const range = { start: 0, end: mostLooked };
  const beginning = await originals.get(key, { signal, range });
  return beginning && positionIn(await readBody(beginning, { maxBytes: mostLooked, signal }));
}

/** What is told of an original. */
export function shownOriginal(state: OriginalState, policy: Pick<AccessPolicy, 'protected'>) {
  const { key, bytes, lastModified, contentType, focus, alt, answeredEtag: etag } = state;
  return { key, bytes, lastModified, contentType, focus, alt, isProtected: isProtected(key, policy), etag };
}

const yesOrNo = z.enum(['true', 'false'], 'expected true or false').default('false');

/** The query of a look at one. */
export const originalQuery = z.strictObject({ position: yesOrNo });

/** The query of an erasure. */
export const erasureQuery = z.strictObject({ dryRun: yesOrNo, protected: yesOrNo });

/**
 * `DELETE /-/originals/<key>`: deletes it and everything made of it, down to the edge. May be repeated; of what is not
 * there, whatever was left goes.
 */
export async function answerErasure(c: AppContext, { variants, images }: OriginalParts): Promise<Response> {
  const key = keyBehind(c, '/-/originals/');
  const asked = queryOf(c, erasureQuery);
  if (isProtected(key, images.policy) && asked.protected === 'false') {
    throw new Failure(
      'invalid',
      'The original is in a protected folder: add protected=true to delete it all the same.',
    );
  }
  const signal = AbortSignal.timeout(erasureTimeoutMs);
  const seen = await seenState(c, key, { variants, signal });
  if (seen === 'another') return toResponse(unwantedAnswer(c.get('requestId')));
  const isDry = asked.dryRun === 'true';
  const erasable = { key, ...(seen !== undefined && { etag: seen.etag }) };
  const erased = await variants.erase([erasable], { signal, reference: c.get('requestId'), isDry });
  if (erased.changed.length > 0) return toResponse(unwantedAnswer(c.get('requestId')));
  noteChanged(c, isDry ? 0 : 1);
  return c.json({ id: c.get('requestId'), dryRun: isDry, ...told(key, erased) }, 200, { 'Cache-Control': 'no-store' });
}

function told(key: string, { deleted, variantsDeleted, memoryEvicted, edge }: Erased) {
  return { key, wasThere: deleted.length > 0, variantsDeleted, memoryEvicted, edge };
}

/** The original that If-Match names; `another` where that is not the one there; undefined where nothing is named. */
async function seenState(
  c: AppContext,
  key: string,
  { variants, signal }: { readonly variants: Pick<Variants, 'stat'>; readonly signal: AbortSignal },
): Promise<OriginalState | 'another' | undefined> {
  const ifMatch = c.req.header('if-match');
  if (ifMatch === undefined) return undefined;
  const state = await variants.stat(key, signal);
  return state !== undefined && matchesStrongly(ifMatch, state.answeredEtag) ? state : 'another';
}

function queryOf<Schema extends z.ZodType>(c: AppContext, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(c.req.query());
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Failure('invalid', `${issue?.path.join('.') || 'the query'}: ${issue?.message}.`);
}
