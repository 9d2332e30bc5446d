import PQueue from 'p-queue';
import { z } from 'zod';
import { batchesOf } from '../batches.ts';
import { Failure } from '../failure.ts';
import { checkId } from '../grammar/index.ts';
import type { Telemetry } from '../telemetry.ts';
import { checkMoves, type Erased, type Move, type Moved, notFound, type Variants } from '../variants/index.ts';
import { noteChanged } from './audit.ts';
import { type AccessPolicy, isProtected } from './authorise.ts';
import { jsonOf } from './bodies.ts';
import { type AppContext, clientSignal } from './context.ts';
import { toldFailure } from './failures.ts';
import { ndjsonResponse } from './ndjson.ts';
import { shownOriginal } from './original.ts';
import { reportError } from './report-error.ts';

/** What the holder of the admin token may do with many originals in one request. */
export interface ManyOriginalsParts {
  readonly variants: Pick<Variants, 'stat' | 'erase' | 'move'>;
  readonly images: { readonly policy: Pick<AccessPolicy, 'protected'> };
  readonly telemetry: Telemetry;
}

/** In one request: as many as the CDN takes in one call. */
const maxKeys = 1000;
/** Done together, and then told: the CDN hears of them in one go, and whoever looks sees that it moves. */
const doneTogether = 100;
/** Calls of the store. */
const looksAtOnce = 8;
/** Of those that are done together; half of one helps nobody, so they are when the client leaves. */
const togetherTimeoutMs = 15 * 60_000;

const key = z.string().min(1).max(1024);
const keys = z.array(key).min(1).max(maxKeys);
const isProtectedToo = z.boolean().default(false);

export const manyBody = z.union([
  z.strictObject({ stat: keys }),
  z.strictObject({ delete: keys, dryRun: z.boolean().default(false), protected: isProtectedToo }),
  z.strictObject({
    move: z
      .array(z.strictObject({ from: key, to: key }))
      .min(1)
      .max(maxKeys),
    protected: isProtectedToo,
  }),
]);

type Many = z.infer<typeof manyBody>;
const expected = `{stat: keys}, {delete: keys, dryRun?, protected?} or {move: [{from, to}], protected?}, at most ${maxKeys} of them`;

/** `POST /-/originals`: a line for each original as it is done, in their order, and one for all of them at the end. */
export async function answerManyOriginals(c: AppContext, parts: ManyOriginalsParts): Promise<Response> {
  const many = await jsonOf(c, manyBody, expected);
  check(many, parts.images.policy);
  const tally: Tally = { done: 0, failed: 0, variantsDeleted: 0, memoryEvicted: 0, edge: [] };
  return ndjsonResponse(c, linesOf({ ...parts, c, tally }, many));
}

/** All of it before anything is done. */
function check(many: Many, policy: Pick<AccessPolicy, 'protected'>): void {
  if ('move' in many) checkMoves(many.move);
  const named = 'move' in many ? many.move.map(({ from }) => from) : 'delete' in many ? many.delete : many.stat;
  for (const key of named) checkId(key);
  if (new Set(named).size < named.length) throw new Failure('invalid', 'A key comes twice: expected each once.');
  if ('stat' in many || many.protected) return;
  const found = named.find((key) => isProtected(key, policy));
  if (found === undefined) return;
  throw new Failure('invalid', `${found} is in a protected folder: add "protected": true to have it go all the same.`);
}

/** What all of them came to. */
interface Tally {
  done: number;
  failed: number;
  variantsDeleted: number;
  memoryEvicted: number;
  readonly edge: Erased['edge'][number][];
}

interface Doing extends ManyOriginalsParts {
  readonly c: AppContext;
  readonly tally: Tally;
}

type Line = Readonly<Record<string, unknown>>;

/** A client that leaves has no more of them done than those that are under way together. */
async function* linesOf(doing: Doing, many: Many): AsyncGenerator<Line, void, undefined> {
  const { c, tally, telemetry } = doing;
  let failure: unknown;
  try {
    for (const some of inPieces(doing, many)) for (const line of await some()) yield line;
  } catch (error) {
    reportError(c, error, telemetry);
    failure = error;
  }
  yield { id: c.get('requestId'), ...tally, ...(failure !== undefined && { error: toldFailure(failure) }) };
}

function* inPieces(doing: Doing, many: Many): Generator<() => Promise<readonly Line[]>, void, undefined> {
  if ('stat' in many) for (const some of batchesOf(many.stat, doneTogether)) yield () => stat(doing, some);
  else if ('delete' in many)
    for (const some of batchesOf(many.delete, doneTogether)) yield () => erase(doing, some, many.dryRun);
  else for (const some of batchesOf(many.move, doneTogether)) yield () => move(doing, some);
}

async function stat({ c, variants, images, tally }: Doing, some: readonly string[]): Promise<readonly Line[]> {
  const calls = new PQueue({ concurrency: looksAtOnce });
  const states = await calls.addAll(some.map((key) => () => variants.stat(key, clientSignal(c))));
  return some.map((key, index) => {
    const state = states[index];
    tally[state === undefined ? 'failed' : 'done'] += 1;
    return state === undefined ? { key, error: toldFailure(notFound(key)) } : shownOriginal(state, images.policy);
  });
}

async function erase({ c, variants, tally }: Doing, some: readonly string[], isDry: boolean): Promise<readonly Line[]> {
  const erasable = some.map((key) => ({ key }));
  const erased = await variants.erase(erasable, { ...togetherOptions(c), isDry });
  add(tally, erased);
  tally.done += some.length;
  if (!isDry) noteChanged(c, some.length);
  const deleted = new Set(erased.deleted);
  return some.map((key) => ({ key, dryRun: isDry, wasThere: deleted.has(key) }));
}

async function move({ c, variants, tally }: Doing, some: readonly Move[]): Promise<readonly Line[]> {
  const { failures, erased } = await variants.move(some, togetherOptions(c));
  add(tally, erased);
  const failed = failures.filter((failure) => failure !== undefined).length;
  tally.failed += failed;
  tally.done += some.length - failed;
  noteChanged(c, some.length - failed);
  return some.map((one, index) => {
    const failure = failures[index];
    return failure === undefined ? { ...one } : { ...one, error: toldFailure(failure) };
  });
}

/** One reference for each piece: to the CDN it is a purge of its own. */
function togetherOptions(c: AppContext) {
  return {
    signal: AbortSignal.timeout(togetherTimeoutMs),
    reference: `${c.get('requestId')}-${c.get('changed') ?? 0}`,
  };
}

function add(
  tally: Tally,
  { variantsDeleted, memoryEvicted, edge }: Omit<Tally, 'done' | 'failed'> | Moved['erased'],
): void {
  tally.variantsDeleted += variantsDeleted;
  tally.memoryEvicted += memoryEvicted;
  tally.edge.push(...edge);
}
