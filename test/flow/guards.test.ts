import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { serviceRoutes, uploadRoutes } from '../../src/http/routes.ts';
import type { ObjectStore } from '../../src/storage/index.ts';
import type { TelemetryEvent } from '../../src/telemetry.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { startRenderer } from '../support/renderer.ts';
import { createTestService, type TestService } from '../support/test-service.ts';
import { picture } from '../support/uploads.ts';

const { renderer } = startRenderer();
afterAll(() => renderer.close());

const adminToken = 'the admin token of the tests';
const secret = 'a secret that signs what the tests ask for';
const jpeg = new Uint8Array(await picture());

/** Who asks: nobody, somebody who guesses, the holder of an old ticket, of another's, of the right one, an admin. */
type Credential = 'none' | 'wrong' | 'expired' | 'foreign' | 'own' | 'admin';

interface World extends TestService {
  readonly originals: ObjectStore;
  readonly credentials: Readonly<Record<Credential, string | undefined>>;
  /** Fresh at each call: a batch of `own`'s with nothing in it, and with its file in it. */
  openBatch(): Promise<string>;
  filledBatch(): Promise<string>;
  /** The address of a file of `own`'s that is not sent yet. */
  address(): Promise<string>;
  /** An address through which this key of `own`'s has been published. */
  placed(): Promise<{ readonly address: string; readonly key: string }>;
  /** The key of a picture that `own` has published by FilePond. */
  published(): Promise<string>;
  /** Where an upload by tus goes on, that `own` has begun: `/-/uploads/tus/…`. */
  begun(): Promise<string>;
}

async function start(): Promise<World> {
  const originals = createMemoryStore();
  const its = await createTestService({
    renderer,
    originals,
    config: {
      adminToken,
      unsigned: 'none',
      signingSecrets: [secret],
      file: { ...readConfig({}).file, publicUrl: 'http://fovea.test' },
    },
  });
  const ticket = async () =>
    (await its.service.uploads.ticket(600, { batches: 1000, files: 1000, bytes: 10 ** 12 })).ticket;
  const credentials = {
    none: undefined,
    wrong: 'a token that somebody guessed',
    expired: (await its.service.uploads.ticket(-600)).ticket,
    foreign: await ticket(),
    own: await ticket(),
    admin: adminToken,
  };
  const asOwn = async (path: string, init: RequestInit = {}) =>
    its.ask(path, { ...init, headers: { Authorization: `Bearer ${credentials.own}`, ...init.headers } });
  const json = async <Shape>(path: string, init?: RequestInit) => (await (await asOwn(path, init)).json()) as Shape;
  const openBatch = async () => {
    const create = { method: 'POST', body: JSON.stringify({ filename: 'a.jpg', type: 'image/jpeg' }) };
    return (await json<{ uploadId: string }>('/-/uploads/s3/multipart', create)).uploadId;
  };
  const sign = { method: 'POST', body: JSON.stringify({ method: 'PUT', key: 'a.jpg', contentType: 'image/jpeg' }) };
  const address = async () => (await json<{ url: string }>('/-/uploads/s3/sign', sign)).url;
  const put = (url: string) =>
    its.ask(url.replace('http://fovea.test', ''), {
      method: 'PUT',
      headers: { 'Content-Type': 'image/jpeg' },
      body: jpeg,
    });
  return {
    ...its,
    originals,
    credentials,
    openBatch,
    address,
    async filledBatch() {
      const files = [{ filename: 'a.jpg', type: 'image/jpeg', bytes: jpeg.byteLength }];
      const body = JSON.stringify({ files, method: 'PUT' });
      const signed = await json<{ batch: string; uploads: { url: string }[] }>('/-/uploads', { method: 'POST', body });
      await put(signed.uploads[0]?.url ?? '');
      return signed.batch;
    },
    async placed() {
      const { url, key } = await json<{ url: string; key: string }>('/-/uploads/s3/sign', sign);
      await put(url);
      return { address: url, key };
    },
    async published() {
      const form = new FormData();
      form.append('filepond', new Blob([jpeg], { type: 'image/jpeg' }), 'a.jpg');
      return (await asOwn('/-/uploads/filepond', { method: 'POST', body: form })).text();
    },
    async begun() {
      const headers = { ...inTus, 'Upload-Length': String(jpeg.byteLength) };
      const answer = await asOwn('/-/uploads/tus', { method: 'POST', headers });
      return (answer.headers.get('location') ?? '').replace('http://fovea.test', '');
    },
  };
}

type Answers = Readonly<Record<Credential, number>>;

const everybody = (status: number): Answers => ({
  none: status,
  wrong: status,
  expired: status,
  foreign: status,
  own: status,
  admin: status,
});
const adminOnly = (status: number): Answers => ({ ...everybody(401), admin: status });
/** For whoever may upload, whatever is his. */
const uploaders = (status: number): Answers => ({ ...everybody(401), foreign: status, own: status, admin: status });
/** What belongs to one ticket is not there for another. */
const owner = (status: number): Answers => ({ ...uploaders(status), foreign: 404 });

interface Row {
  readonly method: string;
  /** As the table of routes has it. */
  readonly route: string;
  readonly answers: Answers;
  readonly ask: (its: World) => Promise<{
    readonly path: string;
    readonly body?: string | Uint8Array<ArrayBuffer>;
    readonly headers?: Readonly<Record<string, string>>;
  }>;
}

const inTus = { 'Tus-Resumable': '1.0.0' };
const rest = { ...inTus, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' };
const asJpeg = { 'Content-Type': 'image/jpeg' };
const at = (path: string) => async () => ({ path });
const json = (path: string, body: unknown) => async () => ({ path, body: JSON.stringify(body) });

function companion(prefix: string, at: (path: string) => string): readonly Row[] {
  const row = (method: string, route: string, answers: Answers, ask: Row['ask']): Row => ({
    method,
    route: `${prefix}${route}`,
    answers,
    ask: async (its) => {
      const { path, ...rest } = await ask(its);
      return { path: at(path), ...rest };
    },
  });
  const ofBatch =
    (rest = '') =>
    async (its: World) => ({ path: `/s3/multipart/${await its.openBatch()}${rest}` });
  return [
    row('GET', '/s3/params', uploaders(200), async () => ({ path: '/s3/params?filename=a.jpg' })),
    row('POST', '/s3/sign', uploaders(200), json('/s3/sign', { method: 'PUT', key: 'a.jpg' })),
    row('POST', '/s3/multipart', uploaders(200), json('/s3/multipart', { filename: 'a.jpg' })),
    row('GET', '/s3/multipart/:uploadId', owner(200), ofBatch()),
    row('DELETE', '/s3/multipart/:uploadId', owner(200), ofBatch()),
    row('GET', '/s3/multipart/:uploadId/:part', owner(200), ofBatch('/1')),
    row('POST', '/s3/multipart/:uploadId/complete', owner(400), async (its) => ({
      path: `/s3/multipart/${await its.openBatch()}/complete`,
      body: JSON.stringify({ parts: [{ PartNumber: 1, ETag: 'x' }] }),
    })),
  ];
}

/** Every route of ours, and what each credential comes to. A route that is not here fails the test. */
const rows: readonly Row[] = [
  { method: 'GET', route: '/-/health', answers: everybody(200), ask: at('/-/health') },
  { method: 'GET', route: '/-/ready', answers: everybody(200), ask: at('/-/ready') },
  { method: 'GET', route: '/-/openapi.json', answers: everybody(200), ask: at('/-/openapi.json') },
  // What the URL in the query does not permit is said in the answer: as the URL itself says it.
  { method: 'GET', route: '/-/explain', answers: everybody(200), ask: at('/-/explain?url=/a.jpg') },
  // Of an original that nobody may have unsigned only the admin is told.
  ...['info', 'placeholder'].map((name) => ({
    method: 'GET',
    route: `/-/${name}/:key{.+}`,
    answers: adminOnly(404),
    ask: at(`/-/${name}/none.jpg`),
  })),
  // What may not be told is said line by line.
  { method: 'POST', route: '/-/info', answers: everybody(200), ask: json('/-/info', { keys: ['none.jpg'] }) },
  { method: 'GET', route: '/-/playground', answers: everybody(200), ask: at('/-/playground') },
  { method: 'GET', route: '/-/demo', answers: everybody(200), ask: at('/-/demo') },
  { method: 'GET', route: '/-/playground/:file', answers: everybody(404), ask: at('/-/playground/none.js') },
  { method: 'GET', route: '/-/originals', answers: adminOnly(200), ask: at('/-/originals') },
  {
    method: 'POST',
    route: '/-/originals',
    answers: adminOnly(200),
    ask: json('/-/originals', { delete: ['none.jpg'] }),
  },
  {
    method: 'PUT',
    route: '/-/focus/:key{.+}',
    answers: adminOnly(200),
    async ask(its) {
      await its.originals.put('a.jpg', Buffer.from(jpeg), { contentType: 'image/jpeg' });
      return { path: '/-/focus/a.jpg', body: JSON.stringify({ x: 0.5, y: 0.5 }) };
    },
  },
  {
    method: 'PUT',
    route: '/-/alt/:key{.+}',
    answers: adminOnly(200),
    async ask(its) {
      await its.originals.put('a.jpg', Buffer.from(jpeg), { contentType: 'image/jpeg' });
      return { path: '/-/alt/a.jpg', body: JSON.stringify({ alt: 'A cat' }) };
    },
  },
  {
    method: 'GET',
    route: '/-/originals/:key{.+}',
    answers: adminOnly(404),
    ask: at('/-/originals/none.jpg'),
  },
  {
    method: 'DELETE',
    route: '/-/originals/:key{.+}',
    answers: adminOnly(200),
    ask: at('/-/originals/none.jpg'),
  },
  { method: 'GET', route: '/-/metrics', answers: adminOnly(200), ask: at('/-/metrics') },
  {
    method: 'POST',
    route: '/-/purge',
    answers: adminOnly(200),
    async ask(its) {
      await its.originals.put('a.jpg', Buffer.from(jpeg), { contentType: 'image/jpeg' });
      return { path: '/-/purge', body: JSON.stringify({ keys: ['a.jpg'] }) };
    },
  },
  ...['/-/images', '/-/uploads', '/-/uploads/tus', '/-/uploads/*'].map(
    (route): Row => ({ method: 'OPTIONS', route, answers: everybody(204), ask: at(route.replace('*', 's3/params')) }),
  ),
  {
    method: 'POST',
    route: '/-/images',
    answers: uploaders(201),
    ask: async () => ({ path: '/-/images', body: jpeg, headers: asJpeg }),
  },
  {
    method: 'PUT',
    route: '/-/originals/:key{.+}',
    answers: adminOnly(200),
    async ask(its) {
      await its.originals.put('a.jpg', Buffer.from(jpeg), { contentType: 'image/jpeg' });
      return { path: '/-/originals/a.jpg', body: jpeg, headers: asJpeg };
    },
  },
  ...(['GET', 'POST'] as const).map(
    (method): Row => ({
      method,
      route: '/-/versions/:key{.+}',
      // A store without versions, once it is known who asks.
      answers: adminOnly(501),
      ask: async () => ({ path: '/-/versions/a.jpg', ...(method === 'POST' && { body: '{"version": "1"}' }) }),
    }),
  ),
  ...(['PUT', 'POST'] as const).map(
    (method): Row => ({
      method,
      route: '/-/uploads/files/:token',
      // The address is the permission, whoever brings it.
      answers: everybody(201),
      ask: async (its) => ({ path: await its.address(), body: jpeg, headers: asJpeg }),
    }),
  ),
  {
    method: 'GET',
    route: '/-/uploads/files/:token/:key{.+}',
    answers: everybody(303),
    ask: async (its) => {
      const { address, key } = await its.placed();
      return { path: `${address}/${key}` };
    },
  },
  {
    method: 'POST',
    route: '/-/uploads/filepond',
    answers: uploaders(201),
    ask: async () => ({ path: '/-/uploads/filepond', body: jpeg, headers: asJpeg }),
  },
  {
    method: 'PATCH',
    route: '/-/uploads/filepond',
    // Refused for its missing length, once it is known whose it is.
    answers: owner(400),
    ask: async (its) => ({
      path: `/-/uploads/filepond?patch=2026/11/${await its.openBatch()}`,
      headers: { 'Upload-Offset': '7' },
    }),
  },
  {
    method: 'GET',
    route: '/-/uploads/filepond',
    answers: owner(303),
    ask: async (its) => ({ path: `/-/uploads/filepond?load=${await its.published()}` }),
  },
  {
    method: 'DELETE',
    route: '/-/uploads/filepond',
    answers: owner(204),
    ask: async (its) => ({ path: '/-/uploads/filepond', body: await its.published() }),
  },
  {
    method: 'POST',
    route: '/-/uploads/tus',
    answers: uploaders(201),
    ask: async () => ({ path: '/-/uploads/tus', headers: { ...inTus, 'Upload-Length': '9' } }),
  },
  {
    method: 'GET',
    route: '/-/uploads/tus/:batch',
    // Not published: there is nothing to lead to.
    answers: uploaders(404),
    ask: async (its) => ({ path: await its.begun() }),
  },
  {
    method: 'PATCH',
    route: '/-/uploads/tus/:batch',
    answers: owner(204),
    ask: async (its) => ({ path: await its.begun(), headers: rest, body: jpeg }),
  },
  {
    method: 'POST',
    route: '/-/uploads/tus/:batch',
    answers: owner(204),
    ask: async (its) => ({
      path: await its.begun(),
      headers: { ...rest, 'X-HTTP-Method-Override': 'PATCH' },
      body: jpeg,
    }),
  },
  {
    method: 'DELETE',
    route: '/-/uploads/tus/:batch',
    answers: owner(204),
    ask: async (its) => ({ path: await its.begun(), headers: inTus }),
  },
  ...companion('/-/uploads', (path) => `/-/uploads${path}`),
  ...companion('/-/uploads/tickets/:ticket', (path) => `/-/uploads/tickets/in-the-header${path}`),
  {
    method: 'POST',
    route: '/-/uploads',
    answers: uploaders(201),
    ask: json('/-/uploads', { files: [{ filename: 'a.jpg', type: 'image/jpeg', bytes: 9 }] }),
  },
  {
    method: 'POST',
    route: '/-/uploads/tickets',
    answers: adminOnly(201),
    ask: json('/-/uploads/tickets', { expiresSeconds: 60 }),
  },
  {
    method: 'POST',
    route: '/-/uploads/:batch/commit',
    answers: owner(200),
    ask: async (its) => ({ path: `/-/uploads/${await its.filledBatch()}/commit`, body: '' }),
  },
  {
    method: 'DELETE',
    route: '/-/uploads/:batch',
    answers: owner(204),
    ask: async (its) => ({ path: `/-/uploads/${await its.openBatch()}` }),
  },
];

/** What only the holder of a credential may change. FilePond and Uppy ask for an upload to be signed with GET. */
const changing = rows.filter(
  ({ method, route, answers }) => answers.none === 401 && (method !== 'GET' || route.endsWith('/s3/params')),
);

describe('every route of ours', () => {
  let its: World;
  beforeAll(async () => {
    its = await start();
  });

  test('has a row in this table, and no other', () => {
    const registered = its.service.app.routes
      .filter(({ path, method }) => path.startsWith('/-/') && method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`);
    expect(rows.map(({ method, route }) => `${method} ${route}`).toSorted()).toEqual(registered.toSorted());
  });

  test('says what it changes in the name of its caller, or that it only looks', () => {
    const acting = [...serviceRoutes, ...uploadRoutes]
      .filter((route) => 'act' in route && route.act !== undefined)
      .map(({ method, path }) => `${method} ${path}`);
    expect(changing.map(({ method, route }) => `${method} ${route}`).toSorted()).toEqual(acting.toSorted());
  });

  test.each(rows.map((row) => [`${row.method} ${row.route}`, row] as const))(
    '%s answers each credential as it should',
    async (_, { method, answers, ask }) => {
      const came: Partial<Record<Credential, number>> = {};
      for (const [name, token] of Object.entries(its.credentials)) {
        const { path, body, headers: own } = await ask(its);
        const headers = {
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
          ...own,
        };
        const target = path.replace('http://fovea.test', '');
        const response = await its.ask(target, { method, headers, ...(body === undefined ? {} : { body }) });
        came[name as Credential] = response.status;
      }
      // Without a bearer token the ticket in the path counts, and this one is none.
      expect(came).toEqual(answers);
    },
  );

  const noted = ({ type }: TelemetryEvent) => type === 'audit';

  test.each(changing.map((row) => [`${row.method} ${row.route}`, row] as const))(
    '%s leaves a line in the log of who did what, and of how many things',
    async (_, { method, answers, ask }) => {
      for (const name of ['admin', 'own'] as const) {
        const token = its.credentials[name];
        const { path, body, headers } = await ask(its);
        const before = its.telemetry.events.length;
        const response = await its.ask(path, {
          method,
          headers: { Authorization: `Bearer ${token}`, ...headers },
          ...(body === undefined ? {} : { body }),
        });
        // What goes on behind the beginning of its answer is done by then.
        await response.arrayBuffer();
        const lines = its.telemetry.events.slice(before).filter(noted);
        const status = answers[name];
        if (status === 401) expect(lines).toEqual([]);
        else {
          const isDone = status < 400;
          expect(lines).toEqual([
            {
              type: 'audit',
              act: expect.stringMatching(/^[a-z ]{5,20}$/),
              // A ticket is known by its id, which opens nothing.
              who: name === 'admin' ? 'admin' : expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f-]{27}$/),
              from: 'unknown',
              count: isDone ? 1 : 0,
              outcome: isDone ? 'done' : 'failed',
              requestId: expect.any(String),
            },
          ]);
        }
        for (const secret of [adminToken, its.credentials.own ?? ''])
          expect(JSON.stringify(lines)).not.toContain(secret);
      }
    },
  );

  test.each(rows.filter((row) => !changing.includes(row)).map((row) => [`${row.method} ${row.route}`, row] as const))(
    '%s changes nothing in its caller’s name, and leaves no such line',
    async (_, { method, ask }) => {
      const { path, body, headers } = await ask(its);
      const before = its.telemetry.events.length;
      await its.ask(path.replace('http://fovea.test', ''), {
        method,
        headers: { Authorization: `Bearer ${adminToken}`, ...headers },
        ...(body === undefined ? {} : { body }),
      });
      expect(its.telemetry.events.slice(before).filter(noted)).toEqual([]);
    },
  );

  test('PURGE of a picture leaves such a line too, and a dry run says that nothing was purged', async () => {
    const headers = { Authorization: `Bearer ${adminToken}` };
    for (const key of ['a.jpg', 'b.jpg'])
      await its.originals.put(key, Buffer.from(jpeg), { contentType: 'image/jpeg' });
    const purge = async (path: string, init: RequestInit) => {
      const before = its.telemetry.events.length;
      await its.ask(path, init);
      return its.telemetry.events.slice(before).filter(noted);
    };
    const line = { type: 'audit', act: 'purge', who: 'admin', outcome: 'done' };
    expect(await purge('/w_10/a.jpg', { method: 'PURGE', headers })).toMatchObject([
      { ...line, count: expect.any(Number) },
    ]);
    expect(await purge('/w_10/a.jpg', { method: 'PURGE' })).toEqual([]);
    const body = (dryRun: boolean) => JSON.stringify({ keys: ['a.jpg', 'b.jpg'], dryRun });
    const post = (dryRun: boolean) => purge('/-/purge', { method: 'POST', headers, body: body(dryRun) });
    expect(await post(false)).toMatchObject([{ ...line, count: 2 }]);
    expect(await post(true)).toMatchObject([{ ...line, count: 0 }]);
    expect(await purge('/-/purge', { method: 'POST', headers, body: '{}' })).toMatchObject([
      { ...line, count: 0, outcome: 'failed' },
    ]);
  });

  test('a wrong token is told what would be taken, where a ticket would do as well', async () => {
    const headers = { Authorization: 'Bearer not the token' };
    const answer = await its.ask('/-/images', { method: 'POST', headers });
    expect(answer.headers.get('x-cld-error')).toBe(
      'This is neither the admin token nor a ticket that is valid here: expected one of them.',
    );
  });

  test.each(rows.filter(({ method }) => method !== 'OPTIONS').map(({ route }) => route))(
    '%s tells another method which it takes',
    async (route) => {
      const path = route.replace(/:\w+(\{.*\})?/g, 'x');
      const response = await its.ask(path, { method: 'PROPFIND' });
      const taken = rows.filter((row) => row.route === route).map(({ method }) => method);
      expect(response.status).toBe(405);
      for (const method of taken) expect(response.headers.get('allow')?.split(', ')).toContain(method);
    },
  );

  test('is reached by one spelling of its path only', async () => {
    const headers = { Authorization: `Bearer ${adminToken}`, Origin: 'https://shop.example' };
    for (const path of ['/-/%6detrics', '/%2d/metrics', '/-/%75ploads/s3/params', '/-%2Fmetrics', '/%2D/purge']) {
      expect([path, (await its.ask(path, { headers })).status]).not.toEqual([path, 200]);
    }
    await its.ask('/-/%75ploads/tickets/secret-ticket/s3/params');
    expect(JSON.stringify(its.telemetry.events)).not.toContain('secret-ticket');
  });
});

describe('no address of ours leads to an original that its caller has not published', () => {
  const keys = ['members/secret.jpg', 'w_333/h_111/secret.jpg', 'v7/secret.jpg', 'secret.jpg'];

  async function withSecrets() {
    const its = await start();
    for (const key of keys) await its.originals.put(key, Buffer.from(jpeg), { contentType: 'image/jpeg' });
    return its;
  }

  test('by a made-up address, an own one, a name that reads as a transformation, or the beginning of a key', async () => {
    const its = await withSecrets();
    const { address, key } = await its.placed();
    const unused = await its.address();
    const tokens = ['x', 'files', ...[address, unused].map((one) => one.slice(one.lastIndexOf('/') + 1))];
    for (const token of tokens) {
      for (const other of [...keys, 'x', '%2e%2e', key.slice(0, -6)]) {
        const { status, headers } = await its.ask(`/-/uploads/files/${token}/${other}`);
        expect([401, 404]).toContain(status);
        expect(headers.get('location')).toBeNull();
      }
    }
    const own = await its.ask(`${address.replace('http://fovea.test', '')}/${key}`);
    expect((await its.ask(own.headers.get('location') ?? '')).status).toBe(200);
  });

  test("by FilePond's load and restore, for the holder of a ticket, even where policy lets everybody read it", async () => {
    const its = await withSecrets();
    const foreign = await its.published();
    for (const parameter of ['load', 'restore']) {
      for (const id of [...keys, foreign]) {
        const ask = (token: string | undefined) =>
          its.ask(`/-/uploads/filepond?${parameter}=${id}`, { headers: { Authorization: `Bearer ${token}` } });
        expect([id, (await ask(its.credentials.foreign)).status]).toEqual([id, 404]);
        expect([id, (await ask(its.credentials.admin)).status]).toEqual([id, 303]);
      }
    }
    const open = await createTestService({
      renderer,
      originals: its.originals,
      config: { adminToken, unsigned: 'any' },
    });
    const { ticket } = await open.service.uploads.ticket(60);
    const headers = { Authorization: `Bearer ${ticket}` };
    expect((await open.ask('/secret.jpg')).status).toBe(200);
    expect((await open.ask('/-/uploads/filepond?load=secret.jpg', { headers })).status).toBe(404);
  });

  test('by a signature that was made for a key whose folder reads as a transformation', async () => {
    const its = await withSecrets();
    const headers = { Authorization: `Bearer ${adminToken}` };
    const loaded = await its.ask('/-/uploads/filepond?load=w_333/h_111/secret.jpg', { headers });
    const location = loaded.headers.get('location') ?? '';
    expect(location).toMatch(/^\/s--[\w-]+--\/v1\/w_333\/h_111\/secret\.jpg$/);
    expect((await its.ask(location)).status).toBe(200);
    for (const other of [location.replace('/v1/', '/'), location.replace('/v1/w_333/', '/w_333/v1/')]) {
      expect([other, (await its.ask(other)).status]).toEqual([other, 401]);
    }
    expect((await its.ask('/w_333/h_111/secret.jpg')).status).toBe(401);
  });
});

describe('where no originals come in over HTTP', () => {
  test('there is no route of uploads at all', async () => {
    const its = await createTestService({ renderer, config: { adminToken }, takesUploads: false });
    const headers = { Authorization: `Bearer ${adminToken}` };
    for (const { method, route } of rows.filter(({ route }) => /uploads|images/.test(route))) {
      const path = route.replace(/:\w+(\{.*\})?|\*/g, 'x');
      expect([route, (await its.ask(path, { method, headers })).status]).toEqual([route, 404]);
    }
    expect((await its.ask('/-/metrics', { headers })).status).toBe(200);
  });
});
