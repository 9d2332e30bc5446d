import { z } from 'zod';
import { Failure } from '../failure.ts';
import { reservedBeginning } from '../grammar/index.ts';
import type { ObjectInfo, ObjectStore } from '../storage/index.ts';
import { isReservedKey, type Variants } from '../variants/index.ts';
import { noteChanged } from './audit.ts';
import { jsonOf } from './bodies.ts';
import { type AppContext, clientSignal, keyBehind } from './context.ts';

/** What is told about originals to the holder of the admin token, and changed for them. */
export interface OriginalsParts {
  readonly originals: Pick<ObjectStore, 'list'>;
  readonly variants: Pick<Variants, 'setFocus' | 'setAlt'>;
}

/** Originals on one page; and keys that are looked at for it, at most. */
const [pageSize, mostLooked] = [100, 5_000];
/** Of UTF-8, as keys are. */
const maxKeyBytes = 1024;

/** `GET /-/originals?prefix=&page=`: keys in order, a page at a time; `next` is the `page` that follows. */
export async function answerOriginals(c: AppContext, { originals }: OriginalsParts): Promise<Response> {
  const prefix = keyIn(c, 'prefix');
  const page = keyIn(c, 'page');
  const { shown, next } = await pageOf(originals, { prefix, startAfter: page, signal: clientSignal(c) });
  return c.json(
    {
      originals: shown.map(({ key, size, lastModified }) => ({ key, bytes: size, lastModified })),
      ...(next !== undefined && { next }),
    },
    200,
    { 'Cache-Control': 'no-store' },
  );
}

function keyIn(c: AppContext, name: 'prefix' | 'page'): string {
  const key = c.req.query(name) ?? '';
  if (Buffer.byteLength(key) <= maxKeyBytes && !key.includes('\0')) return key;
  throw new Failure('invalid', `${name} takes a key or its beginning, of at most ${maxKeyBytes} bytes.`);
}

interface PageWanted {
  readonly prefix: string;
  readonly startAfter: string;
  readonly signal: AbortSignal;
}

interface Page {
  readonly shown: readonly ObjectInfo[];
  /** What the next page goes on behind, where there is more. */
  readonly next?: string;
}

/** A page of originals, without what lies beside them: in a bucket of both, their variants. */
async function pageOf(store: OriginalsParts['originals'], { prefix, startAfter, signal }: PageWanted): Promise<Page> {
  const shown: ObjectInfo[] = [];
  if (prefix.startsWith(reservedBeginning)) return { shown };
  let looked = 0;
  // Uploads under way may be many: where the first of them comes, a second listing goes on behind them all.
  for (const after of [startAfter, `${reservedBeginning}\u{10ffff}`]) {
    let isReserved = false;
    const options = { signal, ...(after !== '' && { startAfter: after }) };
    for await (const info of store.list(prefix, options)) {
      isReserved = info.key.startsWith(reservedBeginning);
      if (isReserved) break;
      const last = shown.at(-1);
      const isOriginal = !isReservedKey(info.key);
      if (isOriginal && last !== undefined && shown.length === pageSize) return { shown, next: last.key };
      if (isOriginal) shown.push(info);
      looked += 1;
      if (looked === mostLooked) return { shown, next: info.key };
    }
    if (!isReserved) break;
  }
  return { shown };
}

export const focusBody = z.union([
  z.strictObject({ x: z.number().min(0).max(1), y: z.number().min(0).max(1) }),
  z.strictObject({ clear: z.literal(true) }),
]);

/** As long as a purge may take, which follows. */
const sayingTimeoutMs = 15 * 60_000;

/** `PUT /-/focus/<key>`: says what matters most in an original, or takes that back. */
export async function answerFocus(c: AppContext, { variants }: OriginalsParts): Promise<Response> {
  const key = keyBehind(c, '/-/focus/');
  const said = await jsonOf(c, focusBody, '{x, y} with shares from 0 to 1, or {clear: true}');
  const focus = 'clear' in said ? undefined : said;
  await variants.setFocus(key, focus, {
    signal: AbortSignal.timeout(sayingTimeoutMs),
    reference: c.get('requestId'),
  });
  noteChanged(c, 1);
  return c.json({ key, focus: focus ?? null }, 200, { 'Cache-Control': 'no-store' });
}

export const altBody = z.union([
  z.strictObject({ alt: z.string().min(1).max(500) }),
  z.strictObject({ clear: z.literal(true) }),
]);

/** `PUT /-/alt/<key>`: says in words what an original shows, or takes that back. */
export async function answerAlt(c: AppContext, { variants }: OriginalsParts): Promise<Response> {
  const key = keyBehind(c, '/-/alt/');
  const said = await jsonOf(c, altBody, '{alt} with at most 500 characters, or {clear: true}');
  const alt = 'clear' in said ? undefined : said.alt;
  await variants.setAlt(key, alt, {
    signal: AbortSignal.timeout(sayingTimeoutMs),
    reference: c.get('requestId'),
  });
  noteChanged(c, 1);
  return c.json({ key, alt: alt ?? null }, 200, { 'Cache-Control': 'no-store' });
}
