import { createHash } from 'node:crypto';
import { altIn, canonical, facesWanted, focusIn, type Point, type ResolvedTransform } from '../../grammar/index.ts';
import { sightVersion } from '../../image/index.ts';
import type { ObjectInfo } from '../../storage/index.ts';

/**
 * Raised by hand when what we rendered before was wrong: every stored variant then counts as another picture.
 * A new sharp does not raise it: variants already stored stay valid and keep the ETag they were made with.
 */
const renderingVersion = 2;

/** Separates an original's key from its variants' names. The grammar refuses keys with such a segment. */
const separator = '/.fovea/';

/** S3's limit on a key, in bytes of UTF-8. */
const maxKeyBytes = 1024;

/** Names longer than this are hashed: a folder store's file names end at 255 bytes. */
const maxNameBytes = 200;

/** One state of an original. */
export interface SourceVersion {
  /** From the store's ETag and Last-Modified, and what people have said of it. */
  readonly version: string;
  readonly lastModified: Date;
  /** Bytes. */
  readonly size: number;
  /** What matters most in it, where somebody said so. */
  readonly focus?: Point;
  /** What it shows in words, where somebody said so. */
  readonly alt?: string;
}

/** A picture that a layer shows, in one of its states. */
export interface LayerState {
  /** As the transformation names it. */
  readonly id: string;
  readonly key: string;
  readonly state: SourceVersion;
}

/** Equal identity means the same picture, and within one build the same bytes. */
export interface VariantIdentity {
  /** The original's key. */
  readonly source: string;
  /** Keys of every original that it shows: the source and its layers. */
  readonly sources: readonly string[];
  /** Of the original. */
  readonly version: string;
  /** Of the original and every layer together. */
  readonly shown: string;
  /** The same, and by what it is seen where that decides: what a variant of another stamp shows is out of date. */
  readonly stamp: string;
  readonly layers: readonly LayerState[];
  /** Anybody may have the original as it is, so that its own coding may be sent for a picture of it. */
  readonly isOpen: boolean;
  /** Of the original. */
  readonly focus: Point | undefined;
  /** Of the original. */
  readonly alt: string | undefined;
  /** Of whatever changed last: the original or a layer. */
  readonly lastModified: Date;
  readonly transform: ResolvedTransform;
  /** The transformation in its one spelling. */
  readonly text: string;
  /** Key in the variants store; undefined when it would pass the store's limit, and the variant lives in memory only. */
  readonly key: string | undefined;
  /** Key in the memory tier and of the flight: source, transformation and stamp. */
  readonly memoryKey: string;
  /** Strong entity tag, quoted. */
  readonly etag: string;
}

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('base64url');
}

/** The version that these facts of an object stand for. Whole seconds: HEAD and GET of S3 know no finer. */
export function versionOf(info: ObjectInfo): SourceVersion {
  const seconds = Math.floor(info.lastModified.getTime() / 1000);
  const [focus, alt] = [focusIn(info.metadata), altIn(info.metadata)];
  // Within one second, and with the same bytes, only these tell one state from the other.
  const said = [...(focus === undefined ? [] : [`${focus.x},${focus.y}`]), ...(alt === undefined ? [] : ['alt', alt])];
  return {
    version: digest(info.etag, String(seconds), ...said).slice(0, 22),
    lastModified: new Date(seconds * 1000),
    size: info.size,
    ...(focus && { focus }),
    ...(alt !== undefined && { alt }),
  };
}

/** The prefix that lists everything made of one original, and nothing else. */
export function variantPrefix(source: string): string {
  return source + separator;
}

/** The original's key that a key of the variants store belongs to; undefined for a key that is not ours. */
export function sourceOfVariantKey(key: string): string | undefined {
  const at = key.lastIndexOf(separator);
  return at > 0 ? key.slice(0, at) : undefined;
}

/** True for keys of our own making beside originals: variants in a shared bucket, staging. No original has such a key. */
export function isReservedKey(key: string): boolean {
  return /^\.fovea[a-z-]*\//.test(key) || key.includes(separator);
}

/** Where a variant lies in the store, whatever its version. Slashes become `;`, which the canonical form never contains. */
export function variantKey(source: string, text: string): string | undefined {
  const name = text.replaceAll('/', ';');
  const tooLong = Buffer.byteLength(name) > maxNameBytes || text.includes(';') || text === '';
  const key = variantPrefix(source) + (tooLong ? `-${digest(text)}` : name);
  return Buffer.byteLength(key) > maxKeyBytes ? undefined : key;
}

/** Said beside the variants of an original that was served as it is. No hash of a transformation is as short. */
const servedMark = '-served';

/** What is known of the faces in an original lies there too, page by page. */
const facesName = '-faces';

/** Where that is said of an original; undefined when the key would pass the store's limit. */
export function servedMarkKey(source: string): string | undefined {
  const key = variantPrefix(source) + servedMark;
  return Buffer.byteLength(key) > maxKeyBytes ? undefined : key;
}

/** True for what lies beside variants and is none. */
function isNoVariant(key: string): boolean {
  return /^-(?:served|faces(?:-\d{1,9})?)$/.test(key.slice(key.lastIndexOf(separator) + separator.length));
}

/** What something that is kept beside an original's variants goes by: a variant, or what is known of faces. */
export type KeptIdentity = Pick<VariantIdentity, 'source' | 'sources' | 'stamp' | 'key' | 'etag' | 'lastModified'>;

/** By what the faces in a page of an original are known; of another version, or to other eyes, they are others. */
export function facesIdentity(
  { source, version, lastModified }: Pick<VariantIdentity, 'source' | 'version' | 'lastModified'>,
  page: number | undefined,
): KeptIdentity {
  const key = variantPrefix(source) + facesName + (page === undefined || page === 1 ? '' : `-${page}`);
  const stamp = seenStamp(version);
  return {
    source,
    sources: [source],
    stamp,
    key: Buffer.byteLength(key) > maxKeyBytes ? undefined : key,
    etag: `"${digest(key, stamp).slice(0, 27)}"`,
    lastModified,
  };
}

/** Of what goes by what is seen in a picture: with other eyes it is another picture. */
function seenStamp(stamp: string): string {
  return digest(stamp, `sight ${sightVersion}`).slice(0, 22);
}

/** True for a variant among what lies beside it: marks, and leases. */
export function isVariantObject({ key, size }: Pick<ObjectInfo, 'key' | 'size'>): boolean {
  return size > 0 && !isNoVariant(key);
}

/** True for what lies in a variant's place while it is made: no picture is empty. */
export function isLeaseObject({ key, size }: Pick<ObjectInfo, 'key' | 'size'>): boolean {
  return size === 0 && !isNoVariant(key);
}

/** The transformation that made the variant under a key; undefined for a key that is not ours, or holds only its hash. */
export function variantText(key: string): string | undefined {
  const at = key.lastIndexOf(separator);
  const name = key.slice(at + separator.length);
  return at > 0 && !name.startsWith('-') ? name.replaceAll(';', '/') : undefined;
}

/** The tag that names an original to a CDN: a hash, so that any key fits CloudFront's alphabet. */
export function cacheTag(source: string): string {
  return `o:${digest(source).slice(0, 32)}`;
}

/** True for what `cacheTag` may have made. */
export function isCacheTag(text: string): boolean {
  return /^o:[\w-]{32}$/.test(text);
}

/** The entity tag of an original's own bytes. */
export function originalEtag(source: string, version: string): string {
  return `"${digest('original', source, version).slice(0, 27)}"`;
}

/** What was found out about an original and the layers of its transform. */
export interface FoundOriginal {
  readonly state: SourceVersion;
  readonly layers: readonly LayerState[];
  /** Where nothing is known but a stored variant, the stamp of that. */
  readonly stamp?: string;
}

/** Names the variant that a transform makes of one state of an original and of its layers. */
export type NameVariant = (source: string, transform: ResolvedTransform, found: FoundOriginal) => VariantIdentity;

/** What is part of a variant's name beside what it is made of. */
export interface NamingOptions {
  /** Names the libraries that encode: other versions may give other bytes, and an ETag names bytes. */
  readonly build: string;
  /** Anybody may have the original of this key as it is: a picture of another is never its own coding, and named apart. */
  readonly isOpen: (source: string) => boolean;
}

/** The last identity of each transform is remembered: spelling and hashing it again is most of what a memory hit would cost. */
export function createNameVariant(options: NamingOptions): NameVariant {
  const last = new WeakMap<ResolvedTransform, VariantIdentity>();
  return (source, transform, found) => {
    const shown = shownBy(found);
    const known = last.get(transform);
    if (known?.source === source && known.shown === shown && found.stamp === undefined) return known;
    const stamp = found.stamp ?? (facesWanted(transform) === 'nothing' ? shown : seenStamp(shown));
    const identity = identityOf({ source, transform, shown, ...found, stamp }, options);
    if (found.stamp === undefined) last.set(transform, identity);
    return identity;
  };
}

type Named = Pick<VariantIdentity, 'source' | 'transform' | 'shown' | 'stamp'> & FoundOriginal;

function identityOf({ source, transform, shown, stamp, state, layers }: Named, { build, isOpen }: NamingOptions) {
  const text = canonical(transform);
  const rules = { keepAiMark: true, isOpen: isOpen(source) };
  const identity: VariantIdentity = {
    source,
    sources: [source, ...layers.map(({ key }) => key).filter((key) => key !== source)],
    version: state.version,
    shown,
    stamp,
    layers,
    isOpen: rules.isOpen,
    focus: state.focus,
    alt: state.alt,
    lastModified: latest(state.lastModified, layers),
    transform,
    text,
    key: variantKey(source, text),
    memoryKey: `${source}\0${stamp}\0${text}`,
    etag: `"${digest(source, stamp, text, renderingName(rules), build).slice(0, 27)}"`,
  };
  return identity;
}

/** Without layers it is the original's own version, as stored variants have always carried it. */
function shownBy({ state, layers }: FoundOriginal): string {
  if (layers.length === 0) return state.version;
  return digest(state.version, ...layers.flatMap((layer) => [layer.key, layer.state.version])).slice(0, 22);
}

function latest(own: Date, layers: readonly LayerState[]): Date {
  if (layers.length === 0) return own;
  return new Date(Math.max(own.getTime(), ...layers.map(({ state }) => state.lastModified.getTime())));
}

/** How an original is drawn: what was stored of it under other rules, whose bytes differ, is not served under these. */
export interface RenderingRules {
  readonly keepAiMark: boolean;
  /** Its own coding may be sent for a picture of it. */
  readonly isOpen: boolean;
}

/** The rendering version and the rules, as they are kept with stored variants. */
export function renderingName({ keepAiMark, isOpen }: RenderingRules): string {
  return `${renderingVersion}${isOpen ? '' : '-drawn'}${keepAiMark ? '' : '-unmarked'}`;
}
