import { Failure } from '../../failure.ts';
import { readRemote } from '../../grammar/index.ts';
import type { ObjectStore } from '../../storage/index.ts';
import type { SentFile } from './sent.ts';

export interface PictureParts {
  /** Hosts that pictures may be fetched from. */
  readonly fetchHosts: readonly string[];
  /** Reads pictures of these hosts, too, by the keys that stand for them. */
  readonly originals: Pick<ObjectStore, 'get'>;
  readonly signal: AbortSignal;
  /** Throws unless whoever sends this may: asked before anything is fetched for them. */
  readonly permit: () => Promise<unknown>;
}

/** The bytes that shall be published, of which nothing is fetched until they are read; and what their file is called where it has a name. */
export interface Picture {
  readonly filename: string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** A data URI's words before its bytes, and a URL to fetch. */
const most = { head: 200, url: 2_000 };

/**
 * What a client sent as its file: bytes; a data URI in base64, which is decoded as it comes; or the URL of a picture on a host
 * that may be fetched from. Failures: `invalid` for another text and another host; as the bytes are read `not_found`, and the
 * host's.
 */
export async function pictureOf(file: SentFile, parts: PictureParts): Promise<Picture> {
  const { filename, body } = file;
  if (filename !== undefined) return { filename, body };
  const chunks = body[Symbol.asyncIterator]();
  const head = await beginningOf(chunks);
  if (/^data:/i.test(head.toString('latin1'))) return { filename: undefined, body: decoded(head, chunks) };
  const text = head.toString('utf8');
  if (/^https?:\/\//i.test(text)) return fetched(await wholeText(head, chunks), parts);
  if (/^[a-z0-9]{1,10}:/i.test(text)) {
    const scheme = text.slice(0, text.indexOf(':'));
    throw new Failure(
      'invalid',
      `A file is not read from ${scheme}: expected bytes, a data URI or a URL with https://.`,
    );
  }
  return { filename: undefined, body: rejoined(head, chunks) };
}

async function beginningOf(chunks: AsyncIterator<Uint8Array>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < most.head) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    head = Buffer.concat([head, value]);
  }
  return head;
}

async function* rejoined(head: Buffer, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  if (head.length > 0) yield head;
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
}

async function* decoded(head: Buffer, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const comma = head.subarray(0, most.head).indexOf(',');
  if (comma < 0 || !/;base64$/i.test(head.toString('latin1', 0, comma))) {
    throw new Failure('invalid', 'The data URI is not valid: expected data:image/…;base64, and the bytes.');
  }
  let rest = '';
  for await (const chunk of rejoined(head.subarray(comma + 1), chunks)) {
    const text =
      rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1').replace(/\s/g, '');
    if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) throw notBase64();
    const whole = text.length - (text.length % 4);
    rest = text.slice(whole);
    if (whole > 0) yield Buffer.from(text.slice(0, whole), 'base64');
  }
  if (rest.length === 1) throw notBase64();
  if (rest !== '') yield Buffer.from(rest, 'base64');
}

function notBase64(): Failure {
  return new Failure('invalid', 'The data URI is not valid: its bytes are not in base64.');
}

async function wholeText(head: Buffer, chunks: AsyncIterator<Uint8Array>): Promise<string> {
  let text = head;
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    text = Buffer.concat([text, next.value]);
    if (text.length > most.url) {
      throw new Failure('invalid', `The URL to fetch is too long: at most ${most.url} bytes are taken.`);
    }
  }
  return text.toString('utf8').trim();
}

async function fetched(url: string, parts: PictureParts): Promise<Picture> {
  await parts.permit();
  const { key } = readRemote(encodeURIComponent(url), parts.fetchHosts);
  const path = new URL(url).pathname;
  return { filename: path.slice(path.lastIndexOf('/') + 1) || undefined, body: bytesAt(url, key, parts) };
}

/** Fetched when they are read: so many at a time as bodies may come, and nothing for an upload whose turn never comes. */
async function* bytesAt(
  url: string,
  key: string,
  { originals, signal }: Pick<PictureParts, 'originals' | 'signal'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const object = await originals.get(key, { signal });
  if (object === undefined) throw new Failure('not_found', `Resource not found - ${url.slice(0, 200)}`);
  yield* object.body;
}
