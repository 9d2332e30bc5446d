import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { from, noise } from '../support/pictures.ts';
import { admin, other, type Pair, type Side, sides, startPair, stores } from './pair.ts';

// The last release and this program side by side on one store, as while a fleet is replaced, and after it is rolled back.

const kinds = Object.keys(stores) as (keyof typeof stores)[];
const transformations = [
  'w_120,h_90',
  'c_limit,w_200,f_webp',
  'c_limit,w_200,f_avif',
  'c_fill,g_auto,w_100,h_140,q_auto',
  'c_scale,w_150,a_90',
  'c_pad,w_200,h_200,b_rgb:e8e2d4,f_png',
  'c_crop,x_20,y_30,w_150,h_100/c_scale,w_90,r_max,f_webp',
  'e_grayscale,w_130',
  'e_blur:400,w_130',
  'fl_progressive,w_140,q_60',
];

async function originals(): Promise<Record<string, Buffer>> {
  const pixels = from(noise(480, 360));
  return {
    'photo.jpg': await pixels.clone().jpeg().toBuffer(),
    'drawing.png': await pixels.clone().ensureAlpha(0.6).png().toBuffer(),
    'page.tif': await pixels.clone().tiff({ compression: 'lzw' }).toBuffer(),
    'modern.webp': await pixels.clone().webp().toBuffer(),
    'newer.avif': await pixels.clone().avif({ effort: 0 }).toBuffer(),
    'moving.gif': await pixels.clone().resize(60, 40).gif().toBuffer(),
  };
}

interface Answer {
  readonly status: number;
  readonly bytes: Buffer;
  readonly told: Readonly<Record<string, string | null>>;
  readonly source: string;
}

async function ask(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const response = await fetch(url, { headers });
  const told = Object.fromEntries(
    ['etag', 'last-modified', 'content-type', 'cache-control', 'vary'].map((name) => [
      name,
      response.headers.get(name),
    ]),
  );
  const source = response.headers.get('cache-status') ?? '';
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()), told, source };
}

function json(value: unknown, method = 'POST', headers: Readonly<Record<string, string>> = admin) {
  return { method, headers, body: JSON.stringify(value) };
}

it('one tag names one body, whichever of the two has made it', async () => {
  const pair = await startPair('a folder', { apart: true });
  try {
    const files = await originals();
    for (const [name, bytes] of Object.entries(files)) await pair.put(name, bytes);
    const targets = Object.keys(files).flatMap((name) => transformations.map((text) => `/${text}/${name}`));
    const answersOf = (side: Side) => Promise.all(targets.map((target) => ask(pair.servers[side].url + target)));
    const [before, now] = [await answersOf(sides[0]), await answersOf(sides[1])];
    expect(new Set([...before, ...now].map(({ status }) => status))).toEqual(new Set([200]));
    const misnamed = targets.filter((_, index) => {
      const [one, another] = [before[index], now[index]];
      return one?.told['etag'] === another?.told['etag'] && one?.bytes.equals(another?.bytes ?? Buffer.of()) !== true;
    });
    expect(misnamed).toEqual([]);
  } finally {
    await pair.close();
  }
});

describe.each(kinds)('on %s', (kind) => {
  let pair: Pair;
  const urlOf = (side: Side, target: string) => pair.servers[side].url + target;

  beforeAll(async () => {
    pair = await startPair(kind);
    for (const [name, bytes] of Object.entries(await originals())) await pair.put(name, bytes);
  });

  afterAll(() => pair?.close());

  it.each(sides)('what %s has made and stored, the other serves from the store', async (side) => {
    const width = 100 + sides.indexOf(side);
    for (const [key, transformation] of [
      ['page.tif', `w_${width}`],
      ['drawing.png', `w_${width},f_webp`],
    ] as const) {
      const stored = async () => JSON.parse(await pair.command(side, 'info', key, '--json')).variants.count;
      const [target, before] = [`/${transformation}/${key}`, await stored()];
      const made = await ask(urlOf(side, target));
      expect(made.source).toContain('fwd=miss');
      // It is stored behind the answer.
      await expect.poll(stored).toBe(before + 1);
      const served = await ask(urlOf(other[side], target));
      expect([served.status, served.source, served.told]).toEqual([200, 'fovea; hit; detail=store', made.told]);
      expect(served.bytes.equals(made.bytes)).toBe(true);
      const again = await ask(urlOf(other[side], target), { 'If-None-Match': made.told['etag'] ?? '' });
      expect(again.status).toBe(304);
    }
  });

  it.each(sides)('what %s purges, the other forgets', async (side) => {
    const key = `changing-${sides.indexOf(side)}.jpg`;
    const [first, second] = await Promise.all([200, 100].map((height) => from(noise(200, height)).jpeg().toBuffer()));
    if (first === undefined || second === undefined) throw new Error('there are two pictures');
    await pair.put(key, first);
    for (const each of sides) await ask(urlOf(each, `/w_50/${key}`));
    await pair.put(key, second);
    const purge = await fetch(urlOf(side, '/-/purge'), json({ keys: [key] }));
    expect(purge.status).toBe(200);
    const length = async (each: Side) => (await ask(urlOf(each, `/w_50/${key}`))).bytes.length;
    const renewed = await length(side);
    await expect.poll(() => length(other[side])).toBe(renewed);
  });

  it.each(sides)('an upload that began at %s ends at the other', async (side) => {
    const bytes = await from(noise(90, 60 + sides.indexOf(side)))
      .jpeg()
      .toBuffer();
    const file = { filename: 'a.jpg', type: 'image/jpeg', bytes: bytes.length, key: `sent/${sides.indexOf(side)}.jpg` };
    const signed = await fetch(urlOf(side, '/-/uploads'), json({ files: [file], method: 'PUT' }));
    const { batch, uploads } = JSON.parse(await signed.text());
    const [{ url, headers }] = uploads;
    expect((await fetch(url, { method: 'PUT', headers, body: new Uint8Array(bytes) })).ok).toBe(true);
    const committed = await fetch(urlOf(other[side], `/-/uploads/${batch}/commit`), { method: 'POST', headers: admin });
    expect(await committed.json()).toMatchObject({ files: [{ status: 'published', key: file.key }] });
    for (const each of sides) expect((await ask(urlOf(each, `/${file.key}`))).bytes.equals(bytes)).toBe(true);
  });

  it.each(sides)('a ticket of %s, and chunks that it took, are good at the other', async (side) => {
    const answer = await fetch(urlOf(side, '/-/uploads/tickets'), json({ expiresSeconds: 600, files: 2 }));
    const { ticket } = JSON.parse(await answer.text());
    const holder = { Authorization: `Bearer ${ticket}` };
    const bytes = await from(noise(80, 70 + sides.indexOf(side)))
      .png()
      .toBuffer();
    const begun = await fetch(urlOf(side, '/-/uploads/filepond'), {
      method: 'POST',
      headers: { ...holder, 'Upload-Length': String(bytes.length) },
    });
    const id = await begun.text();
    const half = Math.floor(bytes.length / 2);
    const chunk = (each: Side, start: number, end: number) =>
      fetch(urlOf(each, `/-/uploads/filepond?patch=${id}`), {
        method: 'PATCH',
        headers: { ...holder, 'Upload-Offset': String(start), 'Upload-Length': String(bytes.length) },
        body: new Uint8Array(bytes.subarray(start, end)),
      });
    expect((await chunk(side, 0, half)).ok).toBe(true);
    expect((await chunk(other[side], half, bytes.length)).ok).toBe(true);
    for (const each of sides) expect((await ask(urlOf(each, `/${id}.png`))).bytes.equals(bytes)).toBe(true);
  });

  it.each(sides)('a URL that %s signs, the other takes', async (side) => {
    const signed = (await pair.command(side, 'sign', '/w_77,e_sepia/photo.jpg', '--expires', '1h')).trim();
    for (const each of sides) expect((await ask(urlOf(each, signed))).status).toBe(200);
  });

  it.each(sides)('what matters most, as %s was told, is drawn by both', async (side) => {
    await pair.command(side, 'focus', 'photo.jpg', `0.${2 + sides.indexOf(side)},0.8`);
    let width = 40;
    // Whoever runs hears of it as of a purge. Another picture each time: one that is not in the store yet when the other is
    // asked for it is drawn by both, and then each keeps its own.
    await expect
      .poll(async () => {
        width += 1;
        const target = `/c_fill,g_custom,w_${width},h_120/photo.jpg`;
        const [one, another] = [await ask(urlOf(sides[0], target)), await ask(urlOf(sides[1], target))];
        return one.status === 200 && one.told['etag'] === another.told['etag'] && one.bytes.equals(another.bytes);
      })
      .toBe(true);
  });

  it.each(sides)('the clean-up of %s finds nothing to delete, and broken nothing', async (side) => {
    const found = await pair.command(side, 'gc', '--min-age', '0s', '--variants', '--delete', '--json');
    expect(JSON.parse(found.trim().split('\n').at(-1) ?? '')).toMatchObject({ deleted: 0 });
  });

  it('after a roll-back the last release serves all of it', async () => {
    expect(await pair.servers['this program'].end('SIGTERM')).toBe(0);
    const { url, lines } = pair.servers['the last release'];
    for (const target of [
      '/w_100/page.tif',
      '/w_101/page.tif',
      '/w_101,f_webp/drawing.png',
      '/sent/1.jpg',
      '/w_44/sent/1.jpg',
    ])
      expect([target, (await ask(url + target)).status]).toEqual([target, 200]);
    expect(lines.filter((line) => /"level":(50|60)/.test(line))).toEqual([]);
  });
});
