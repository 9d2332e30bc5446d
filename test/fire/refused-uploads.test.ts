import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { recordFigure } from '../support/figures.ts';
import { hostileFiles } from '../support/hostile/index.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../support/server-process.ts';

const admin = { Authorization: 'Bearer the admin token of the tests' };

let folder: string;
let server: ServerProcess;
beforeAll(async () => {
  folder = await makeWorkingFolder({});
  server = await startServer(folder, {
    FOVEA_ADMIN_TOKEN: 'the admin token of the tests',
    FOVEA_RENDERERS: '2',
    FOVEA_MAX_INPUT_MB: '20',
  });
});
afterAll(async () => {
  await server.end('SIGKILL');
  await removeFolder(folder);
});

const signedBatch = z.object({
  batch: z.string(),
  uploads: z.array(z.object({ url: z.string(), headers: z.record(z.string(), z.string()) })),
});

interface Promised {
  readonly key?: string;
  readonly type: string;
  readonly bytes: number;
  readonly sha256?: string;
}

function post(path: string, body: unknown): Promise<Response> {
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(server.url + path, { method: 'POST', headers: admin, ...text });
}

const sign = (file: Promised) => post('/-/uploads', { files: [file], method: 'PUT' });

async function signed(file: Promised) {
  const answer = await sign(file);
  expect(answer.status).toBe(201);
  const { batch, uploads } = signedBatch.parse(await answer.json());
  const [upload] = uploads;
  if (upload === undefined) throw new Error('one upload was signed');
  return { batch, ...upload };
}

function put({ url, headers }: Pick<Awaited<ReturnType<typeof signed>>, 'url' | 'headers'>, bytes: Uint8Array) {
  return fetch(url, { method: 'PUT', headers, body: new Uint8Array(bytes) });
}

const commit = ({ batch }: { readonly batch: string }) => post(`/-/uploads/${batch}/commit`, undefined);

async function statusOf(answer: Promise<Response>): Promise<number> {
  const response = await answer;
  await response.arrayBuffer();
  return response.status;
}

/** Signs, sends and commits; the status of whichever was refused, or of the last. */
async function upload(promised: Promised, bytes: Uint8Array): Promise<number> {
  const its = await signed(promised);
  const placed = await statusOf(put(its, bytes));
  return placed === 200 ? statusOf(commit(its)) : placed;
}

const types = ['jpeg', 'png', 'webp', 'gif', 'avif'] as const;
const soundOf = (format: (typeof types)[number]) =>
  sharp({ create: { width: 60, height: 40, channels: 3, background: 'teal' } })
    .toFormat(format)
    .toBuffer();

interface Sound {
  readonly type: string;
  readonly bytes: Buffer;
  readonly promised: Promised;
}

/** What is wrong with an upload of a sound picture; each answers the status of what should refuse it. */
const wrongs: Readonly<Record<string, (sound: Sound) => Promise<number>>> = {
  'a body shorter than signed': ({ promised, bytes }) => upload(promised, bytes.subarray(0, -1)),
  'a body longer than signed': ({ promised, bytes }) => upload(promised, Buffer.concat([bytes, bytes])),
  'an empty body': ({ promised }) => upload(promised, Buffer.alloc(0)),
  'other bytes of the same length': ({ promised, bytes }) => upload(promised, Buffer.alloc(bytes.length, 0x20)),
  'bytes of another type than signed': ({ promised, type, bytes }) =>
    upload({ ...promised, type: type === 'image/png' ? 'image/jpeg' : 'image/png' }, bytes),
  'a type in the request that was not signed': async ({ promised, bytes }) =>
    statusOf(put({ ...(await signed(promised)), headers: { 'Content-Type': 'text/html' } }, bytes)),
  'another checksum': ({ promised, bytes }) =>
    upload({ ...promised, sha256: createHash('sha256').update('another').digest('hex') }, bytes),
  'a picture that was cut off': ({ promised, bytes }) => {
    const part = bytes.subarray(0, Math.floor(bytes.length / 3));
    return upload({ ...promised, bytes: part.length }, part);
  },
  'an address used twice': async ({ promised, bytes }) => {
    const its = await signed(promised);
    expect(await statusOf(put(its, bytes))).toBe(200);
    return statusOf(put(its, bytes));
  },
  'an address whose token was changed': async ({ promised, bytes }) => {
    const { url, headers } = await signed(promised);
    const at = url.length - 5;
    return statusOf(
      put({ url: `${url.slice(0, at)}${url[at] === 'A' ? 'B' : 'A'}${url.slice(at + 1)}`, headers }, bytes),
    );
  },
  'a commit of what has not arrived': async ({ promised }) => statusOf(commit(await signed(promised))),
  'a commit of what was aborted': async ({ promised, bytes }) => {
    const its = await signed(promised);
    await put(its, bytes);
    const aborted = fetch(`${server.url}/-/uploads/${its.batch}`, { method: 'DELETE', headers: admin });
    expect(await statusOf(aborted)).toBe(204);
    return statusOf(commit(its));
  },
  'a key that is taken meanwhile': async ({ promised, bytes, type }) => {
    const key = `twice/${type.replace('/', '-')}`;
    const [first, second] = [await signed({ ...promised, key }), await signed({ ...promised, key })];
    await put(first, bytes);
    await put(second, bytes);
    expect(await statusOf(commit(first))).toBe(200);
    return statusOf(commit(second));
  },
  'a key that climbs': ({ promised }) => statusOf(sign({ ...promised, key: 'a/../../b' })),
  'a key of ours': ({ promised }) => statusOf(sign({ ...promised, key: '.fovea-staging/b' })),
  'more bytes than are taken': ({ promised }) => statusOf(sign({ ...promised, bytes: 21 * 1024 * 1024 })),
  'a type that is no picture’s': ({ promised }) => statusOf(sign({ ...promised, type: 'text/html' })),
};

it('what is wrong with an upload is found, whatever it is, and what is right with it is taken', async () => {
  const taken: number[] = [];
  const complaints: string[] = [];
  let tried = 0;
  for (const format of types) {
    const bytes = await soundOf(format);
    const type = `image/${format}`;
    const promised = { type, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    taken.push(await upload(promised, bytes));
    for (const [name, attempt] of Object.entries(wrongs)) {
      const status = await attempt({ type, bytes, promised });
      tried += 1;
      if (![400, 401, 413, 415, 422].includes(status)) complaints.push(`${type}, ${name}: ${status}`);
    }
  }
  recordFigure(
    28,
    `${tried - complaints.length} of ${tried} wrong uploads refused: ${Object.keys(wrongs).length} kinds, ${types.length} formats; ${taken.filter((status) => status === 200).length} of ${taken.length} right ones taken`,
  );
  expect(complaints).toEqual([]);
  expect(taken).toEqual(types.map(() => 200));
});

/** What the file says it is, as far as a page would believe it. */
function typeOf(name: string): string {
  const kind = name.split('/')[0] ?? '';
  return types.some((type) => type === kind) ? `image/${kind}` : 'image/jpeg';
}

/** Posts a file in a form, as a browser does that does not know its type. */
function postForm(bytes: Uint8Array): Promise<Response> {
  const body = new FormData();
  body.append('image', new Blob([new Uint8Array(bytes)], { type: 'application/octet-stream' }), 'photo');
  return fetch(`${server.url}/-/images`, { method: 'POST', headers: admin, body });
}

it('every file that is refused as an original is refused when its upload is completed', async () => {
  const files = hostileFiles(1).filter(({ fate }) => fate === 'refused');
  const complaints: string[] = [];
  const statuses = new Map<number, number>();
  for (const { name, make } of files) {
    const bytes = await make();
    // A file of no bytes cannot even be signed: it is promised to have one.
    const promised = { type: typeOf(name), bytes: Math.max(1, bytes.length) };
    const inForm = await statusOf(postForm(bytes));
    statuses.set(inForm, (statuses.get(inForm) ?? 0) + 1);
    // The second may be refused for its type alone, so the first says nothing of any.
    for (const status of [inForm, await upload(promised, bytes)]) {
      if (![400, 413, 415, 422].includes(status)) complaints.push(`${name}: ${status}`);
    }
  }
  const counts = [...statuses].map(([status, count]) => `${status}: ${count}`).join(', ');
  recordFigure(
    28,
    `${files.length} hostile files, each in a form of no type (${counts}) and to a signed address: ${2 * files.length - complaints.length} of ${2 * files.length} refused when the upload is completed`,
  );
  expect(complaints).toEqual([]);
  expect(files.length).toBeGreaterThan(100);
});
