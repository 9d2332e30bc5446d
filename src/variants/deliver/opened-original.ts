import type { ByteRange } from '../../byte-range.ts';
import { Failure } from '../../failure.ts';
import { contentTypeOf, headBytes } from '../../image/index.ts';
import { type GetOptions, type ObjectStore, readBody, type StoredObject } from '../../storage/index.ts';
import type { Epochs } from '../identify/epochs.ts';
import { type IdentifiedOriginal, isOutdated } from '../identify/identified.ts';
import { originalEtag, type SourceVersion, versionOf } from '../identify/identity.ts';
import { notFound } from '../identify/not-found.ts';
import type { Versions } from '../identify/versions.ts';
import type { Body } from './bodies.ts';
import { type AskedPart, partOf } from './part.ts';
import { peek } from './peek.ts';

export interface OpenedOriginal extends Body {
  /** Strong entity tag of these bytes, quoted: not that of what was looked up, where the original was overwritten since. */
  readonly etag: string;
  /** Of these bytes, too. */
  readonly lastModified: Date;
  /** By the first bytes, never by name or by what an uploader claimed; undefined for what is no picture of ours. */
  readonly contentType: string | undefined;
  /** False when a purge overtook it while it was opened: it may be answered once, but nobody may keep it. */
  readonly isCurrent: boolean;
}

export interface OpenOriginalOptions {
  readonly signal: AbortSignal;
  /** By default the whole is opened. */
  readonly part?: AskedPart | undefined;
}

/** Media types of originals by the state that they were looked at in; undefined for what is no picture of ours. */
export type KnownTypes = WeakMap<SourceVersion, string | undefined>;

export interface OpenOriginalParts {
  readonly originalsStore: Pick<ObjectStore, 'get'>;
  readonly versions: Versions;
  readonly epochs: Epochs;
  readonly types: KnownTypes;
}

/** How often an original is opened that changes while it is asked for a part: only one that keeps changing needs more. */
const maxOpenings = 5;

/** What is asked for, and the state of the original in which that is reckoned. */
interface Opening {
  readonly source: string;
  readonly state: SourceVersion;
  readonly asked: AskedPart | undefined;
}

/** An original in one state: opened, or in another state than was reckoned with. */
type OpenedIn = SourceVersion | (Omit<OpenedOriginal, 'isCurrent' | 'etag'> & Pick<SourceVersion, 'version'>);

/**
 * The original's untouched bytes, or a part of them: of a part nothing else is read but, once, the beginning. A stream
 * is read to its end or destroyed by the caller. Failures: `not_found`; `upstream` when it keeps changing; the store's.
 */
export async function openOriginal(
  parts: OpenOriginalParts,
  identified: IdentifiedOriginal,
  { signal, part: asked }: OpenOriginalOptions,
): Promise<OpenedOriginal> {
  const { source } = identified.identity;
  let { state } = identified.identity;
  for (let openings = 1; openings <= maxOpenings; openings += 1) {
    const opened = await openIn(parts, { source, state, asked }, signal);
    // What was looked up is believed for a while, and the store has the last word.
    if (opened.version !== state.version) parts.versions.forget(source);
    if ('body' in opened) {
      const etag = originalEtag(source, opened.version);
      return { ...opened, etag, isCurrent: !isOutdated(parts.epochs, identified) };
    }
    state = opened;
  }
  throw new Failure('upstream', 'The original keeps changing while it is being read.');
}

async function openIn(
  parts: OpenOriginalParts,
  { source, state, asked }: Opening,
  signal: AbortSignal,
): Promise<OpenedIn> {
  const { lastModified, size } = state;
  const part = partOf(asked, { etag: originalEtag(source, state.version), lastModified, size });
  const isShowing = part === 'whole' || (part !== 'none' && showsType(part, size));
  if (!isShowing && (part === 'none' || !parts.types.has(state))) {
    const seen = await lookAtHead(parts, { source, state }, signal);
    if (seen !== undefined) return seen;
  }
  if (part === 'none') {
    return { ...state, contentType: parts.types.get(state), body: new Uint8Array(), part };
  }
  const object = await get(parts, source, part === 'whole' ? { signal } : { range: part, signal });
  const found = versionOf(object.info);
  // The whole is right in whatever state it is.
  if (asked !== undefined && !isSame(found, state)) {
    object.body.destroy();
    return found;
  }
  if (!isShowing) return { ...found, contentType: parts.types.get(state), body: object.body, part };
  const { head, body } = await peek(object.body, headBytes);
  return { ...found, contentType: contentTypeOf(head), body, part };
}

/** True for a part by which a picture can be told. */
function showsType({ start, end }: ByteRange, size: number): boolean {
  return start === 0 && (end >= headBytes || end === size);
}

/** Learns the type that an original has in this state; the state that it is in, where that is another. */
async function lookAtHead(
  parts: OpenOriginalParts,
  { source, state }: Pick<Opening, 'source' | 'state'>,
  signal: AbortSignal,
): Promise<SourceVersion | undefined> {
  const object = await get(parts, source, { range: { start: 0, end: headBytes }, signal });
  const head = await readBody(object, { maxBytes: headBytes, signal });
  const found = versionOf(object.info);
  if (!isSame(found, state)) return found;
  parts.types.set(state, contentTypeOf(head));
  return undefined;
}

/** Failures: `not_found`, which is told to whoever looks it up next. */
async function get(parts: OpenOriginalParts, source: string, options: GetOptions): Promise<StoredObject> {
  const object = await parts.originalsStore.get(source, options);
  if (object !== undefined) return object;
  parts.versions.forget(source);
  throw notFound(source);
}

/** A host may say only with the body how long that is. */
function isSame(one: SourceVersion, other: SourceVersion): boolean {
  return one.version === other.version && one.size === other.size;
}
