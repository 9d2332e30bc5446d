import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * What keeps a header of a request from deciding what others get out of a cache.
 * - `vary`: the answer says in Vary that it hangs on it.
 * - `trusted`: it counts only from a proxy that the operator has named, which puts what it reduces into its own key.
 * - `condition`: caches answer these themselves (RFC 9111 §4.3), or keep of the answer that it is a part (§3.3).
 * - `log`: the log alone is told.
 * - `private`: whatever it changes is `no-store`.
 */
export type HeaderGuard = 'vary' | 'trusted' | 'condition' | 'log' | 'private';

/** Every header of a request that the program reads, in lower case. One that is not here fails a test. */
export const headerGuards: Readonly<Record<string, HeaderGuard>> = {
  accept: 'vary',
  'sec-fetch-dest': 'vary',
  'save-data': 'vary',
  'sec-ch-dpr': 'vary',
  dpr: 'vary',
  'sec-ch-width': 'vary',
  width: 'vary',
  'sec-ch-viewport-width': 'vary',
  'viewport-width': 'vary',
  'x-fovea-accept': 'trusted',
  // Who asks decides whose turn it is, and never what is answered.
  'x-forwarded-for': 'trusted',
  forwarded: 'trusted',
  'if-none-match': 'condition',
  'if-modified-since': 'condition',
  'if-match': 'condition',
  'if-unmodified-since': 'condition',
  range: 'condition',
  'if-range': 'condition',
  referer: 'log',
  'user-agent': 'log',
  traceparent: 'log',
  tracestate: 'log',
  host: 'private',
  origin: 'private',
  authorization: 'private',
  'content-type': 'private',
  'content-length': 'private',
  'content-range': 'private',
  'transfer-encoding': 'private',
  'upload-length': 'private',
  'upload-offset': 'private',
  'upload-metadata': 'private',
  'upload-checksum': 'private',
  'upload-concat': 'private',
  'tus-resumable': 'private',
  'x-http-method-override': 'private',
};

/** How the program's text reads a header by its name, and how it reads some whose name it does not say. */
const byName = [/\bheader\(\s*'([^']+)'/g, /\bheaders\.get\(\s*'([^']+)'/g, /\brequest\.headers\[\s*'([^']+)'/g];
const byVariable =
  /\bheader\(\s*(?!['"])([^)]*)\)|\brequest\.headers\[\s*(?!['"])[^\]]*\]|\bheaders\.(?:keys|entries|forEach)\(|Object\.\w+\((\w+)\.headers\)/g;

export interface HeadersRead {
  /** In lower case. */
  readonly names: ReadonlySet<string>;
  /** Other ways to them: `file: text`. */
  readonly others: readonly string[];
}

/** Looks through everything that sees requests. */
export function findHeadersRead(): HeadersRead {
  const folder = fileURLToPath(new URL('../../src/http', import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const names = new Set<string>();
  const others: string[] = [];
  for (const file of files) {
    const text = readFileSync(`${folder}/${file}`, 'utf8');
    for (const way of byName) for (const [, name = ''] of text.matchAll(way)) names.add(name.toLowerCase());
    for (const [found] of text.matchAll(byVariable)) others.push(`${file}: ${found}`);
  }
  return { names, others };
}
