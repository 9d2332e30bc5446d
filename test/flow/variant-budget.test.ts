import { describe, expect, it } from 'vitest';
import { type ConfigurationFile, readConfig } from '../../src/config/index.ts';
import { sign } from '../../src/signing.ts';
import type { ObjectStore } from '../../src/storage/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const secret = 'a secret of the tests that is long enough';
const policies = ['any', 'ladder', 'presets'] as const;
const presets = { card: 'c_fill,w_333,h_111', grey: 'e_grayscale' };

/** Thousands of requests, on a machine that may be busy. */
const timeoutMs = 120_000;

async function serviceWith(unsigned: (typeof policies)[number], file: Partial<ConfigurationFile> = {}) {
  const originals = createMemoryStore();
  await originals.put('cat.jpg', Buffer.from('the picture of a cat'));
  const variants = createMemoryStore();
  const config = { unsigned, signingSecrets: [secret], file: { ...readConfig({}).file, presets, ...file } };
  const its = await createPixelFreeService({ originals, variants, config });
  const stored = async () => {
    await its.service.variants.settled();
    return keysOf(variants);
  };
  return { ...its, stored };
}

async function keysOf(store: ObjectStore): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  return keys;
}

async function countStatuses(ask: (path: string) => Promise<Response>, paths: Iterable<string>) {
  const counts: Record<number, number> = {};
  for (const path of paths) {
    const { status } = await ask(path);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

/** What anybody may write under each policy, as many as there are. */
function* junkUnder(unsigned: (typeof policies)[number], count: number): Generator<string> {
  if (unsigned === 'presets') yield* chainsOf(['card', 'grey'], count);
  else for (let height = 1; height <= count; height += 1) yield `/w_400,h_${height}/cat.jpg`;
}

/** Every order of these presets, the shortest first, without those of one. */
function* chainsOf(names: readonly string[], count: number): Generator<string> {
  let chains: readonly (readonly string[])[] = names.map((name) => [name]);
  let left = count;
  for (;;) {
    chains = chains.flatMap((chain) => names.map((name) => [...chain, name]));
    for (const chain of chains) {
      if (left === 0) return;
      left -= 1;
      yield `/${chain.map((name) => `t_${name}`).join('/')}/cat.jpg`;
    }
  }
}

const pages: Readonly<Record<(typeof policies)[number], readonly string[]>> = {
  any: [
    ...[400, 800, 1200, 2048].map((width) => `/c_limit,w_${width},f_auto,q_auto/cat.jpg`),
    '/c_scale,w_640,f_auto/cat.jpg',
    '/c_fill,w_640,q_auto/cat.jpg',
    '/w_320/cat.jpg',
    '/w_160,dpr_2.0/cat.jpg',
    '/image/upload/w_320,f_auto,q_auto/v1/cat.jpg',
    '/c_limit,w_640/f_auto/q_auto/cat.jpg',
    '/t_card/cat.jpg',
    '/t_grey/f_auto,q_auto/cat.jpg',
    '/c_pad,w_222,h_222,f_auto/cat.jpg',
    '/small/cat.jpg',
  ],
  get ladder() {
    return this.any;
  },
  presets: ['/t_card/cat.jpg', '/t_grey/f_auto,q_auto/cat.jpg', '/t_card,f_auto/cat.jpg', '/small/cat.jpg'],
};

describe.each([
  ['any', 500],
  ['ladder', 50],
  ['presets', 50],
] as const)('under %s', (unsigned, budget) => {
  const file = {
    warm: ['c_pad,w_222,h_222,f_auto'],
    aliases: { '/small/:key': 'c_fit,w_63' },
    maxVariantsPerOriginal: budget,
  };
  const asked = budget + 11;

  it(
    `${asked} junk requests leave the pages’ own pictures, and take nothing away that is stored`,
    async () => {
      const { ask, stored } = await serviceWith(unsigned, file);
      expect((await ask('/t_card/cat.jpg')).status).toBe(200);
      const { 200: made = 0, ...others } = await countStatuses(ask, junkUnder(unsigned, asked));
      // What is being written while the store is listed may be missed by it.
      expect(made).toBeGreaterThanOrEqual(budget);
      expect(made).toBeLessThan(asked);
      expect(others).toEqual({ 400: asked - made });
      const before = await stored();
      expect(before).toHaveLength(made + 1);
      for (const path of pages[unsigned]) {
        for (const accept of ['image/avif,image/webp', 'image/webp', '*/*']) {
          const { status } = await ask(path, { headers: { accept, 'save-data': accept === '*/*' ? 'on' : 'off' } });
          expect([path, accept, status]).toEqual([path, accept, 200]);
        }
      }
      expect(await stored()).toEqual(expect.arrayContaining([...before]));
      for (const path of junkUnder(unsigned, budget)) expect((await ask(path)).status).toBe(200);
      const signed = 'w_17,h_29/cat.jpg';
      expect((await ask(`/s--${sign(signed, secret, 'sha1')}--/${signed}`)).status).toBe(200);
    },
    timeoutMs,
  );
});

/** A text for each way to take one of each. */
function product(...choices: readonly (readonly string[])[]): readonly string[] {
  return choices.reduce<readonly string[]>(
    (texts, next) => texts.flatMap((text) => next.map((more) => [text, more].filter((one) => one !== '').join(','))),
    [''],
  );
}

describe('the variants of one original that unsigned URLs can make', () => {
  const widths = [100, 200];
  const budget = 20;
  const file = {
    presets: { card: 'c_fill,w_333,h_111' },
    ladder: { widths, snap: false },
    maxVariantsPerOriginal: budget,
    warm: ['c_pad,w_222,h_222,f_auto'],
  };
  // Its own format, said by the extension or not at all, or one of three that are negotiated.
  const formats = 5;
  // None, `q_auto`, and what that is for a client that saves data.
  const qualities = 3;
  const declared = 3 * widths.length * formats * qualities + 1 * formats * qualities + 3;

  it(
    'are those that were declared, and one budget: no others, in whatever way they are asked for',
    async () => {
      expect(declared).toBe(108);
      const { ask, stored } = await serviceWith('ladder', file);
      const outputs = product(['', 'f_auto', 'f_auto:avif', 'f_auto:webp', 'f_jpg'], ['', 'q_auto', 'q_auto:eco']);
      const modes = ['', 'c_fit', 'c_pad', 'c_crop'];
      const sizes = ['w_100', 'w_50,dpr_2', 'h_200', 'w_100,h_7', 'w_200,ar_16:9', 'w_auto', 'w_150', 'w_0.5'];
      const more = [
        '',
        'g_auto',
        'a_90',
        'e_blur',
        'r_max',
        'b_white',
        'e_blur:7',
        'x_3',
        'o_7',
        'bo_1px_solid_red',
        'z_2',
      ];
      const written = [
        ...product(modes, sizes, more),
        ...product(['', 'c_limit', 'c_scale', 'c_fill'], ['w_100', 'w_200', 'w_50,dpr_2'], outputs),
        ...product(['t_card', 't_card/t_card', 't_card/w_100', 't_card/a_90'], outputs),
        ...product(['c_pad,w_222,h_222', 'c_pad,w_223,h_222'], ['f_auto', 'f_webp', 'q_auto']),
      ];
      const urls = written.flatMap((text) => [
        ...['cat.jpg', 'cat', 'cat.webp'].map((id) => `/${text}/${id}`),
        `/image/upload/${text}/v7/cat.jpg`,
      ]);
      expect(urls.length).toBeGreaterThan(900);
      // Those that count first, since they would be all that is made if they could.
      for (const url of urls) {
        for (const accept of url.includes('f_auto') ? ['image/avif', 'image/webp', '*/*'] : ['*/*']) {
          await ask(url, { headers: { accept } });
        }
      }
      const made = (await stored()).length;
      expect(made).toBeGreaterThanOrEqual(declared + budget);
      expect(made).toBeLessThanOrEqual(declared + budget + budget / 10);
    },
    timeoutMs,
  );

  it('are as many with the chains of one preset, and of two', async () => {
    for (const names of [['card'], ['card', 'grey']]) {
      const { ask, stored } = await serviceWith('any', { maxVariantsPerOriginal: budget });
      for (const name of names) expect((await ask(`/t_${name}/cat.jpg`)).status).toBe(200);
      const counts = await countStatuses(ask, chainsOf(names, 60));
      const made = (await stored()).length - names.length;
      expect(made).toBeGreaterThanOrEqual(budget);
      expect(made).toBeLessThanOrEqual(budget + budget / 10);
      expect(counts[400]).toBe(60 - made);
      // A preset alone has room for ever.
      for (const name of names) {
        expect((await ask(`/t_${name}/f_auto,q_auto/cat.jpg`)).status).toBe(200);
      }
    }
  });
});
