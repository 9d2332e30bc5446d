import { Failure } from '../../failure.ts';
import { checkId } from '../../grammar/index.ts';
import type { ListEntry } from './entries.ts';

export interface NamingOptions {
  /** Before each key. */
  readonly prefix: string;
  /** What is taken off each URL, host and all. */
  readonly strip: string | undefined;
  /** What sources of other programs' URLs stand for here, by their beginning. */
  readonly sources: Readonly<Record<string, string>>;
}

/** The key that a picture gets. Failure `invalid` where none can be told, or no URL could name it. */
export function keyOfEntry({ url, key }: ListEntry, options: NamingOptions): string {
  const named = options.prefix + (key ?? keyOfUrl(url, options));
  checkId(named);
  return named;
}

function keyOfUrl(text: string, { strip, sources }: NamingOptions): string {
  if (!URL.canParse(text)) throw new Failure('invalid', `Not a URL: ${text.slice(0, 200)}`);
  const url = new URL(text);
  const plain = `${url.origin}${url.pathname}`;
  if (strip !== undefined) {
    if (!plain.startsWith(strip)) {
      throw new Failure('invalid', `${text.slice(0, 200)} does not begin with ${strip}, which --strip takes off.`);
    }
    return decoded(plain.slice(strip.length));
  }
  const [source] = Object.keys(sources)
    .filter((one) => plain.startsWith(one))
    .toSorted((a, b) => b.length - a.length);
  if (source !== undefined) return (sources[source] ?? '') + decoded(plain.slice(source.length));
  return decoded(withoutDelivery(url));
}

/** Cloudinary's own addresses: `/<account>/image/upload/v1234/<public id>`. */
function withoutDelivery({ hostname, pathname }: URL): string {
  const path = pathname.slice(1);
  if (!hostname.endsWith('.cloudinary.com')) return path;
  return path.replace(/^[^/]+\/image\/(?:upload|private|authenticated)\/(?:s--[^/]*--\/)?(?:v\d+\/)?/, '');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    throw new Failure('invalid', `The path is not in percent-encoding of UTF-8: ${path.slice(0, 200)}`, {
      cause: error,
    });
  }
}
