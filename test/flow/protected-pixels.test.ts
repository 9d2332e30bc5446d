import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConfigurationFile, readConfig } from '../../src/config/index.ts';
import { sign } from '../../src/signing.ts';
import type { ObjectStore } from '../../src/storage/index.ts';
import { writeApng } from '../support/animations.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { from, jpegSegment, noise, type Pixel, paint } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { createTestService } from '../support/test-service.ts';

const secret = 'a signing secret of the tests: long enough';
const { renderer } = startRenderer();
afterAll(() => renderer.close());

/** Coded so that an encoder of ours needs more bytes for it. */
const made = new Map<string, Buffer>();
beforeAll(async () => {
  const grain = noise(160, 120).data;
  const scene = () => paint(160, 120, (x, y) => [((grain[(y * 160 + x) * 3] ?? 0) & 31) + x, y, x]);
  const jpeg = await from(scene()).jpeg({ quality: 35, mozjpeg: true }).toBuffer();
  made.set('plain.jpg', jpeg);
  made.set(
    'said.jpg',
    Buffer.concat([jpeg.subarray(0, 2), jpegSegment(0xfe, Buffer.from('taken at home')), jpeg.subarray(2)]),
  );
  made.set('plain.webp', await from(scene()).webp({ quality: 20, effort: 6 }).toBuffer());
  made.set('plain.avif', await from(scene()).avif({ quality: 15, effort: 6 }).toBuffer());
  made.set('plain.gif', await from(scene()).gif({ colours: 4, effort: 10, dither: 0 }).toBuffer());
  const frame = (left: number, colour: Pixel) => ({ left, top: 0, width: 20, height: 20, colour });
  made.set(
    'moving.png',
    writeApng({ size: [40, 20], frames: [{ ...frame(0, [255, 0, 0]), width: 40 }, frame(9, [0, 255, 0])] }),
  );
});

const folders = ['open/', 'members/', 'contracts/'];

async function filled(): Promise<ObjectStore> {
  const originals = createMemoryStore();
  for (const [name, bytes] of made) for (const folder of folders) await originals.put(folder + name, bytes);
  return originals;
}

interface Setting {
  readonly unsigned: string;
  readonly originals: ObjectStore;
  readonly variants?: ObjectStore;
  readonly file?: Partial<ConfigurationFile>;
}

const noFolders = { private: [], authenticated: [] };
const protectedFolders = { private: ['members/'], authenticated: ['contracts/'] };

const serviceWith = ({ unsigned, originals, file = {}, ...stores }: Setting) =>
  createTestService({
    renderer,
    originals,
    ...stores,
    environment: { FOVEA_SIGNING_SECRETS: secret, FOVEA_UNSIGNED: unsigned },
    config: {
      file: {
        ...readConfig({}).file,
        presets: { web: 'q_100', card: 'c_limit,w_1600' },
        aliases: { '/large/:key': 'c_limit,w_1920' },
        protected: protectedFolders,
        ...file,
      },
    },
  });

const signed = (text: string) => `/s--${sign(text, secret, 'sha1')}--/${text}`;

/** All ways to ask for a picture that nothing is done to. */
function pathsTo(key: string): readonly string[] {
  const format = key.slice(key.lastIndexOf('.') + 1);
  const chains = ['q_100', 'q_auto', 'c_limit,w_3840', 't_web', 't_card', `f_${format}`, 'fl_attachment', 'dpr_1'];
  const plain = [...chains, 'fl_keep_attribution', 'q_35,fl_progressive:none'].map((chain) => `${chain}/${key}`);
  return [
    ...plain.map((path) => `/${path}`),
    ...plain.map(signed),
    ...[`/image/upload/q_100/${key}`, `/image/private/q_auto/v1/${key}`, `/large/${key}`, `/_ipx/_/${key}`],
    `/d_${key.replaceAll('/', ':')},q_100/open/missing.${format}`,
    `/cdn-cgi/image/quality=100/${key}`,
  ];
}

/** The file itself, or a piece from the midst of its coded pixels. */
function showsCoding(body: Buffer, original: Buffer): boolean {
  const middle = Math.floor(original.length / 2);
  return body.equals(original) || body.includes(original.subarray(middle, middle + 48));
}

type Ask = (path: string) => Promise<Response>;

/** Which of the paths answer with a picture, and which of those with the original's own coding. */
async function tried(ask: Ask, key: string, original: Buffer) {
  const shown: string[] = [];
  let pictures = 0;
  for (const path of pathsTo(key)) {
    const answer = await ask(path);
    if (answer.status !== 200) continue;
    pictures += 1;
    if (showsCoding(Buffer.from(await answer.arrayBuffer()), original)) shown.push(path);
  }
  return { pictures, shown };
}

/** Lossless pictures are the same pixels in whoever's coding: of those only what moves tells. */
const telling = ['plain.jpg', 'said.jpg', 'plain.webp', 'plain.avif', 'plain.gif', 'moving.png'];

describe("an original's own coding", () => {
  it.each(['any', 'ladder', 'presets', 'none'])(
    'is sent for no picture of it where the original needs a signature: %s',
    async (unsigned) => {
      const { ask } = await serviceWith({ unsigned, originals: await filled() });
      const isClosed = unsigned === 'presets' || unsigned === 'none';
      for (const name of telling) {
        const original = made.get(name) ?? Buffer.alloc(0);
        for (const folder of isClosed ? folders : folders.slice(1)) {
          expect((await ask(`/${folder}${name}`)).status).toBe(401);
          const { pictures, shown } = await tried(ask, folder + name, original);
          expect([folder + name, shown]).toEqual([folder + name, []]);
          expect(pictures).toBeGreaterThan(8);
        }
      }
    },
    60_000,
  );

  it('is sent where anybody may have the original by its plain URL', async () => {
    const { ask } = await serviceWith({ unsigned: 'any', originals: await filled() });
    for (const name of ['plain.jpg', 'said.jpg', 'plain.webp', 'plain.avif', 'moving.png']) {
      const original = made.get(name) ?? Buffer.alloc(0);
      expect((await ask(`/open/${name}`)).status).toBe(200);
      expect((await tried(ask, `open/${name}`, original)).shown.length).toBeGreaterThan(5);
    }
  });

  it('that was stored while the folder was open is sent to nobody once it is not, nor is its tag still good', async () => {
    const [originals, variants] = [await filled(), createMemoryStore()];
    const original = made.get('plain.jpg') ?? Buffer.alloc(0);
    const before = await serviceWith({ unsigned: 'any', originals, variants, file: { protected: noFolders } });
    const first = await before.ask('/q_100/members/plain.jpg');
    expect(showsCoding(Buffer.from(await first.arrayBuffer()), original)).toBe(true);
    await before.service.variants.settled();

    const after = await serviceWith({ unsigned: 'any', originals, variants });
    const tag = first.headers.get('etag') ?? '';
    const again = await after.ask('/q_100/members/plain.jpg', { headers: { 'If-None-Match': tag } });
    expect(again.status).toBe(200);
    expect(again.headers.get('cache-status')).toContain('fwd=miss');
    const body = Buffer.from(await again.arrayBuffer());
    expect(showsCoding(body, original)).toBe(false);
    expect(await sharp(body).metadata()).toMatchObject({ width: 160, height: 120, format: 'jpeg' });
    await after.service.variants.settled();
    const third = await serviceWith({ unsigned: 'none', originals, variants });
    const stored = await third.ask(signed('q_100/members/plain.jpg'));
    expect(stored.headers.get('cache-status')).toContain('hit');
  });
});
