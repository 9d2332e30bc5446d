import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultLadder, readConfig } from '../../src/config/index.ts';
import { type ComponentValues, closedRule, parameterNames, parameters } from '../../src/grammar/index.ts';
import { ladderCell, needsSignature, presetsCell } from '../reference/policies.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService, type TestService } from '../support/test-service.ts';
import { allBlocks, pathOf, readPage, readPages } from './pages.ts';
import { pictureRows } from './pictures.ts';

const policies = ['any', 'ladder', 'presets', 'none'] as const;
const services = new Map<(typeof policies)[number], TestService>();

beforeAll(async () => {
  for (const unsigned of policies) {
    const originals = createMemoryStore();
    for (const key of ['seeding.jpg', 'astronaut.jpg', 'a.jpg']) await originals.put(key, Buffer.from('a picture'));
    const file = { ...readConfig({}).file, presets: { thumb: 'c_fill,w_70,h_70' } };
    const config = { unsigned, file };
    services.set(unsigned, await createPixelFreeService({ originals, variants: undefined, config }));
  }
});

afterAll(async () => {
  for (const { service } of services.values()) await service.close();
});

async function statusOf(unsigned: (typeof policies)[number], path: string): Promise<number | undefined> {
  return (await services.get(unsigned)?.ask(path))?.status;
}

describe('the sizes of the pages', () => {
  it('are on the default ladder, every one that a URL without a signature prints', () => {
    // Paths, loaders and commands; not what is signed, and not the ladder of a configuration.
    const text = readPages()
      .map((page) => page.text)
      .join('')
      .replaceAll(/\/s--\S+/g, '');
    const widths = [...text.matchAll(/\bw_(\d+)\b/g), ...text.matchAll(/\bwidths?: \[?([\d, ]+)/g)]
      .flatMap(([, found = '']) => found.split(',').map(Number))
      .filter((width) => width > 0);
    const dense = [...text.matchAll(/w_(\d+)[^/`]*,dpr_([\d.]+)/g)].map(
      ([, width, dpr]) => Number(width) * Number(dpr),
    );
    expect(widths.length).toBeGreaterThan(30);
    expect([...new Set([...widths, ...dense])].filter((width) => !defaultLadder.includes(width))).toEqual([]);
  });

  it('are answered under the default ladder, but for the rows that the page says', async () => {
    const [, listed = ''] =
      /Of these it is then refused\n(.*?): what could be counted/s.exec(readPage('docs/urls.md')) ?? [];
    const beyond = [...listed.matchAll(/`([^`]+)`/g)].map(([, part = '']) => part);
    expect(beyond.length).toBeGreaterThan(0);
    for (const { url } of pictureRows()) {
      const isRefused = beyond.some((part) => url.includes(part));
      expect([url, await statusOf('ladder', url)]).toEqual([url, isRefused ? 400 : 200]);
    }
    const candidates = allBlocks('html').flatMap(({ code }) =>
      [...code.matchAll(/http:\/\/127\.0\.0\.1:3000(\S+)\s+\d+w/g)].map(([, url = '']) => url),
    );
    expect(candidates.length).toBeGreaterThan(3);
    for (const url of candidates) expect([url, await statusOf('ladder', url)]).toEqual([url, 200]);
  });
});

/** Where a parameter's own example has something to say. */
const beside: Readonly<Partial<Record<keyof ComponentValues, string>>> = {
  aspectRatio: 'c_fill,w_100',
  background: 'c_pad,w_100,h_100',
  boundedDpr: 'c_lfill,w_100,h_100',
  colour: 'w_100,e_colorize:40',
  crop: 'w_100,h_100',
  equalTrim: 'w_100,e_trim',
  gravity: 'c_fill,w_100,h_100',
  x: 'c_crop,w_100,h_100,g_west',
  y: 'c_crop,w_100,h_100,g_west',
  zoom: 'c_thumb,w_100,h_100,g_face',
  presets: '',
};
/** What the ladder has of a parameter that lists no values, and what it does not. */
const others: Readonly<Partial<Record<keyof ComponentValues, readonly [held: string, refused: string]>>> = {
  dpr: ['w_50,dpr_2.0', 'w_50,dpr_2.1'],
  defaultImage: ['w_100,d_a.jpg', 'w_101,d_a.jpg'],
  flags: ['w_100,fl_attachment', 'w_100,fl_attachment:name'],
  height: ['h_300', 'h_301'],
  presets: ['t_thumb.thumb.thumb', 't_thumb.thumb.thumb.thumb'],
  width: ['w_300', 'w_301'],
};
/** Values that a list of the closed set has not, where the parameter takes others at all. */
const unlisted: Readonly<Partial<Record<keyof ComponentValues, string>>> = {
  angle: 'a_91',
  aspectRatio: 'ar_1.2345',
  background: 'b_rgb:010203',
  effect: 'e_blur:101',
  gravity: 'g_xy_center',
  quality: 'q_77',
  radius: 'r_20',
};

describe('the table of policies', () => {
  const names = parameterNames;
  const textOf = (name: keyof ComponentValues, part: string) =>
    [beside[name] ?? 'w_100', part].filter((text) => text !== '').join(',');
  const examples: Readonly<Partial<Record<keyof ComponentValues, string>>> = {
    overlay: 'l_a.jpg',
    underlay: 'u_a.jpg',
    width: 'w_100',
    height: 'h_100',
    dpr: 'dpr_2.0',
  };
  const exampleOf = (name: keyof ComponentValues) => examples[name] ?? parameters[name].example;
  const isOwnSize = (name: keyof ComponentValues) => name === 'width' || name === 'height';

  it.each(names)('is right about %s', async (name) => {
    const { key } = parameters[name];
    const example = isOwnSize(name) ? exampleOf(name) : textOf(name, exampleOf(name));
    expect([example, await statusOf('any', `/${example}/seeding.jpg`)]).toEqual([example, 200]);
    expect(await statusOf('none', `/${example}/seeding.jpg`)).toBe(401);
    const rule = closedRule(name);
    if (rule.kind === 'values') {
      for (const value of rule.values) {
        const text = textOf(name, `${key}_${value}`);
        expect([text, await statusOf('ladder', `/${text}/seeding.jpg`)]).toEqual([text, 200]);
        expect(ladderCell(name)).toContain(`\`${value}\``);
      }
      const other = unlisted[name];
      if (other !== undefined) expect(await statusOf('ladder', `/${textOf(name, other)}/seeding.jpg`)).toBe(400);
    } else if (rule.kind === 'signed') {
      expect(ladderCell(name)).toBe(needsSignature);
      expect(await statusOf('ladder', `/${example}/seeding.jpg`)).toBe(400);
    } else {
      const [held = '', refused = ''] = others[name] ?? [];
      expect([held, await statusOf('ladder', `/${held}/seeding.jpg`)]).toEqual([held, 200]);
      expect([refused, await statusOf('ladder', `/${refused}/seeding.jpg`)]).toEqual([refused, 400]);
    }
  });

  it.each(names)('is right about %s beside a preset', async (name) => {
    const part = name === 'presets' ? 't_thumb' : exampleOf(name);
    const path = name === 'presets' ? '/t_thumb/seeding.jpg' : `/t_thumb/${part}/seeding.jpg`;
    expect([part, await statusOf('presets', path)]).toEqual([part, presetsCell(name) === needsSignature ? 401 : 200]);
  });
});

it.each([
  'Dockerfile',
  'infra/local/compose.yaml',
  'infra/local/stack',
  'infra/service-process.ts',
  'README.md',
  'docs/cdn.md',
])('%s says what strangers may ask of the server that it starts', (path) => {
  expect(readFileSync(pathOf(path), 'utf8')).toMatch(/FOVEA_UNSIGNED(=ladder|: ladder|: parameters\.unsigned)/);
});
