import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { acceptCases } from '../support/accept-cases.ts';
import { recordFigure } from '../support/figures.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { from, noise } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { createTestService, type TestService } from '../support/test-service.ts';

const { renderer } = startRenderer();
let its: TestService;

beforeAll(async () => {
  const originals = createMemoryStore();
  await originals.put('photo.jpg', await from(noise(64, 48)).jpeg().toBuffer());
  its = await createTestService({ originals, renderer });
});
afterAll(() => its.service.close());

/** What a format of the table is sent as; in the end the picture decides, and a photograph is no PNG. */
const types: Readonly<Record<string, readonly [type: string, decodesAs: string]>> = {
  avif: ['image/avif', 'heif'],
  webp: ['image/webp', 'webp'],
  none: ['image/jpeg', 'jpeg'],
};

/** Each header of the table once, as it is and in capitals, which mean the same. */
const expected = new Map(
  acceptCases.flatMap(({ accept, token }) => {
    const format = token.replace('-lite', '');
    return accept === null ? [] : [accept, accept.toUpperCase()].map((text) => [text, format] as const);
  }),
);

it('every Accept gets what the table says, and every answer says that it depends on it', async () => {
  const bodies = new Map<string, Buffer>();
  const wrong: string[] = [];
  const silent: string[] = [];
  let answers = 0;
  async function ask(path: string, headers: Record<string, string>, init: RequestInit = {}) {
    const response = await its.ask(path, { ...init, headers });
    answers += 1;
    const varies = response.headers.get('vary')?.split(/, */) ?? [];
    if (!varies.includes('Accept')) silent.push(`${response.status} ${init.method ?? 'GET'} ${path}`);
    return response;
  }
  for (const [accept, format] of expected) {
    const response = await ask('/w_32,f_auto/photo.jpg', { accept });
    const etag = response.headers.get('etag') ?? '';
    bodies.set(etag, Buffer.from(await response.arrayBuffer()));
    if (response.status !== 200 || response.headers.get('content-type') !== types[format]?.[0])
      wrong.push(`${accept}: ${response.status} ${response.headers.get('content-type')}, not ${format}`);
    const again = await ask('/w_32,f_auto/photo.jpg', { accept, 'if-none-match': etag });
    if (again.status !== 304) wrong.push(`${accept}: ${again.status}, not 304`);
    const head = await ask('/w_32,f_auto/photo.jpg', { accept }, { method: 'HEAD' });
    if (head.headers.get('etag') !== etag) wrong.push(`${accept}: HEAD has another tag`);
    const missing = await ask('/w_32,f_auto/missing.jpg', { accept });
    if (missing.status !== 404) wrong.push(`${accept}: ${missing.status}, not 404`);
  }
  const formats = await Promise.all([...bodies.values()].map(async (bytes) => (await sharp(bytes).metadata()).format));
  recordFigure(
    24,
    `${expected.size} Accept strings: ${wrong.length} other than the table, ${bodies.size} different bodies (${formats.sort().join(', ')}); Vary: Accept on ${answers - silent.length} of ${answers} answers (200, 304, HEAD, 404)`,
  );
  expect(wrong).toEqual([]);
  expect(silent).toEqual([]);
  expect(formats.sort()).toEqual(
    Object.values(types)
      .map(([, decodesAs]) => decodesAs)
      .sort(),
  );
  expect(expected.size).toBeGreaterThanOrEqual(200);
});
