import { Failure } from '../../failure.ts';
import type { GrammarOptions } from '../grammar-options.ts';
import { shorten } from '../ids/ids.ts';
import { type Remote, readRemote } from '../ids/remote.ts';

/** Which picture is asked for: one of ours by its raw id or by its key, or one on another host. */
export type NamedPicture =
  | { readonly rawId: readonly string[] }
  | { readonly key: string }
  | { readonly remote: Remote };

/** What a source without a scheme is, in a dialect: a key of the store, or a host and a path. */
export type BareSource = 'key' | 'host';

const scheme = /^([a-z][a-z0-9+.-]*):\/{1,3}/i;

/**
 * The picture that another program's URL names by where it lies (`https://old.example/a.jpg`, `s3://bucket/a.jpg`,
 * `local:///a.jpg`), once the dialect's own escaping is undone. The longest beginning among `sources` says where that is
 * here; what none of them begins is fetched if its host may be, or is a key. A query is no part of a key.
 */
export function pictureAt(source: string, bare: BareSource, options: GrammarOptions): NamedPicture {
  // Proxies make one slash of two.
  const written = source.replace(/^(https?|s3|gs|abs|swift):\/(?=[^/])/i, '$1://');
  const isBare = !scheme.test(written);
  const whole = isBare && bare === 'host' ? `https://${written.replace(/^\/+/, '')}` : written;
  const found = isBare ? ['https', 'http'].map((one) => `${one}://${written.replace(/^\/+/, '')}`) : [];
  const mapped = firstOf([whole, ...found], (source) => mappedKey(source, options));
  if (mapped !== undefined) return { key: mapped };
  if (/^https?:/i.test(whole)) return { remote: readRemote(encodeURIComponent(whole), options.fetchHosts) };
  if (!isBare) {
    throw new Failure(
      'invalid',
      `Pictures of "${shorten(whole)}" are not known here: the configuration's sources name no beginning of it.`,
    );
  }
  return { key: pathText(written.replace(/^\/+/, '')) };
}

function firstOf(sources: readonly string[], keyOf: (source: string) => string | undefined): string | undefined {
  for (const source of sources) {
    const key = keyOf(source);
    if (key !== undefined) return key;
  }
  return undefined;
}

/** The picture of a bucket by its key there, which is text and no URL. */
export function pictureInBucket(bucket: string, key: string, options: GrammarOptions): NamedPicture {
  const mapped = mappedPrefix(`s3://${bucket}/`, options);
  if (mapped !== undefined) return { key: `${mapped}${key}` };
  throw new Failure(
    'invalid',
    `The bucket ${shorten(bucket)} is not known here: the configuration's sources have no s3://${shorten(bucket)}/.`,
  );
}

/** True for a bucket of which the configuration says where it lies here. */
export function isBucketKnown(bucket: string, options: GrammarOptions): boolean {
  return mappedPrefix(`s3://${bucket}/`, options) !== undefined;
}

/** The key that the configuration's sources give to a whole URL; undefined for what none of them begins. */
export function mappedKey(source: string, options: GrammarOptions): string | undefined {
  const beginning = beginningOf(source, options);
  const prefix = beginning === undefined ? undefined : options.sources[beginning];
  if (beginning === undefined || prefix === undefined) return undefined;
  return `${prefix}${pathText(source.slice(beginning.length))}`;
}

function mappedPrefix(source: string, options: GrammarOptions): string | undefined {
  const beginning = beginningOf(source, options);
  return beginning === undefined ? undefined : options.sources[beginning];
}

/** Schemes and hosts have no capitals of their own; paths have. */
function beginningOf(source: string, { sources }: GrammarOptions): string | undefined {
  const plain = source.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, (origin) => origin.toLowerCase());
  const found = Object.keys(sources).filter((beginning) => plain.startsWith(beginning));
  return found.reduce<string | undefined>(
    (longest, one) => (longest === undefined || one.length > longest.length ? one : longest),
    undefined,
  );
}

/** A path as a key: without query and fragment, its escapes undone where it has valid ones. */
function pathText(path: string): string {
  const plain = path.split(/[?#]/, 1)[0] ?? '';
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}
