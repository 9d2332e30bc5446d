import { once } from 'node:events';
import { get } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordFigure } from '../../support/figures.ts';
import { from, noise } from '../../support/pictures.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../../support/server-process.ts';

let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  const large = await from(noise(2_400, 2_000)).jpeg().toBuffer();
  const small = await from(noise(400, 300)).jpeg().toBuffer();
  folder = await makeWorkingFolder({
    'heavy.jpg': large,
    ...Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`heavy-${index}.jpg`, large])),
    ...Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`page-${index}.jpg`, small])),
  });
  server = await startServer(folder, {
    FOVEA_RENDERERS: '2',
    FOVEA_UNSIGNED: 'any',
    FOVEA_TRUSTED_PROXIES: '127.0.0.9',
  });
});

afterAll(async () => {
  await server.end('SIGKILL');
  await removeFolder(folder);
});

interface Asking {
  /** The address that it comes from. */
  readonly localAddress: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

async function ask(path: string, { localAddress, headers = {}, signal }: Asking) {
  const began = performance.now();
  const request = get(server.url + path, { localAddress, headers, agent: false, ...(signal && { signal }) });
  const [response] = await once(request, 'response');
  response.resume();
  await once(response, 'end');
  return { status: Number(response.statusCode), tookMs: performance.now() - began };
}

/** Pictures that take seconds each. */
const heavy = (index: number) => `w_${1_800 - index},h_1600,c_fill,f_avif,q_90`;

/** Once whatever others have begun is done. */
async function timeAlone(path: string, as: Asking): Promise<number> {
  for (;;) {
    const { status, tookMs } = await ask(path, as);
    if (status === 200) return tookMs;
  }
}

const attacks: Readonly<Record<string, (index: number) => { path: string; as: Asking }>> = {
  'of one client, of ten originals': (index) => ({
    path: `/${heavy(index)}/heavy-${index}.jpg`,
    as: { localAddress: '127.0.0.2' },
  }),
  'of one client behind a trusted proxy': (index) => ({
    path: `/${heavy(index + 20)}/heavy-${index}.jpg`,
    as: { localAddress: '127.0.0.9', headers: { 'x-forwarded-for': `203.0.113.${index}, 192.0.2.1` } },
  }),
  'of ten clients, of one original': (index) => ({
    path: `/${heavy(index + 40)}/heavy.jpg`,
    as: { localAddress: `127.0.1.${index + 1}` },
  }),
  'of everybody by a CDN that names nobody, of one original': (index) => ({
    path: `/${heavy(index + 60)}/heavy.jpg`,
    as: { localAddress: '127.0.0.1' },
  }),
};

/** What the page has: cold pictures of its own. */
const visitors: Readonly<Record<string, (index: number) => Asking>> = {
  'of one client behind a trusted proxy': (index) => ({
    localAddress: '127.0.0.9',
    headers: { 'x-forwarded-for': `198.51.100.${index}` },
  }),
};

it.each(Object.keys(attacks))('ten heavy pictures %s keep nobody else’s from being drawn', async (name) => {
  const attack = attacks[name] ?? (() => ({ path: '/', as: { localAddress: '127.0.0.1' } }));
  // The second finds nothing under way but itself.
  await timeAlone(attack(10).path, attack(10).as);
  const aloneMs = await timeAlone(attack(11).path, attack(11).as);
  const leaving = new AbortController();
  const drawn: number[] = [];
  const crowd = Array.from({ length: 10 }, (_, index) => {
    const one = attack(index);
    return ask(one.path, { ...one.as, signal: leaving.signal }).then(
      ({ status, tookMs }) => status === 200 && drawn.push(tookMs),
      () => undefined,
    );
  });
  const times: number[] = [];
  const statuses: number[] = [];
  // One after the other, as a page's pictures come cold.
  for (let index = 0; index < 5; index += 1) {
    const width = 100 + Object.keys(attacks).indexOf(name);
    const visitor = visitors[name]?.(index) ?? { localAddress: '127.0.0.1' };
    const { status, tookMs } = await ask(`/w_${width}/page-${index}.jpg`, visitor);
    statuses.push(status);
    times.push(tookMs);
  }
  leaving.abort();
  await Promise.all(crowd);
  const worst = Math.max(...times);
  const firstDrawn = Math.min(...drawn);
  recordFigure(
    37,
    `ten heavy pictures ${name}, ${(aloneMs / 1000).toFixed(1)} s alone, the first of them drawn after ${(firstDrawn / 1000).toFixed(1)} s: ${statuses.filter((status) => status === 200).length} of ${statuses.length} others 200, the slowest after ${(worst / 1000).toFixed(1)} s`,
  );
  expect(statuses).toEqual(Array(5).fill(200));
});
