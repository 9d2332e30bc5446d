import { Failure } from '../../failure.ts';
import { decodeOnce, shorten } from './ids.ts';

/** A picture on another host. */
export interface Remote {
  /** Its URL as the client wrote it, decoded once: what the official clients sign. */
  readonly source: string;
  /** The key that stands for it among the originals; no id can name it. */
  readonly key: string;
}

/** Keys of originals that lie on other hosts begin so. */
const remotePrefix = '.fovea-fetch/';

/** Keys of stores end at 1,024 bytes, and the variant's name has to fit behind it. */
const maxUrlLength = 700;

/** Reads what follows `/image/fetch/`: a URL, escaped or not, on a host that the configuration names. */
export function readRemote(raw: string, hosts: readonly string[]): Remote {
  if (hosts.length === 0) {
    throw new Failure(
      'invalid',
      'Pictures are not fetched from other hosts here: the configuration names no fetchHosts.',
    );
  }
  const written = decodeOnce(raw);
  // Proxies make one slash of two.
  const source = written.replace(/^(https?):\/{1,2}(?=[^/])/i, '$1://');
  if (!/^https?:\/\//i.test(source)) {
    throw new Failure(
      'invalid',
      `After /image/fetch/ comes a URL with http:// or https://; got "${shorten(written)}".`,
    );
  }
  const url = URL.canParse(source) ? new URL(source) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '') {
    throw new Failure('invalid', `"${shorten(source)}" is no URL of a picture: expected http(s)://host/path.`);
  }
  if (url.href.length > maxUrlLength) {
    throw new Failure(
      'invalid',
      `The URL to fetch is too long: at most ${maxUrlLength} characters, got ${url.href.length}.`,
    );
  }
  if (!isFetchHost(url, hosts)) {
    throw new Failure(
      'invalid',
      `Pictures of ${shorten(url.host)} are not fetched here: it is not among the fetchHosts.`,
    );
  }
  return { source, key: remoteKey(withNamedQuery(url, hosts)) };
}

/**
 * True when the configuration names the host, and the port unless it is the scheme's own. `http:` needs an entry that
 * says so, as in `http://a.example`: what came over it could have been changed on the way.
 */
export function isFetchHost(url: URL, hosts: readonly string[]): boolean {
  return hosts.some((entry) => namesHost(entry, url));
}

function namesHost(entry: string, url: URL): boolean {
  const [, scheme = 'https:', name = '', port = ''] =
    /^(?:(https?:)\/\/)?([^:/?]+)(?::(\d+))?(?:\?|$)/.exec(entry.toLowerCase()) ?? [];
  if (scheme !== url.protocol || port !== url.port) return false;
  return name.startsWith('*.') ? url.hostname.endsWith(name.slice(1)) : url.hostname === name;
}

/**
 * The URL with those parameters only that an entry of its host names, in the entry's order: everything else behind a
 * question mark would make one picture as many originals as there are numbers.
 */
function withNamedQuery(url: URL, hosts: readonly string[]): URL {
  const entries = hosts.filter((entry) => namesHost(entry, url));
  const names = new Set(entries.flatMap((entry) => entry.split('?')[1]?.split('&') ?? []));
  const written = url.search.slice(1).split('&');
  const parts = [...names].flatMap(
    (name) => written.find((part) => part === name || part.startsWith(`${name}=`)) ?? [],
  );
  const kept = new URL(url);
  kept.search = parts.join('&');
  kept.hash = '';
  return kept;
}

function remoteKey(url: URL): string {
  const path = url.pathname === '/' ? '' : url.pathname;
  // A segment of its own: a path cannot hold a question mark, so the way back is certain.
  const query = url.search === '' ? '' : `/${url.search.replaceAll('/', '%2F')}`;
  const segments = `${url.protocol.slice(0, -1)}/${url.host}${path}${query}`.split('/');
  if (segments.some((segment) => segment === '' || segment.startsWith('.fovea'))) {
    throw new Failure('invalid', 'The URL to fetch has an empty or a reserved segment in its path.');
  }
  return remotePrefix + segments.join('/');
}

/** The URL that a key stands for; undefined for a key of an original of our own. */
export function remoteUrl(key: string): URL | undefined {
  if (!key.startsWith(remotePrefix)) return undefined;
  const [scheme = '', ...rest] = key.slice(remotePrefix.length).split('/');
  return new URL(`${scheme}://${rest.join('/').replace('/?', '?')}`);
}
