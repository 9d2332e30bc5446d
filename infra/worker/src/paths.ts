/** What the edge does with a path. */
export type Passage = 'picture' | 'upload' | 'closed' | 'malformed';

/** Signing and sending uploads is for outside; health, metrics, purge and the rest of `/-/` are not. */
const openPaths = /^\/-\/(uploads(\/|$)|images$)/;

/** Decides by the path decoded once and with backslashes turned, so that no spelling reaches what is closed. */
export function passageOf(rawPath: string): Passage {
  let path: string;
  try {
    path = decodeURIComponent(rawPath).replaceAll('\\', '/');
  } catch {
    return 'malformed';
  }
  if (/(^|\/)\.\.?(\/|$)/.test(path)) return 'malformed';
  if (!/^\/+-(\/|$)/.test(path)) return 'picture';
  return openPaths.test(rawPath) ? 'upload' : 'closed';
}

/** The path as it was sent: parsing a URL only resolves dot segments, which nobody needs. */
export function rawPathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('//') + 2);
  const path = start < 0 ? '/' : url.slice(start);
  return path.split(/[?#]/, 1)[0] ?? '/';
}
