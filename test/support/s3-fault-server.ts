import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { asAws, type S3Oddities } from './s3-oddities.ts';

/** What goes wrong with one request. */
export type S3Fault =
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly code: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Takes the request and never answers. */
  | { readonly kind: 'silent' }
  /** Cuts the connection before an answer; a put has not happened. */
  | { readonly kind: 'hang-up' }
  /** Does what was asked and cuts the connection instead of answering. */
  | { readonly kind: 'lost-answer' }
  /** Announces the whole body, sends this part of it (0 to 1), then: resets, ends politely, or sends nothing more. */
  | { readonly kind: 'reset' | 'short' | 'stalled'; readonly part: number };

export interface S3Request {
  readonly method: string;
  /** As the header says it. */
  readonly range: string | undefined;
  /** Without the bucket; of a listing what its keys begin with. */
  readonly key: string;
}

export interface S3FaultServer {
  readonly endpoint: string;
  readonly bucket: string;
  readonly objects: ReadonlyMap<string, S3StubObject>;
  /** Puts an object under any key, past the client. */
  seed(key: string, object: S3StubObject): void;
  /** Every request that arrived, the retries of the client too. */
  readonly requests: readonly S3Request[];
  /** Decides about each request from now on; without an argument all is well again. */
  failBy(choose?: (request: S3Request) => S3Fault | undefined): void;
  close(): Promise<void>;
}

export interface S3StubObject {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

interface Stub extends S3Oddities {
  readonly bucket: string;
  readonly objects: Map<string, S3StubObject>;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * A server on loopback that speaks as much S3 as our client asks for, and fails on command. Of signatures it
 * checks nothing but when they were made.
 */
export async function startS3FaultServer(oddities: Partial<S3Oddities> = {}): Promise<S3FaultServer> {
  const stub: Stub = { ...asAws, ...oddities, bucket: 'stub-bucket', objects: new Map() };
  const requests: S3Request[] = [];
  let choose: (request: S3Request) => S3Fault | undefined = () => undefined;

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://stub');
    const [, bucket = '', ...segments] = url.pathname.split('/');
    const key = decodeURIComponent(segments.join('/'));
    const { method = '', headers } = request;
    const asked = { method, range: headers.range, key: key === '' ? (url.searchParams.get('prefix') ?? '') : key };
    requests.push(asked);
    response.on('error', () => undefined);
    // A client that cut its own upload: nothing is stored, nobody is left to answer.
    answer({ ...stub, request, response, url, key, isOurs: bucket === stub.bucket }, choose(asked)).catch(() =>
      response.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');

  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    bucket: stub.bucket,
    objects: stub.objects,
    seed: (key, object) => void stub.objects.set(key, object),
    requests,
    failBy: (chosen = () => undefined) => {
      choose = chosen;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

interface Exchange extends Stub {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly key: string;
  readonly isOurs: boolean;
}

async function answer(exchange: Exchange, fault: S3Fault | undefined): Promise<void> {
  const { request, response } = exchange;
  if (fault?.kind === 'hang-up') return void request.socket.destroy();
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  if (fault?.kind === 'silent') return;
  if (fault?.kind === 'error') return refuse(response, fault.status, fault.code, fault.headers);
  if (!exchange.isOurs) return refuse(response, 404, 'NoSuchBucket');
  const { region } = exchange;
  if (region !== undefined && regionSignedFor(exchange) !== region) {
    return refuse(response, 301, 'PermanentRedirect', { 'x-amz-bucket-region': region });
  }
  if (isSkewed(request)) return refuse(response, 403, 'RequestTimeTooSkewed');
  const sent = Buffer.concat(chunks);
  const { status, headers, body } = isForm(request) ? await takeForm(exchange, sent) : operate(exchange, sent);
  const told = toldHeaders(exchange, headers);
  if (fault?.kind === 'lost-answer') return void request.socket.destroy();
  const length = exchange.tellsLengths || request.method !== 'HEAD' ? { 'content-length': body.byteLength } : {};
  response.writeHead(status, { ...told, ...length });
  if (!fault || request.method === 'HEAD') return void response.end(body);
  response.write(body.subarray(0, Math.floor(body.byteLength * fault.part)), () => {
    if (fault.kind === 'reset') request.socket.resetAndDestroy();
    if (fault.kind === 'short') request.socket.end();
  });
}

function isForm({ method, headers }: IncomingMessage): boolean {
  return method === 'POST' && /^multipart\/form-data/.test(headers['content-type'] ?? '');
}

/** A form that a browser sends; its signature is not looked at. */
async function takeForm({ request, objects, takesForms }: Exchange, sent: Buffer): Promise<Answer> {
  if (!takesForms) return errorAnswer(501, 'NotImplemented');
  const type = request.headers['content-type'] ?? '';
  const form = await new Response(new Uint8Array(sent), { headers: { 'content-type': type } }).formData();
  const file = form.get('file');
  const field = (name: string) => String(form.get(name) ?? '');
  const policy = JSON.parse(Buffer.from(field('Policy'), 'base64').toString()) as { conditions: readonly unknown[] };
  if (!(file instanceof Blob)) return errorAnswer(400, 'InvalidArgument');
  for (const condition of policy.conditions) {
    if (Array.isArray(condition)) {
      const [what, least, most] = condition as [string, number, number];
      if (what === 'content-length-range' && (file.size < least || file.size > most))
        return errorAnswer(400, 'EntityTooLarge');
      continue;
    }
    const [[name, value] = ['', '']] = Object.entries(condition as Record<string, string>);
    if (name !== 'bucket' && field(name) !== value) return errorAnswer(403, 'AccessDenied');
  }
  const headers = Object.fromEntries(
    [...form].flatMap(([name, value]) => (value instanceof Blob ? [] : [[name.toLowerCase(), value]])),
  );
  put(objects, field('key'), headers, Buffer.from(await file.arrayBuffer()));
  return { status: 201, headers: {}, body: Buffer.alloc(0) };
}

function regionSignedFor({ request, url }: Exchange): string | undefined {
  const signed = url.searchParams.get('X-Amz-Credential') ?? request.headers.authorization ?? '';
  return /\/\d{8}\/([a-z0-9-]+)\/s3\//.exec(signed)?.[1];
}

/** What S3 lets the clock of a client be off. */
const maxSkewMs = 15 * 60_000;

function isSkewed(request: IncomingMessage): boolean {
  const date = request.headers['x-amz-date'];
  if (typeof date !== 'string') return false;
  const signedAt = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5'));
  return Math.abs(signedAt - Date.now()) > maxSkewMs;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** As this server writes etags. */
function toldHeaders({ quotesEtags }: Exchange, headers: Answer['headers']): Answer['headers'] {
  const { etag } = headers;
  return quotesEtags || etag === undefined ? headers : { ...headers, etag: etag.replaceAll('"', '') };
}

/** What a checksum that this server does not know comes to, in a header or announced behind a stream. */
function refusedChecksum({ request: { headers }, takesChecksums }: Exchange): Answer | undefined {
  const isSent = Object.keys(headers).some((name) => /^x-amz-(sdk-checksum|checksum|trailer)/.test(name));
  return takesChecksums || !isSent ? undefined : errorAnswer(501, 'NotImplemented');
}

/** What a condition on an object comes to that does not hold, or is not known. */
function refusedCondition(exchange: Exchange): Answer | undefined {
  const { request, objects, key, createsOnly, putIfMatch, deleteIfMatch } = exchange;
  const { 'if-none-match': noneMatch, 'if-match': match } = request.headers;
  const object = objects.get(key);
  if (request.method === 'PUT' && noneMatch !== undefined) {
    if (createsOnly === 'refused') return errorAnswer(501, 'NotImplemented');
    if (createsOnly === 'heeded' && object !== undefined) return errorAnswer(412, 'PreconditionFailed');
  }
  if (match === undefined || (request.method !== 'PUT' && request.method !== 'DELETE')) return undefined;
  const heed = request.method === 'PUT' ? putIfMatch : deleteIfMatch;
  if (heed === 'ignored') return undefined;
  if (heed === 'refused') return errorAnswer(501, 'NotImplemented');
  if (object === undefined) return errorAnswer(404, 'NoSuchKey');
  const etag = (object.headers['etag'] ?? '').replaceAll('"', '');
  const forms = heed === 'bare' ? [etag] : [etag, `"${etag}"`];
  return forms.includes(match) ? undefined : errorAnswer(412, 'PreconditionFailed');
}

function operate(exchange: Exchange, sent: Buffer): Answer {
  const { request, objects, key } = exchange;
  const refused = refusedChecksum(exchange) ?? (key === '' ? undefined : refusedCondition(exchange));
  if (refused !== undefined) return refused;
  if (key === '') return request.method === 'POST' ? deleteMany(exchange, sent) : list(exchange);
  const object = objects.get(key);
  switch (request.method) {
    case 'PUT':
      return put(objects, key, request.headers, sent);
    case 'GET':
    case 'HEAD':
      return object
        ? read(object, exchange.knowsRanges ? request.headers.range : undefined)
        : errorAnswer(404, 'NoSuchKey');
    default:
      if (!objects.delete(key) && !exchange.forgivesDeletes) return errorAnswer(404, 'NoSuchKey');
      return { status: 204, headers: {}, body: Buffer.alloc(0) };
  }
}

/** An object, or a part of it. */
function read({ headers, bytes }: S3StubObject, range: string | undefined): Answer {
  const [, first = '', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  if (first === '') return { status: 200, headers, body: bytes };
  const [start, end] = [Number(first), Math.min(Number(last) + 1, bytes.byteLength)];
  if (start >= bytes.byteLength) return errorAnswer(416, 'InvalidRange');
  const part = { 'content-range': `bytes ${start}-${end - 1}/${bytes.byteLength}` };
  return { status: 206, headers: { ...headers, ...part }, body: bytes.subarray(start, end) };
}

function put(
  objects: Map<string, S3StubObject>,
  key: string,
  given: Readonly<Record<string, string | readonly string[] | undefined>>,
  bytes: Buffer,
): Answer {
  const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
  const kept = Object.entries(given).filter(
    ([name]) =>
      name === 'content-type' || name === 'cache-control' || /^x-amz-(meta-|server-side-|storage-)/.test(name),
  );
  const headers: Record<string, string> = { etag, 'last-modified': new Date().toUTCString() };
  for (const [name, value] of kept) headers[name] = String(value);
  objects.set(key, { bytes, headers });
  return { status: 200, headers: { etag }, body: Buffer.alloc(0) };
}

function deleteMany({ request: { headers }, objects, deletesMany }: Exchange, sent: Buffer): Answer {
  const md5 = headers['content-md5'];
  const others = Object.keys(headers).filter((name) => /^x-amz-(sdk-)?checksum-/.test(name));
  if (deletesMany === 'never') return errorAnswer(501, 'NotImplemented');
  if (md5 === undefined && (others.length === 0 || deletesMany === 'by MD5'))
    return errorAnswer(400, 'MissingContentMD5');
  if (deletesMany === 'by MD5' && others.length > 0) return errorAnswer(400, 'InvalidArgument');
  if (md5 !== undefined && md5 !== createHash('md5').update(sent).digest('base64'))
    return errorAnswer(400, 'BadDigest');
  const xml = sent.toString();
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  for (const [, key = ''] of xml.matchAll(/<Key>(.*?)<\/Key>/gs)) {
    objects.delete(key.replace(/&(\w+);/g, (whole, name) => entities[name] ?? whole));
  }
  return xmlAnswer(200, '<DeleteResult/>');
}

function list({ url, objects, encodesKeys, quotesEtags }: Exchange): Answer {
  const query = url.searchParams;
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  const bytesOrder = (left: string, right: string) => Buffer.compare(Buffer.from(left), Buffer.from(right));
  const keys = [...objects.keys()]
    .filter((key) => key.startsWith(query.get('prefix') ?? '') && bytesOrder(key, after) > 0)
    .sort(bytesOrder);
  const page = keys.slice(0, 1000);
  const next = keys.length > page.length ? (page.at(-1) ?? '') : undefined;
  const contents = page.map((key) => {
    const { bytes, headers } = objects.get(key) ?? { bytes: Buffer.alloc(0), headers: {} };
    const modified = new Date(headers['last-modified'] ?? 0).toISOString();
    // As AWS does with EncodingType=url: form encoding, a space is a plus.
    const formEncoded = encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
    const encoded = encodesKeys ? formEncoded : encodeEntities(key);
    const etag = (headers['etag'] ?? '').replaceAll('"', quotesEtags ? '&quot;' : '');
    return `<Contents><Key>${encoded}</Key><LastModified>${modified}</LastModified><ETag>${etag}</ETag><Size>${bytes.byteLength}</Size></Contents>`;
  });
  const more = next === undefined ? '' : `<NextContinuationToken>${encodeEntities(next)}</NextContinuationToken>`;
  const encoding = encodesKeys ? '<EncodingType>url</EncodingType>' : '';
  return xmlAnswer(
    200,
    `<ListBucketResult>${encoding}<IsTruncated>${next !== undefined}</IsTruncated>${more}${contents.join('')}</ListBucketResult>`,
  );
}

function encodeEntities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  more: Readonly<Record<string, string>> = {},
): void {
  const { headers, body } = errorAnswer(status, code);
  response.writeHead(status, { ...headers, ...more, 'content-length': body.byteLength }).end(body);
}

function errorAnswer(status: number, code: string): Answer {
  return xmlAnswer(status, `<Error><Code>${code}</Code><Message>on command</Message></Error>`);
}

function xmlAnswer(status: number, xml: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${xml}`),
  };
}
