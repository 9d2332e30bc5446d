import { createHash } from 'node:crypto';
import { canonical, focusIn, type Point, type ResolvedTransform } from '../grammar/index.ts';
import type { ObjectInfo } from '../storage/index.ts';

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
  /** From the store's ETag and Last-Modified, and the focal point. */
  readonly version: string;
  readonly lastModified: Date;
  /** Bytes. */
  readonly size: number;
  /** What matters most in it, where somebody said so. */
  readonly focus?: Point;
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
  /** Of the original. */
  readonly version: string;
  /** Of the original and every layer together: what a variant of another stamp shows is out of date. */
  readonly stamp: string;
  readonly layers: readonly LayerState[];
  /** Of the original. */
  readonly focus: Point | undefined;
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
  const focus = focusIn(info.metadata);
  const said = focus === undefined ? [] : [`${focus.x},${focus.y}`];
  return {
    version: digest(info.etag, String(seconds), ...said).slice(0, 22),
    lastModified: new Date(seconds * 1000),
    size: info.size,
    ...(focus && { focus }),
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

/** Where a variant lies in the store. Slashes become `;`, which the canonical form never contains. */
function variantKey(source: string, text: string): string | undefined {
  const name = text.replaceAll('/', ';');
  const tooLong = Buffer.byteLength(name) > maxNameBytes || text.includes(';') || text === '';
  const key = variantPrefix(source) + (tooLong ? `-${digest(text)}` : name);
  return Buffer.byteLength(key) > maxKeyBytes ? undefined : key;
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

/** Keys of every original that a variant shows. */
export function sourcesOf({ source, layers }: Pick<VariantIdentity, 'source' | 'layers'>): readonly string[] {
  return [source, ...layers.map(({ key }) => key).filter((key) => key !== source)];
}

/** The entity tag of an original's own bytes. */
export function originalEtag(source: string, version: string): string {
  return `"${digest('original', source, version).slice(0, 27)}"`;
}

/** Names the variant that a transform makes of one state of an original and of its layers. */
export type Identify = (
  source: string,
  state: SourceVersion,
  transform: ResolvedTransform,
  layers?: readonly LayerState[],
) => VariantIdentity;

/** Without layers it is the original's own version, as stored variants have always carried it. */
function stampOf(version: string, layers: readonly LayerState[]): string {
  if (layers.length === 0) return version;
  return digest(version, ...layers.flatMap(({ key, state }) => [key, state.version])).slice(0, 22);
}

function latest(dates: readonly Date[]): Date {
  return new Date(Math.max(...dates.map((date) => date.getTime())));
}

/**
 * `build` names the libraries that encode: other versions may give other bytes, and an ETag names bytes. The last
 * identity of each transform is remembered: spelling and hashing it again is most of what a memory hit would cost.
 */
export function createIdentify(build: string): Identify {
  const last = new WeakMap<ResolvedTransform, VariantIdentity>();
  return (source, state, transform, layers = []) => {
    const stamp = stampOf(state.version, layers);
    const known = last.get(transform);
    // A copy: who identifies keeps track of its own look-up by the object.
    if (known?.source === source && known.stamp === stamp) return { ...known };
    const text = canonical(transform);
    const identity: VariantIdentity = {
      source,
      version: state.version,
      stamp,
      layers,
      focus: state.focus,
      lastModified:
        layers.length === 0
          ? state.lastModified
          : latest([state.lastModified, ...layers.map((layer) => layer.state.lastModified)]),
      transform,
      text,
      key: variantKey(source, text),
      memoryKey: `${source}\0${stamp}\0${text}`,
      etag: `"${digest(source, stamp, text, String(renderingVersion), build).slice(0, 27)}"`,
    };
    last.set(transform, identity);
    return { ...identity };
  };
}

/** The rendering version as it is kept with stored variants. */
export const storedRenderingVersion = String(renderingVersion);

/** The same under a configuration: what was stored under another one, whose bytes differ, is not served under this. */
export function renderingName({ keepAiMark }: { readonly keepAiMark: boolean }): string {
  return keepAiMark ? storedRenderingVersion : `${storedRenderingVersion}-unmarked`;
}
