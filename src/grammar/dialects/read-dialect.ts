import { Failure } from '../../failure.ts';
import type { DialectName, GrammarOptions } from '../grammar-options.ts';
import { readAlias } from './aliases.ts';
import { readCloudflare } from './cloudflare.ts';
import type { Dialect, RawTarget, Translation } from './dialect.ts';
import { readImageKitComponents } from './imagekit.ts';
import { readBareIpx, readIpx } from './ipx.ts';
import { readNext } from './next.ts';
import { readQueryComponents } from './query.ts';

const byPath: Readonly<Partial<Record<DialectName, readonly Dialect[]>>> = {
  ipx: [readIpx, readBareIpx],
  cloudflare: [readCloudflare],
  next: [readNext],
};

/** Reads a target that is an alias or in another program's dialect; undefined when it is in our own. */
export function readDialect(target: RawTarget, options: GrammarOptions): Translation | undefined {
  return decoding(() => {
    const alias = readAlias(target, options);
    if (alias !== undefined) return alias;
    for (const name of options.dialects) {
      for (const read of byPath[name] ?? []) {
        const translation = read(target, options);
        if (translation !== undefined) return translation;
      }
    }
    return undefined;
  });
}

/** The components that a query string spells, where the configuration gives it a meaning. */
export function readQueryDialect(query: string, options: GrammarOptions): readonly string[] | undefined {
  if (query === '') return undefined;
  return decoding(() => {
    const imagekit = options.dialects.includes('imagekit') ? readImageKitComponents(query) : undefined;
    return imagekit ?? (options.dialects.includes('query') ? readQueryComponents(query) : undefined);
  });
}

/** Bad escapes are the client's fault, wherever they stand. */
function decoding<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    throw new Failure('invalid', 'The URL is not valid percent-encoded UTF-8; write a literal % as %25.', { cause });
  }
}
