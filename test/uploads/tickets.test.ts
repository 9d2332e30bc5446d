import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { isFailure } from '../../src/failure.ts';
import type { ObjectStore, UploadPresigner } from '../../src/storage/index.ts';
import type { Taken, TicketToken } from '../../src/uploads/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createTestUploads, incoming, live, picture, type TestUploads } from '../support/uploads.ts';

const jpeg = await picture();

async function ticketOf({ uploads }: TestUploads, allowance: Taken = {}, expiresSeconds = 3600): Promise<TicketToken> {
  return uploads.readTicket((await uploads.ticket(expiresSeconds, allowance)).ticket);
}

const asked = {
  origin: 'http://fovea.test',
  method: 'PUT',
  atomic: true,
  automatic: true,
  expiresSeconds: 3600,
} as const;

function sign(its: TestUploads, ticket: TicketToken, files = [{ type: 'image/jpeg' }]) {
  return its.uploads.presign(files, { ...asked, owner: ticket.ticket, ticket, signal: live() });
}

async function put(its: TestUploads, url: string, bytes: Uint8Array) {
  const token = await its.uploads.readPlace(url.slice(url.lastIndexOf('/') + 1));
  const body = Readable.from([bytes], { objectMode: false });
  return its.uploads.place(token, { body, bytes: bytes.byteLength }, live());
}

/** What each of them came to: done, or the kind of its failure. */
async function outcomes(work: readonly Promise<unknown>[]): Promise<readonly string[]> {
  const settled = await Promise.allSettled(work);
  return settled.map((one) => (one.status === 'fulfilled' ? 'done' : isFailure(one.reason) ? one.reason.kind : 'bug'));
}

async function stagedBytes(store: Pick<ObjectStore, 'list'>): Promise<number> {
  let bytes = 0;
  for await (const { key, size } of store.list('.fovea-staging/')) if (key.includes('/files/')) bytes += size;
  return bytes;
}

describe('a ticket, and an address', () => {
  test('is what was signed, to the letter, and nothing that decodes to it', async () => {
    const its = createTestUploads();
    const { ticket } = await its.uploads.ticket(3600, {});
    const { uploads } = await sign(its, await its.uploads.readTicket(ticket));
    const { url } = uploads[0] ?? {};
    const address = (url ?? '').slice((url ?? '').lastIndexOf('/') + 1);
    for (const [token, read] of [
      [ticket, its.uploads.readTicket],
      [address, its.uploads.readPlace],
    ] as const) {
      expect(await read(token)).toMatchObject({ expires: expect.any(Number) });
      // Of the last letter four bits count: its three neighbours stand for the same bytes.
      const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      const last = letters.indexOf(token.slice(-1));
      const others = [1, 2, 3].map((bits) => token.slice(0, -1) + letters[(last & ~3) + ((last + bits) & 3)]);
      const [text, signature] = token.split('.');
      const odd = ['.x', '==', '=', '!!', '.', ' ', '\n', 'A'].map((tail) => token + tail);
      const inside = [
        `${text}=.${signature}`,
        `${text}..${signature}`,
        `${text}.=${signature}`,
        `.${token}`,
        ` ${token}`,
      ];
      for (const one of [...others, ...odd, ...inside, '', '.', `${token}.${token}`, token + 'A'.repeat(2_000)]) {
        await expect(read(one)).rejects.toMatchObject({ kind: 'unauthorised' });
      }
    }
  });
});

describe('what a ticket may take in all', () => {
  test('is so many batches, however many are asked for at once, and none more later', async () => {
    const its = createTestUploads();
    const ticket = await ticketOf(its, { batches: 5 });
    const first = await outcomes(Array.from({ length: 30 }, () => sign(its, ticket)));
    expect(first.filter((one) => one === 'done').length).toBeLessThanOrEqual(5);
    expect(first).not.toContain('bug');
    const rest = await outcomes([0, 1, 2, 3, 4, 5].map((n) => n).map(() => sign(its, ticket)));
    expect([...first, ...rest].filter((one) => one === 'done').length).toBeLessThanOrEqual(5);
    await expect(sign(its, await ticketOf(its))).resolves.toBeDefined();
  });

  test('is so many files, one by one, in a batch, or in a form', async () => {
    const its = createTestUploads();
    const ticket = await ticketOf(its, { files: 3 });
    await sign(its, ticket, Array(2).fill({ type: 'image/jpeg' }));
    await expect(sign(its, ticket, Array(2).fill({ type: 'image/jpeg' }))).rejects.toMatchObject({
      kind: 'too_large',
      message: expect.stringContaining('3 files'),
    });
    const form = incoming({ bytes: jpeg }, { bytes: jpeg });
    const report = await its.uploads.receive(form, { owner: ticket.ticket, ticket, bytes: 2000, signal: live() });
    expect(report).toMatchObject({ published: false });
  });

  test.each([
    ['promised', { type: 'image/jpeg', bytes: 600 }],
    ['not promised', { type: 'image/jpeg' }],
  ])('is so many bytes, when they are %s', async (_, file) => {
    const its = createTestUploads();
    const ticket = await ticketOf(its, { bytes: 1000 });
    const attempt = async () => {
      const { uploads } = await sign(its, ticket, [file]);
      await put(its, uploads[0]?.url ?? '', new Uint8Array(600)).catch((error: unknown) => {
        // No picture, but counted: an attempt costs what a success costs.
        if (!isFailure(error, 'unsupported') && !isFailure(error, 'corrupt')) throw error;
      });
    };
    expect(await outcomes([attempt()])).toEqual(['done']);
    expect(await outcomes([attempt()])).toEqual(['too_large']);
  });

  test('is so many bytes of requests, and of files as large as may be where no length is said', async () => {
    const its = createTestUploads();
    const ticket = await ticketOf(its, { bytes: 2 * jpeg.byteLength });
    const send = (bytes: number | undefined) =>
      its.uploads.receive(incoming({ bytes: jpeg }), { owner: ticket.ticket, ticket, bytes, signal: live() });
    await expect(send(undefined)).rejects.toMatchObject({ kind: 'too_large' });
    expect((await send(jpeg.byteLength)).published).toBe(true);
    expect((await send(jpeg.byteLength)).published).toBe(true);
    await expect(send(jpeg.byteLength)).rejects.toMatchObject({ kind: 'too_large' });
  });

  test('is booked where every instance sees it, and swept away in the end', async () => {
    const store = createMemoryStore();
    const [one, other] = [createTestUploads({ store }), createTestUploads({ store })];
    const ticket = await ticketOf(one, { batches: 1 });
    await sign(one, ticket);
    await expect(sign(other, ticket)).rejects.toMatchObject({ kind: 'too_large' });
    await one.sweepLater();
    expect(await one.keys()).toEqual([]);
  });

  test('does not bind an admin', async () => {
    const its = createTestUploads();
    const signs = Array.from({ length: 120 }, () =>
      its.uploads.presign([{ type: 'image/jpeg' }], { ...asked, signal: live() }),
    );
    expect(new Set(await outcomes(signs))).toEqual(new Set(['done']));
  });
});

describe('what is staged of a file', () => {
  test('in parts is never more than the file may be, whatever the number and the size of its parts', async () => {
    const store = createMemoryStore();
    const its = createTestUploads({ store, maxBytes: 5000 });
    const { batch } = await its.uploads.promise({ type: 'image/jpeg' }, { expiresSeconds: 60, signal: live() });
    const parts = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const caller = { owner: undefined, signal: live() };
        return (await its.uploads.presignPart(batch, { part: index + 1, origin: '', ...caller })).url;
      }),
    );
    const came = await outcomes(parts.map((url) => put(its, url, new Uint8Array(2000))));
    expect(new Set(came)).toEqual(new Set(['done', 'too_large'].filter((kind) => came.includes(kind))));
    expect(came).toContain('too_large');
    expect(await stagedBytes(store)).toBeLessThanOrEqual(5000);
  });

  test('in chunks is never more than was announced, wherever they begin', async () => {
    const store = createMemoryStore();
    const its = createTestUploads({ store, maxBytes: 100_000 });
    const { batch } = await its.uploads.promise({ bytes: 1000 }, { expiresSeconds: 60, signal: live() });
    for (let offset = 500; offset > 0; offset -= 50) {
      const bytes = 500;
      const body = Readable.from([new Uint8Array(bytes)], { objectMode: false });
      await its.uploads
        .append(batch, { offset, body, bytes }, { owner: undefined, signal: live() })
        .catch(() => undefined);
      expect(await stagedBytes(store)).toBeLessThanOrEqual(1000);
    }
  });
});

describe('an address that a ticket was given', () => {
  const signedFor: number[] = [];
  const presigner: UploadPresigner = {
    takesForms: true,
    presignPost: async ({ key, expiresSeconds }) => {
      signedFor.push(expiresSeconds);
      return { method: 'POST', url: 'https://bucket.example', fields: { key } };
    },
    presignPut: async ({ key, expiresSeconds }) => {
      signedFor.push(expiresSeconds);
      return { method: 'PUT', url: `https://bucket.example/${key}`, headers: {} };
    },
  };

  test('ends with the ticket, at the bucket and here', async () => {
    const its = createTestUploads({ presigner });
    const ticket = await ticketOf(its, {}, 100);
    for (const automatic of [false, true]) {
      const options = { ...asked, automatic, ticket, owner: ticket.ticket, signal: live() };
      const { expires, uploads } = await its.uploads.presign([{ type: 'image/jpeg', bytes: 9 }], options);
      expect(expires.getTime()).toBeLessThanOrEqual(ticket.expires);
      expect(uploads[0]?.expires.getTime()).toBeLessThanOrEqual(ticket.expires);
    }
    expect(Math.max(...signedFor)).toBeLessThanOrEqual(100);
    const { batch, expires } = await its.uploads.promise(
      { type: 'image/jpeg' },
      { expiresSeconds: 3600, owner: ticket.ticket, ticket, signal: live() },
    );
    expect(expires).toBeLessThanOrEqual(ticket.expires);
    const part = await its.uploads.presignPart(batch, {
      part: 1,
      origin: 'http://fovea.test',
      owner: undefined,
      signal: live(),
    });
    expect(part.expires.getTime()).toBeLessThanOrEqual(ticket.expires);
    // A bucket would take any size at such an address.
    expect(part.url).toMatch(/^http:\/\/fovea\.test\/-\/uploads\/files\//);
  });
});

describe('where the store knows no signed forms', () => {
  const presigner: UploadPresigner = {
    takesForms: false,
    presignPost: () => Promise.reject(new Error('not asked for')),
    presignPut: async ({ key, contentType = '', bytes, onlyIfAbsent = false }) => ({
      method: 'PUT',
      url: `https://bucket.example/${key}?bytes=${bytes}&once=${onlyIfAbsent}`,
      headers: { 'content-type': contentType },
    }),
  };

  test.each(['POST', 'PUT'] as const)('what is asked for as %s is a PUT of that type and size', async (method) => {
    const its = createTestUploads({ presigner });
    const { uploads } = await its.uploads.presign([{ type: 'image/jpeg', bytes: 9 }], {
      ...asked,
      method,
      automatic: false,
      signal: live(),
    });
    expect(uploads).toMatchObject([{ method: 'PUT', headers: { 'content-type': 'image/jpeg' } }]);
    expect(uploads[0]?.url).toMatch(/\?bytes=9&once=false$/);
  });

  test('a file without a size is refused: nothing would hold a PUT to one', async () => {
    const its = createTestUploads({ presigner });
    const options = { ...asked, automatic: false, signal: live() };
    const signing = its.uploads.presign([{ type: 'image/jpeg' }], options);
    await expect(signing).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining('bytes') });
    expect(await its.keys()).toEqual([]);
  });
});

describe('uploads under way', () => {
  /** Nobody loses a place, and whoever waits does so for longer than a test. */
  const patient = { forAdmin: 0, waitMs: 60_000, graceMs: 60_000, bytesPerSecond: 0, lookMs: 60_000 };

  /** A body that ends when it is told to, and says when somebody begins to read it. */
  function heldBody() {
    let began = false;
    let letGo = () => {};
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    async function* body() {
      began = true;
      yield jpeg.subarray(0, 10);
      await gate;
      yield jpeg.subarray(10);
    }
    return { body: body(), began: () => began, letGo };
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  test('are so many at once, so many of each owner, wait in a line that is bounded, and are refused past it', async () => {
    const arrivals = { ...patient, atOnce: 4, atOnceEach: 2, waiting: 3 };
    const its = createTestUploads({ arrivals });
    const send = (owner: string) => {
      const held = heldBody();
      async function* files() {
        yield { body: held.body };
      }
      return { ...held, done: its.uploads.receive(files(), { owner, signal: live() }) };
    };
    const greedy = [1, 2, 3, 4, 5].map(() => send('greedy'));
    for (let n = 0; n < 20; n += 1) await turn();
    expect(greedy.filter(({ began }) => began())).toHaveLength(2);
    const other = send('other');
    for (let n = 0; n < 20; n += 1) await turn();
    expect(other.began()).toBe(true);
    await expect(send('greedy').done).rejects.toMatchObject({ kind: 'overloaded' });
    for (const { letGo } of [...greedy, other]) letGo();
    expect(await outcomes([...greedy, other].map(({ done }) => done))).toEqual(Array(6).fill('done'));
  });

  test('leave the line when their client does, or when they have waited too long', async () => {
    const its = createTestUploads({ arrivals: { ...patient, atOnce: 1, atOnceEach: 1, waiting: 3, waitMs: 30 } });
    const held = heldBody();
    async function* files() {
      yield { body: held.body };
    }
    const first = its.uploads.receive(files(), { owner: 'a', signal: live() });
    const leaving = new AbortController();
    const left = its.uploads.receive(incoming({ bytes: jpeg }), { owner: 'b', signal: leaving.signal });
    leaving.abort();
    await expect(left).rejects.toMatchObject({ kind: 'cancelled' });
    await expect(its.uploads.receive(incoming({ bytes: jpeg }), { owner: 'b', signal: live() })).rejects.toMatchObject({
      kind: 'overloaded',
    });
    held.letGo();
    expect((await first).published).toBe(true);
    expect((await its.uploads.receive(incoming({ bytes: jpeg }), { owner: 'b', signal: live() })).published).toBe(true);
  });

  /** Comes a little, and then no more. */
  function stuckBody() {
    async function* body() {
      yield jpeg.subarray(0, 10);
      await new Promise(() => undefined);
    }
    return body();
  }
  async function* oneFile(body: AsyncIterable<Uint8Array>) {
    yield { body };
  }
  const owners = ['a', 'b', 'c'];

  test('that are stuck leave their places to whoever waits, and never keep out the admin', async () => {
    const limits = { atOnce: 16, atOnceEach: 6, forAdmin: 4, waiting: 128, waitMs: 10_000 };
    const its = createTestUploads({ arrivals: { ...limits, graceMs: 20, bytesPerSecond: 1_000, lookMs: 5 } });
    const send = (owner: string | undefined, body: AsyncIterable<Uint8Array>) =>
      its.uploads.receive(oneFile(body), { owner, signal: live() });
    const stuck = owners.flatMap((owner) => Array.from({ length: 6 }, () => send(owner, stuckBody())));
    const [byAdmin, other] = [undefined, 'other'].map((owner) =>
      its.uploads.receive(incoming({ bytes: jpeg }), { owner, signal: live() }),
    );
    expect((await byAdmin)?.published).toBe(true);
    expect((await other)?.published).toBe(true);
    const lost = await Promise.race(stuck);
    expect(lost.files[0]).toMatchObject({ status: 'refused', failure: { kind: 'overloaded', retryAfterSeconds: 5 } });
    for (const one of stuck) one.catch(() => undefined);
  });

  test('make room for another owner, the newest of whoever has most, and each owner keeps one', async () => {
    const limits = { atOnce: 3, atOnceEach: 3, forAdmin: 0, waiting: 8, waitMs: 10_000 };
    const its = createTestUploads({ arrivals: { ...limits, graceMs: 1, bytesPerSecond: 0, lookMs: 2 } });
    const send = (owner: string) => {
      const held = heldBody();
      return { ...held, done: its.uploads.receive(oneFile(held.body), { owner, signal: live() }) };
    };
    const greedy = [1, 2, 3].map(() => send('greedy'));
    await expect.poll(() => greedy.every(({ began }) => began())).toBe(true);
    const others = ['b', 'c'].map(send);
    const lost = await Promise.all(greedy.slice(1).map(({ done }) => done));
    expect(lost.map(({ files: [file] }) => file)).toMatchObject(Array(2).fill({ failure: { kind: 'overloaded' } }));
    await expect.poll(() => others.every(({ began }) => began())).toBe(true);
    for (const { letGo } of [...greedy, ...others]) letGo();
    const kept = await Promise.all([greedy[0], ...others].map((one) => one?.done));
    expect(kept.map((report) => report?.published)).toEqual([true, true, true]);
  });

  test('to addresses that the admin has signed for others are not the admin’s', async () => {
    const limits = { ...patient, atOnce: 2, atOnceEach: 2, forAdmin: 1, waiting: 8 };
    const its = createTestUploads({ arrivals: limits });
    for (let holder = 0; holder < 2; holder += 1) {
      const file = { type: 'image/jpeg', bytes: jpeg.byteLength };
      const how = {
        atomic: true,
        automatic: false,
        method: 'PUT',
        expiresSeconds: 600,
        origin: '',
        owner: 'admin',
      } as const;
      const { uploads } = await its.uploads.presign([file], { ...how, ticket: undefined, signal: live() });
      const token = await its.uploads.readPlace(uploads[0]?.url.split('/').at(-1) ?? '');
      const body = Readable.from(stuckBody(), { objectMode: false });
      its.uploads.place(token, { bytes: jpeg.byteLength, body }, live()).catch(() => undefined);
    }
    for (let n = 0; n < 20; n += 1) await turn();
    const report = await its.uploads.receive(incoming({ bytes: jpeg }), { signal: live() });
    expect(report.published).toBe(true);
  });
});

describe('checks', () => {
  test('are done by turns of owners: one file of another does not wait for a hundred of whoever came first', async () => {
    const store = createMemoryStore();
    const read: string[] = [];
    const watched: ObjectStore = {
      ...store,
      get: (key, options) => {
        if (key.includes('/files/')) read.push(key);
        return store.get(key, options);
      },
    };
    const its = createTestUploads({ store: watched });
    const release = its.renderer.hold();
    const send = (owner: string, count: number) =>
      its.uploads.receive(incoming(...Array.from({ length: count }, () => ({ bytes: jpeg }))), {
        owner,
        signal: live(),
      });
    const greedy = [send('a', 20), send('b', 20)];
    await expect.poll(() => read.length).toBe(3);
    const other = send('c', 1);
    await expect.poll(async () => (await its.keys()).filter((key) => key.includes('/files/')).length).toBe(41);
    release();
    const { batch } = await other;
    await Promise.all(greedy);
    // Three are under way, and one of each of those who waited before it may come first.
    expect(read.findIndex((key) => key.includes(batch))).toBeLessThanOrEqual(5);
  });
});
