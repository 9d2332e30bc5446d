import { expect, it, onTestFinished } from 'vitest';
import { Failure, failureKinds } from '../../src/failure.ts';
import { listen } from '../../src/http/index.ts';
import { recordFigure } from '../support/figures.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { requestOf, sendRaw } from '../support/raw-http.ts';
import { createPixelFreeService } from '../support/test-service.ts';
import { picture } from '../support/uploads.ts';

const token = 'an admin token of the tests';
const admin = { Authorization: `Bearer ${token}` };

interface Answered {
  readonly what: string;
  readonly status: number;
  readonly cacheControl: string | undefined;
}

async function serviceWith(environment: Readonly<Record<string, string>> = {}) {
  const originals = createMemoryStore();
  for (const key of ['cat.jpg', 'private/cat.jpg']) await originals.put(key, await picture());
  const built = await createPixelFreeService({
    originals,
    environment: {
      FOVEA_ADMIN_TOKEN: token,
      FOVEA_SIGNING_SECRETS: 'a signing secret of the tests: long enough',
      ...environment,
    },
  });
  onTestFinished(() => built.service.close());
  async function answerTo(path: string, init: RequestInit = {}): Promise<Answered> {
    const { status, headers } = await built.ask(path, init);
    const what = `${init.method ?? 'GET'} ${path}`;
    return { what, status, cacheControl: headers.get('cache-control') ?? undefined };
  }
  return { ...built, answerTo };
}

/** Each kind of failure that a render, and so anything behind a picture, may end with; a bug last. */
async function failedPictures(): Promise<readonly Answered[]> {
  const { answerTo, renderer } = await serviceWith();
  const errors = [...failureKinds.map((kind) => new Failure(kind, `It is ${kind}.`)), new Error('A bug.')];
  const answers: Answered[] = [];
  for (const [index, error] of errors.entries()) {
    renderer.failWith(error);
    for (const method of ['GET', 'HEAD']) answers.push(await answerTo(`/w_${10 + index},f_auto/cat.jpg`, { method }));
  }
  return answers;
}

/** What is refused for what it asks, or answered with a reference to what the client has. */
async function refusedRequests(): Promise<readonly Answered[]> {
  const { ask, answerTo, renderer } = await serviceWith();
  const answers: Answered[] = [];
  const paths = [
    '/w_0/cat.jpg',
    '/nosuch_1/cat.jpg',
    '/w_1/none.jpg',
    '/none.jpg',
    '/w_1/none',
    '/s--AAAAAAAA--/w_1/cat.jpg',
    '/t_nosuch/cat.jpg',
    '/w_1/a%2Fb.jpg',
    '/image/upload/w_0/cat.jpg',
    '/_ipx/w_0/cat.jpg',
    '/cdn-cgi/image/width=0/cat.jpg',
    '/_next/image?url=%2Fcat.jpg',
    '/l_none.jpg/cat.jpg',
    '/-/nothing',
    '/-/',
    '/-/metrics',
    '/.fovea-staging/x',
  ];
  for (const path of paths) {
    for (const method of ['GET', 'HEAD']) answers.push(await answerTo(path, { method }));
  }
  const methods = ['POST', 'PUT', 'DELETE', 'PATCH', 'PURGE', 'QUERY'];
  for (const method of methods) answers.push(await answerTo('/w_1/cat.jpg', { method }));
  const ours = ['/-/health', '/-/ready', '/-/metrics', '/-/purge', '/-/images', '/-/uploads'];
  for (const path of ours) answers.push(await answerTo(path, { method: 'PATCH' }));
  const etag = (await ask('/w_1/cat.jpg')).headers.get('etag') ?? '';
  answers.push(await answerTo('/w_1/cat.jpg', { headers: { 'If-None-Match': etag } }));
  renderer.failWith(new Error('no decoder'));
  answers.push(await answerTo('/-/ready'));
  const closed = await serviceWith({ FOVEA_UNSIGNED: 'none' });
  answers.push(await closed.answerTo('/w_1/cat.jpg'), await closed.answerTo('/cat.jpg'));
  return answers;
}

/** What the doors for operators and uploaders refuse, with a right token and without. */
async function refusedWrites(): Promise<readonly Answered[]> {
  const { answerTo } = await serviceWith();
  const paths = [
    '/-/purge',
    '/-/images',
    '/-/uploads',
    '/-/uploads/tickets',
    '/-/uploads/01900000-0000-7000-8000-000000000000/commit',
    '/-/uploads/nothing/commit',
    '/-/uploads/s3/params',
    '/-/uploads/filepond',
    '/-/uploads/nothing/at/all',
  ];
  const answers: Answered[] = [];
  for (const path of paths) {
    for (const headers of [{}, { Authorization: 'Bearer wrong' }, admin]) {
      answers.push(await answerTo(path, { method: 'POST', headers, body: '{' }));
    }
  }
  answers.push(await answerTo('/-/uploads/files/nothing', { method: 'PUT', body: 'x' }));
  answers.push(await answerTo('/-/uploads/nothing', { method: 'DELETE', headers: admin }));
  return answers;
}

/** What never reaches the app: refused by what listens, on the connection itself. */
async function refusedConnections(): Promise<readonly Answered[]> {
  const { service } = await serviceWith();
  const limits = { headersTimeoutMs: 200, requestTimeoutMs: 400, checkIntervalMs: 50 };
  const server = await listen(service.app, { port: 0, host: '127.0.0.1', limits });
  onTestFinished(() => server.close());
  const get = (...headers: string[]) => requestOf('GET /w_1/cat.jpg HTTP/1.1', ...headers);
  const host = 'Host: fovea.test';
  const requests: Readonly<Record<string, string>> = {
    'no host': get(),
    'two hosts': get(host, host),
    'two lengths': get(host, 'Content-Length: 0', 'Content-Length: 4'),
    'a coding that is none': get(host, 'Transfer-Encoding: xchunked'),
    'a target with its host': requestOf('GET http://evil.test/w_1/cat.jpg HTTP/1.1', host),
    'dot segments': requestOf('GET /w_1/../cat.jpg HTTP/1.1', host, 'Connection: close'),
    'no HTTP at all': 'hello\r\n\r\n',
    'a URL of 8 kB': requestOf(`GET /w_1/${'a'.repeat(8_000)}.jpg HTTP/1.1`, host),
    'headers of 16 kB': get(host, `X-Long: ${'a'.repeat(16_384)}`),
    'an expectation that nobody meets': get(host, 'Expect: foo'),
    'headers that never end': `GET / HTTP/1.1\r\n${host}\r\n`,
  };
  return Promise.all(
    Object.entries(requests).map(async ([what, request]) => {
      const { status = 0, text } = await sendRaw(server.url, request);
      return { what, status, cacheControl: /^cache-control: (.*)\r$/im.exec(text)?.[1] };
    }),
  );
}

it('whatever is not a success says itself how long it may be kept, and a failure of ours never', async () => {
  const answers = [
    ...(await failedPictures()),
    ...(await refusedRequests()),
    ...(await refusedWrites()),
    ...(await refusedConnections()),
  ];
  const silent = answers.filter(({ cacheControl }) => cacheControl === undefined);
  const kept = answers.filter(
    ({ status, cacheControl = '' }) =>
      (status >= 500 || status === 401 || status === 410) && cacheControl !== 'no-store',
  );
  const statuses = [...new Set(answers.map(({ status }) => status))].sort((a, b) => a - b);
  recordFigure(
    25,
    `${answers.length - silent.length} of ${answers.length} answers of the statuses ${statuses.join(', ')} have a Cache-Control; ${kept.length} of those of 401, 410 and 5xx have another one than no-store`,
  );
  expect(answers.filter(({ status }) => status < 300)).toEqual([]);
  expect(silent).toEqual([]);
  expect(kept).toEqual([]);
  expect(statuses).toEqual([304, 400, 401, 404, 405, 408, 410, 413, 414, 415, 417, 422, 431, 499, 500, 502, 503, 504]);
});
