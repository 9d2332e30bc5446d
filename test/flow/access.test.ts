import crypto from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { type ConfigurationFile, readConfig } from '../../src/config/index.ts';
import { sign } from '../../src/signing.ts';
import type { ObjectStore } from '../../src/storage/index.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { recordFigure } from '../support/figures.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const secret = 'a signing secret of the tests: long enough';

interface Setting {
  readonly keys?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly file?: Partial<ConfigurationFile>;
  readonly variants?: ObjectStore;
}

async function serviceWith({ keys = ['cat.jpg'], environment = {}, file = {}, variants }: Setting) {
  const originals = createMemoryStore();
  for (const key of keys) await originals.put(key, Buffer.from(`the picture ${key}`));
  const given = { FOVEA_SIGNING_SECRETS: secret, ...environment };
  const config = { file: { ...readConfig({}).file, ...file } };
  const parts = { originals, environment: given, config, ...(variants && { variants }) };
  return { originals, ...(await createPixelFreeService(parts)) };
}

const signed = (text: string, scheme: 'sha1' | 'sha256' | 'sha256-long' = 'sha1') =>
  `/s--${sign(text, secret, scheme)}--/${text}`;

async function statuses(ask: (path: string) => Promise<Response>, paths: readonly string[]) {
  const answers = await Promise.all(paths.map((path) => ask(path)));
  return Object.fromEntries(paths.map((path, index) => [path, answers[index]?.status]));
}

describe('presets', () => {
  const file = {
    presets: { thumb: 'c_fill,w_100,h_100', grey: 'e_grayscale' },
    aliases: { '/small/:key': 'c_fit,w_64', '/sized/:w/:key': 'c_limit,w_:w' },
  };

  it('are all that unsigned URLs may ask for, with a format and an automatic quality beside them', async () => {
    const { ask } = await serviceWith({ environment: { FOVEA_UNSIGNED: 'presets' }, file });
    expect(
      await statuses(ask, [
        '/t_thumb/cat.jpg',
        '/t_thumb.grey/cat.jpg',
        '/t_thumb/f_auto,q_auto:eco/cat.jpg',
        '/t_thumb,f_webp/cat',
        '/small/cat.jpg',
      ]),
    ).toEqual({
      '/t_thumb/cat.jpg': 200,
      '/t_thumb.grey/cat.jpg': 200,
      '/t_thumb/f_auto,q_auto:eco/cat.jpg': 200,
      '/t_thumb,f_webp/cat': 200,
      '/small/cat.jpg': 200,
    });
    const refused = [
      '/cat.jpg',
      '/w_100/cat.jpg',
      '/t_thumb,w_50/cat.jpg',
      '/t_thumb/q_37/cat.jpg',
      '/t_thumb/dpr_2.0/cat.jpg',
      '/t_thumb/e_blur/cat.jpg',
      '/sized/300/cat.jpg',
      '/_ipx/w_100/cat.jpg',
    ];
    expect(await statuses(ask, refused)).toEqual(Object.fromEntries(refused.map((path) => [path, 401])));
    expect((await ask(signed('w_100/cat.jpg'))).status).toBe(200);
    expect((await ask(signed('sized/300/cat.jpg'))).status).toBe(200);
  });

  it('that do not exist are refused by name', async () => {
    const { ask } = await serviceWith({ file });
    expect((await ask('/t_nosuch/cat.jpg')).headers.get('x-cld-error')).toContain('There is no preset "nosuch"');
  });
});

describe('the ladder', () => {
  const environment = { FOVEA_UNSIGNED: 'ladder' };
  const ladder = (snap: boolean) => ({ ladder: { widths: [100, 200, 400], snap } });

  it('holds widths with their dpr, and heights where there is no width', async () => {
    const { ask } = await serviceWith({ environment, file: ladder(false) });
    const allowed = ['/w_100,h_37/cat.jpg', '/w_50,dpr_2/cat.jpg', '/h_200/cat.jpg', '/e_blur/cat.jpg', '/cat.jpg'];
    expect(await statuses(ask, allowed)).toEqual(Object.fromEntries(allowed.map((path) => [path, 200])));
    for (const [path, message] of [
      [
        '/w_101/cat.jpg',
        'Width 101 is not on the ladder that unsigned URLs are held to; its neighbours are 100 and 200.',
      ],
      ['/w_100,dpr_1.5/cat.jpg', 'Width 150 is not'],
      ['/h_201/cat.jpg', 'Height 201 is not'],
      ['/w_0.5/cat.jpg', 'Unsigned URLs may not say w_0.5 here: expected pixels'],
      ['/w_401/cat.jpg', 'the nearest step is 400.'],
      ['/w_100/c_crop,w_7/cat.jpg', 'Width 7 is not'],
    ] as const) {
      const answer = await ask(path);
      expect([path, answer.status]).toEqual([path, 400]);
      expect(answer.headers.get('x-cld-error')).toContain(message);
    }
  });

  it('snaps to the next larger step before anything is named, so that all share one variant', async () => {
    const { ask, renderer } = await serviceWith({ environment, file: ladder(true) });
    const paths = ['/w_101,h_101/cat.jpg', '/w_200,h_200/cat.jpg', '/w_150,h_150/cat.jpg', '/w_75,h_75,dpr_2/cat.jpg'];
    const tags = new Set<string | null>();
    for (const path of paths) tags.add((await ask(path)).headers.get('etag'));
    expect(tags.size).toBe(1);
    expect(renderer.renders).toEqual(['c_fill,h_200,w_200/f_jpeg']);
  });

  it('snaps what is wider than every step to the widest, and a lone height too', async () => {
    const { ask, renderer } = await serviceWith({ environment, file: ladder(true) });
    await ask('/c_limit,w_5000/cat.jpg');
    await ask('/c_limit,h_150/cat.jpg');
    await ask('/c_fill,w_300,h_100,g_west/cat.jpg');
    expect(renderer.renders).toEqual([
      'c_limit,w_400/f_jpeg',
      'c_limit,h_200/f_jpeg',
      'c_fill,g_west,h_133,w_400/f_jpeg',
    ]);
    expect((await ask('/w_0.5/cat.jpg')).status).toBe(400);
  });

  it('does not hold signed URLs and presets', async () => {
    const { ask, renderer } = await serviceWith({
      environment,
      file: { ...ladder(true), presets: { odd: 'c_fit,w_333' } },
    });
    expect((await ask(signed('w_123/cat.jpg'))).status).toBe(200);
    expect((await ask('/t_odd/cat.jpg')).status).toBe(200);
    expect(renderer.renders).toEqual(['c_fill,w_123/f_jpeg', 'c_fit,w_333/f_jpeg']);
  });
});

describe('the cap on variants of one original', () => {
  const file = { maxVariantsPerOriginal: 20 };
  const heights = Array.from({ length: 40 }, (_, index) => `/h_${index + 1}/cat.jpg`);

  async function made(ask: (path: string) => Promise<Response>, paths: readonly string[]) {
    let count = 0;
    for (const path of paths) count += (await ask(path)).status === 200 ? 1 : 0;
    return count;
  }

  it('refuses the next one with a message, and goes on serving those that are there', async () => {
    const { ask, renderer } = await serviceWith({ file });
    expect(await made(ask, heights)).toBe(20);
    const refused = await ask('/h_99/cat.jpg');
    expect(refused.status).toBe(400);
    expect(refused.headers.get('x-cld-error')).toContain('already has the 20 variants');
    expect((await ask('/h_7/cat.jpg')).status).toBe(200);
    expect(renderer.renders).toHaveLength(20);
  });

  it('counts each original by itself, and does not bind signed URLs or presets', async () => {
    const presets = { thumb: 'c_fill,w_999' };
    const { ask } = await serviceWith({ keys: ['cat.jpg', 'dog.jpg'], file: { ...file, presets } });
    await made(ask, heights);
    expect((await ask('/h_1/dog.jpg')).status).toBe(200);
    expect((await ask(signed('h_99/cat.jpg'))).status).toBe(200);
    expect((await ask('/t_thumb/cat.jpg')).status).toBe(200);
  });

  it('counts what was stored before this process began, within a tenth', async () => {
    const variants = createMemoryStore();
    const first = await serviceWith({ file, variants });
    await made(first.ask, heights.slice(0, 15));
    await first.service.close();
    const second = await serviceWith({ file, variants });
    const more = await made(second.ask, heights.slice(15));
    expect(more).toBeGreaterThanOrEqual(5);
    expect(more).toBeLessThanOrEqual(7);
  });

  it('lets an original that was overwritten have all its variants again', async () => {
    const { ask, originals, service } = await serviceWith({ file, environment: { FOVEA_ORIGINAL_TTL: '0' } });
    await made(ask, heights.slice(0, 20));
    await service.variants.settled();
    await originals.put('cat.jpg', Buffer.from('another cat'));
    expect(await made(ask, heights.slice(0, 20))).toBe(20);
    expect(await made(ask, heights.slice(20))).toBe(0);
  });

  it('neither counts what is refused because too much is being made, nor lists the store for it', async () => {
    const variants = createFaultyStore(createMemoryStore());
    const { ask, renderer } = await serviceWith({
      variants,
      file,
      environment: { FOVEA_RENDERERS: '1', FOVEA_QUEUE_MAX: '0' },
    });
    const release = renderer.hold();
    // One renderer has two slots, and nobody may wait for one.
    const drawn = heights.slice(0, 2).map((path) => ask(path));
    await expect.poll(() => renderer.renders).toHaveLength(2);
    expect((await ask('/h_99/cat.jpg')).status).toBe(503);
    const listings = variants.count('list');
    for (const path of heights.slice(2)) expect((await ask(path)).status).toBe(503);
    expect(variants.count('list')).toBe(listings);
    release();
    await Promise.all(drawn);
    expect(await made(ask, heights.slice(2))).toBe(18);
  });

  it('never costs a picture when the store cannot be listed', async () => {
    const store = createMemoryStore();
    const broken: ObjectStore = {
      ...store,
      // biome-ignore lint/correctness/useYield: it fails before it has anything
      async *list() {
        throw new Error('no listing today');
      },
    };
    const { ask, telemetry } = await serviceWith({ file, variants: broken });
    expect(await made(ask, heights.slice(0, 10))).toBe(10);
    expect(telemetry.events).toContainEqual(expect.objectContaining({ type: 'tier-fault', operation: 'list' }));
  });

  it('is not there without a store', async () => {
    const config = { file: { ...readConfig({}).file, ...file } };
    const originals = createMemoryStore();
    await originals.put('cat.jpg', Buffer.from('a cat'));
    const { ask } = await createPixelFreeService({ originals, variants: undefined, config });
    expect(await made(ask, heights)).toBe(40);
  });
});

describe('what no signature covers', () => {
  const keys = ['cat.jpg', 'members/a.jpg', 'contracts/a.jpg'];
  const file = {
    protected: { private: ['members/'], authenticated: ['contracts/'] },
    presets: { card: 'w_30,h_20', wide: 'c_limit,w_90' },
    accountNames: ['demo'],
  };
  /** Ways to write one request: before the transformation, and before the id. */
  const prefixes = [
    '/',
    '/image/upload/',
    '/image/private/',
    '/image/authenticated/',
    '/iu/',
    '/demo/image/upload/',
    '/images/',
    '/private_images/',
    '/authenticated_images/',
  ];
  const spell = (
    prefix: string,
    version: string,
    { before, text, id }: Readonly<Record<'before' | 'text' | 'id', string>>,
  ) => `${prefix}${before}${text}${version}${id}${/images\/$/.test(prefix) ? '/for-readers' : ''}`;

  it('makes no second variant of one signature, in any form', async () => {
    const { ask, renderer } = await serviceWith({ keys, file, environment: { FOVEA_UNSIGNED: 'none' } });
    const texts = [
      'w_40,h_30/',
      'w_40/',
      'c_scale,w_40,h_30/',
      't_card/',
      't_wide/',
      'ar_2.0,w_50/',
      'w_40,h_30/e_blur/',
      '',
    ];
    for (const text of texts) {
      const before = `s--${sign(`${text}cat.jpg`, secret, 'sha1')}--/`;
      const answers = await Promise.all(
        prefixes.flatMap((prefix) =>
          ['', 'v1/', 'v77/'].map((v) => ask(spell(prefix, v, { before, text, id: 'cat.jpg' }))),
        ),
      );
      expect([text, new Set(answers.map(({ status }) => status))]).toEqual([text, new Set([200])]);
      expect([text, new Set(answers.map(({ headers }) => headers.get('etag'))).size]).toEqual([text, 1]);
    }
    expect(renderer.renders).toHaveLength(texts.filter((text) => text !== '').length);
  });

  it('gives no right and takes none: what a key allows it allows in every form', async () => {
    const { ask } = await serviceWith({ keys, file });
    const rights = [
      ['cat.jpg', '', 200],
      ['cat.jpg', 'w_40/', 200],
      ['members/a.jpg', '', 401],
      ['members/a.jpg', 'w_40/', 200],
      ['contracts/a.jpg', '', 401],
      ['contracts/a.jpg', 'w_40/', 401],
    ] as const;
    for (const [id, text, status] of rights) {
      const paths = prefixes.flatMap((prefix) => ['', 'v1/'].map((v) => spell(prefix, v, { before: '', text, id })));
      expect(await statuses(ask, paths)).toEqual(Object.fromEntries(paths.map((path) => [path, status])));
    }
  });
});

describe('protected originals', () => {
  const keys = ['members/a.jpg', 'contracts/a.jpg', 'cat.jpg'];
  const file = { protected: { private: ['members/'], authenticated: ['contracts/'] } };

  it('need a signature in every spelling: private ones for the original, authenticated ones for everything', async () => {
    const { ask } = await serviceWith({ keys, file });
    const open = ['/w_10/members/a.jpg', '/image/private/w_10/v1/members/a.jpg', '/l_members:a.jpg,g_north/cat.jpg'];
    expect(await statuses(ask, open)).toEqual(Object.fromEntries(open.map((path) => [path, 200])));
    const closed = [
      '/members/a.jpg',
      '/members/a',
      '/image/upload/members/a.jpg',
      '/m%65mbers/a.jpg',
      '/_ipx/_/members/a.jpg',
      '/contracts/a.jpg',
      '/w_10/contracts/a.jpg',
      '/w_10/contracts/a',
      '/image/upload/w_10/v1/contracts/a.jpg',
      '/_ipx/w_10/contracts/a.jpg',
      '/cdn-cgi/image/w=10/contracts/a.jpg',
      '/_next/image?url=%2Fcontracts%2Fa.jpg&w=10&q=75',
      '/d_contracts:a.jpg,w_10/none.jpg',
      '/l_contracts:a.jpg,g_north/cat.jpg',
      '/l_cat.jpg/u_contracts:a.jpg/fl_layer_apply/fl_layer_apply/cat.jpg',
    ];
    expect(await statuses(ask, closed)).toEqual(Object.fromEntries(closed.map((path) => [path, 401])));
    for (const text of ['members/a.jpg', 'contracts/a.jpg', 'w_10/contracts/a.jpg']) {
      expect((await ask(signed(text))).status).toBe(200);
    }
  });
});

describe('a file beside the pictures that is none of them', () => {
  it('is answered as one that is not there, and told apart in the log alone', async () => {
    const keys = ['report.pdf', 'notes', 'secret.txt', 'named.jpeg.txt'];
    const { ask, telemetry } = await serviceWith({ keys, file: { extensions: ['txt'] } });
    const answerTo = async (path: string) => {
      const answer = await ask(path);
      const headers = Object.fromEntries([...answer.headers].filter(([name]) => name !== 'x-request-id'));
      const { requestId: _, ...body } = z.record(z.string(), z.unknown()).parse(await answer.json());
      return JSON.stringify({ status: answer.status, headers, body });
    };
    for (const path of ['/report.pdf', '/notes', '/secret.txt', '/secret']) {
      const absent = (await answerTo(`/no${path.slice(1)}`)).replaceAll(`no${path.slice(1)}`, path.slice(1));
      const there = await answerTo(path);
      expect(there).toContain('"status":404');
      // A length is that of a text with the name in it.
      expect(there.replace(/"content-length":"\d+",?/, '')).toBe(absent.replace(/"content-length":"\d+",?/, ''));
      const [told] = telemetry.events.slice(-1);
      expect(told).toMatchObject({ type: 'request', detail: expect.stringContaining('is no picture') });
    }
  });
});

describe('a URL that ends', () => {
  const at = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

  it('is answered until then, and kept by nobody for longer', async () => {
    const { ask } = await serviceWith({ environment: { FOVEA_UNSIGNED: 'none' } });
    const response = await ask(signed(`x-${at(600)}/w_10/cat.jpg`));
    expect(response.status).toBe(200);
    const age = Number(
      /^public, max-age=(\d+), must-revalidate, stale-if-error=0$/.exec(
        response.headers.get('cache-control') ?? '',
      )?.[1],
    );
    expect(age).toBeGreaterThan(590);
    expect(age).toBeLessThanOrEqual(600);
    expect((await ask(signed(`x-${at(600)}/cat.jpg`))).status).toBe(200);
    const text = `x-${at(600)}/w_10/cat.jpg`;
    expect((await ask(`/image/upload/s--${sign(text, secret, 'sha256-long')}--/${text}`)).status).toBe(200);
  });

  it('is 410 afterwards, past a minute for clocks that disagree, and no cache keeps that', async () => {
    const { ask } = await serviceWith({});
    expect((await ask(signed(`x-${at(-30)}/w_10/cat.jpg`))).status).toBe(200);
    const late = await ask(signed(`x-${at(-70)}/w_10/cat.jpg`));
    expect([late.status, late.headers.get('cache-control')]).toEqual([410, 'no-store']);
  });

  it('cannot be stretched: another end, or none, needs another signature', async () => {
    const { ask } = await serviceWith({ environment: { FOVEA_UNSIGNED: 'none' } });
    const signature = sign(`x-${at(-600)}/w_10/cat.jpg`, secret, 'sha256-long');
    const stretched = [
      `/s--${signature}--/x-${at(600)}/w_10/cat.jpg`,
      `/s--${signature}--/w_10/cat.jpg`,
      `/s--${signature}--/v1/w_10/cat.jpg`,
      `/x-${at(600)}/s--${signature}--/w_10/cat.jpg`,
    ];
    expect(await statuses(ask, stretched)).toEqual(Object.fromEntries(stretched.map((path) => [path, 401])));
  });
});

describe('signatures', () => {
  it('of 8 characters are refused where 32 are asked for', async () => {
    const { ask } = await serviceWith({ file: { signatureLength: 32 } });
    const text = 'w_10/cat.jpg';
    expect((await ask(signed(text, 'sha1'))).status).toBe(401);
    expect((await ask(signed(text, 'sha256'))).status).toBe(401);
    expect((await ask(signed(text, 'sha256-long'))).status).toBe(200);
  });

  it('sign other spellings as they stand, query included', async () => {
    const { ask } = await serviceWith({ environment: { FOVEA_UNSIGNED: 'none' } });
    for (const text of [
      '_ipx/s_128x128,q_80/cat.jpg',
      'cdn-cgi/image/width=80,f=auto/cat.jpg',
      '_next/image?url=%2Fcat.jpg&w=64&q=75',
    ]) {
      expect([text, (await ask(signed(text))).status]).toEqual([text, 200]);
      expect((await ask(signed(text).replace('cat', 'dog'))).status).toBe(401);
    }
  });

  /** The times that two secrets of one length are compared from now on, until the test ends. */
  function countComparisons(): { take(): number } {
    const spy = vi.spyOn(crypto, 'timingSafeEqual');
    // What was imported by name follows only so.
    syncBuiltinESMExports();
    onTestFinished(() => {
      spy.mockRestore();
      syncBuiltinESMExports();
    });
    return {
      take() {
        const times = spy.mock.calls.length;
        spy.mockClear();
        return times;
      },
    };
  }

  it('that were changed in any way are refused, 1,000 of 1,000, with no comparison more or less than right ones', async () => {
    const secrets = ['the newer secret of 32 bytes and more', 'the older secret of 32 bytes and more'];
    const environment = { FOVEA_UNSIGNED: 'none', FOVEA_SIGNING_SECRETS: secrets.join() };
    // Where short ones count too, the beginning of a long one is its own short one.
    const { ask } = await serviceWith({ environment, file: { signatureLength: 32 } });
    const comparisons = countComparisons();
    const text = 'c_fill,h_128,w_128/cat.jpg';
    const right = secrets.map((key) => ({ key, path: `/s--${sign(text, key, 'sha256-long')}--/${text}` }));
    const compared = new Set<number>();
    let taken = 0;
    for (const { path } of right) {
      comparisons.take();
      if ((await ask(path)).status === 200) taken += 1;
      compared.add(comparisons.take());
    }
    expect(taken).toBe(secrets.length);
    const detailOf = async (response: Response) => z.object({ detail: z.string() }).parse(await response.json()).detail;
    const theOneText = await detailOf(await ask('/w_1/cat.jpg'));
    const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
    const kinds = fc.constantFrom('change', 'swap', 'cut', 'other secret', 'path');
    const mutated = fc
      .tuple(kinds, fc.nat(), fc.constantFrom(...alphabet), fc.constantFrom(...right))
      .map(([kind, place, character, { key, path: from }]) => {
        const value = from.slice(4, 36);
        const at = place % 32;
        const changed = {
          change: value.slice(0, at) + character + value.slice(at + 1),
          swap: value.slice(at) + value.slice(0, at),
          cut: value.slice(0, 8),
          'other secret': sign(text, `${key}${character}`, 'sha256-long'),
          path: value,
        }[kind];
        const path = kind === 'path' ? text.replace('w_128', `w_${1 + (place % 100)}`) : text;
        return { from, path: `/s--${changed}--/${path}`, isWhole: kind !== 'cut' };
      })
      .filter(({ from, path }) => path !== from);
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(mutated, async ({ path, isWhole }) => {
        comparisons.take();
        const response = await ask(path);
        // One that is too short is refused by its length, which is no secret.
        if (isWhole) compared.add(comparisons.take());
        expect([path, response.status]).toEqual([path, 401]);
        expect(await detailOf(response)).toBe(theOneText);
        refused += 1;
      }),
      { numRuns: 1000 },
    );
    recordFigure(
      12,
      `${refused} of 1000 changed signatures refused, all in the same words; signatures of ${taken} of ${secrets.length} secrets taken; ${[...compared].join(' or ')} comparisons by timingSafeEqual for each, right or wrong, of either secret`,
    );
    expect(refused).toBe(1000);
    expect(compared.size).toBe(1);
    expect([...compared][0]).toBeGreaterThanOrEqual(secrets.length);
  });
});

describe('a configuration that could not work', () => {
  function problems(file: object): string {
    const folder = mkdtempSync(join(tmpdir(), 'fovea-config-'));
    const path = join(folder, 'fovea.json');
    writeFileSync(path, JSON.stringify(file));
    try {
      readConfig({ FOVEA_CONFIG: path });
      return 'none';
    } catch (error) {
      return String(error);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it.each([
    [{ presets: { bad: 'w_0', alright: 'w_10' } }, 'The preset "bad" cannot be used: Invalid w_0'],
    [{ presets: { bad: 'f_auto,w_10' } }, 'The preset "bad" holds f_auto'],
    [{ aliases: { '/thumb/:key': 'w_0' } }, 'The alias "/thumb/:key" cannot be used: Invalid w_0'],
    [{ aliases: { '/thumb/:w': 'w_:w' } }, 'it must end in /:key'],
    [{ aliases: { '/thumb/:key': 'w_:w' } }, 'the path has no :w'],
    [{ aliases: { '/image/:key': 'w_1' } }, '/image/ is taken'],
    [{ signatureLength: 16 }, 'signatureLength: expected 8 or 32'],
    [{ keepAiMark: 'no' }, 'keepAiMark: Invalid input: expected boolean'],
    [{ protected: { private: ['/members'] } }, 'expected the beginning of keys'],
    [{ fetchHosts: ['https://a.example/pictures'] }, 'expected a host'],
    [{ spellings: ['nobody'] }, 'spellings'],
  ])('%j is refused at start, by name', (file, message) => {
    expect(problems(file)).toContain(message);
  });
});
