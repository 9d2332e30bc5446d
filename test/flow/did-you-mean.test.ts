import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Config, readConfig } from '../../src/config/index.ts';
import { ownPages } from '../../src/http/did-you-mean.ts';
import type { ObjectStore } from '../../src/storage/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

async function house(
  keys: readonly string[] = ['seeding.jpg'],
  file: Partial<Config['file']> = {},
  unsigned: Config['unsigned'] = 'any',
) {
  const originals = createMemoryStore();
  for (const key of keys) await originals.put(key, Buffer.from(`the picture ${key}`));
  const heads: string[] = [];
  const counted: ObjectStore = {
    ...originals,
    head: (key, options) => {
      heads.push(key);
      return originals.head(key, options);
    },
  };
  const config = { file: { ...readConfig({}).file, ...file }, unsigned };
  const its = await createPixelFreeService({ originals: counted, config });
  onTestFinished(() => its.service.close());
  const told = async (path: string) => (await its.ask(path)).headers.get('x-cld-error') ?? '';
  return { ...its, told, heads };
}

describe('a mistake in a URL is answered with what was probably meant:', () => {
  it.each([
    ['/w400/seeding.jpg', 'write w_400, as in /w_400/seeding.jpg'],
    ['/w-400/seeding.jpg', 'write w_400'],
    ['/width_400/seeding.jpg', 'write w_400'],
    ['/widht_400/seeding.jpg', 'write w_400'],
    ['/W_300/seeding.jpg', 'write w_300'],
    ['/300x200/seeding.jpg', 'write w_300,h_200'],
    ['/300x/seeding.jpg', 'write w_300,'],
    ['/x200/seeding.jpg', 'write h_200,'],
    ['/w300h200/seeding.jpg', 'write w_300,h_200'],
    ['/width_300,height_200/seeding.jpg', 'write w_300,h_200'],
    ['/tr:w-300,h-200/seeding.jpg', 'write w_300,h_200'],
    ['/cats/w_300/seeding.jpg', 'If "cats/w_300" is no folder, write w_300'],
    ['/resize/300x200/seeding.jpg', 'write w_300,h_200, as in /w_300,h_200/seeding.jpg'],
    ['/unsafe/300x200/seeding.jpg', 'URLs of thumbor'],
    ['/insecure/rs:fill:300:200/plain/seeding.jpg', 'URLs of imgproxy'],
    ['/demo/image/upload/w_300/seeding.jpg', 'accountNames of fovea.json'],
    ['/upload/w_300/seeding.jpg', 'write /image/upload/w_300/seeding.jpg'],
    ['/image/uplaod/w_300/seeding.jpg', 'did you mean /image/upload/?'],
    ['/v1/w_300/seeding.jpg', 'leave that out'],
    ['/w_300', 'as in /w_300/picture.jpg'],
    ['/w_300/', 'as in /w_300/picture.jpg'],
    ['/w_300,q_80/seedling.jpg', 'No original has this key'],
    ['/l_logo,w_9/seeding.jpg', 'Resource not found - logo, which a layer'],
    ['/c_fil,w_400/seeding.jpg', 'did you mean c_fill?'],
    ['/c_cover,w_400,h_9/seeding.jpg', 'did you mean c_fill?'],
    ['/g_centre,w_300,h_100/seeding.jpg', 'did you mean g_center?'],
    ['/g_top,w_300,h_100/seeding.jpg', 'did you mean g_north?'],
    ['/g_top-left,w_300,h_100/seeding.jpg', 'did you mean g_north_west?'],
    ['/g_South,w_300,h_100/seeding.jpg', 'did you mean g_south?'],
    ['/e_greyscale/seeding.jpg', 'did you mean e_grayscale?'],
    ['/e_blr:100,w_300/seeding.jpg', 'did you mean e_blur?'],
    ['/q_101,w_300/seeding.jpg', 'did you mean q_100?'],
    ['/q_atuo/seeding.jpg', 'did you mean q_auto?'],
    ['/q_80%25,w_9/seeding.jpg', 'q_ takes 1 to 100'],
    ['/f_wbep/seeding.jpg', 'did you mean f_webp?'],
    ['/f_svg,w_300/seeding.jpg', 'the output formats are auto, jpg'],
    ['/fl_progresive/seeding.jpg', 'did you mean fl_progressive?'],
    ['/fl_lossy.progresive,w_9/seeding.jpg', 'did you mean fl_lossy.progressive?'],
    ['/b_ff0000,c_pad,w_9,h_9/seeding.jpg', 'did you mean b_rgb:ff0000?'],
    ['/b_whit,c_pad,w_9,h_9/seeding.jpg', 'did you mean b_white?'],
    ['/a_45deg,w_300/seeding.jpg', 'did you mean a_45?'],
    ['/w_300px/seeding.jpg', 'did you mean w_300?'],
    ['/w_50%25/seeding.jpg', 'did you mean w_0.5?'],
    ['/w_300;h_200/seeding.jpg', 'did you mean w_300,h_200?'],
    ['/w_300,%20h_200/seeding.jpg', 'did you mean h_200?'],
    ['/c_fill,wd_300/seeding.jpg', 'did you mean w_300?'],
    ['/t_avatr/seeding.jpg', 'did you mean t_avatar?'],
    ['/w_400.5/seeding.jpg', 'did you mean w_401?'],
    ['/q_80%25/seeding.jpg', 'did you mean q_80?'],
    ['/o_50%25/seeding.jpg', 'did you mean o_50?'],
    ['/o_0.5/seeding.jpg', 'did you mean o_50?'],
    ['/r_50%25/seeding.jpg', 'in the order of CSS. If it is a folder'],
    ['/e_gray/seeding.jpg', 'did you mean e_grayscale?'],
    ['/g_topleft,w_9/seeding.jpg', 'did you mean g_north_west?'],
    ['/q_high/seeding.jpg', 'did you mean q_auto:best?'],
    ['/c_thumbnail,w_9/seeding.jpg', 'did you mean c_thumb?'],
    ['/ar_16x9,w_9/seeding.jpg', 'did you mean ar_16:9?'],
    ['/w_400,,h_300/seeding.jpg', 'has a comma too many; did you mean w_400,h_300?'],
    ['/w_400,/seeding.jpg', 'has a comma too many; did you mean w_400?'],
    ['/seeding.jpg/w_400', 'The transformation stands before the key: /w_400/seeding.jpg'],
    ['/cats/tom.jpg/w_400,h_300/f_webp', 'before the key: /w_400,h_300/f_webp/cats/tom.jpg'],
  ])('%s', async (path, remedy) => {
    const { told } = await house(['seeding.jpg'], { presets: { avatar: 'c_thumb,g_face,w_96,h_96' } });
    expect(await told(path)).toContain(remedy);
  });

  it.each([
    ['/_ipx/w_300/seeding.jpg', 'IPX', 'ipx'],
    ['/cdn-cgi/image/width=300/seeding.jpg', 'Cloudflare', 'cloudflare'],
    ['/_next/image?url=%2Fseeding.jpg&w=640&q=75', 'Next.js', 'next'],
  ])('%s, where its dialect is off', async (path, program, name) => {
    const { told } = await house(['seeding.jpg'], { spellings: [] });
    expect(await told(path)).toContain(`URLs of ${program} are read where "dialects" in fovea.json names "${name}"`);
  });

  it('a transformation in a query that nobody reads, beside the original that comes', async () => {
    const { ask } = await house();
    const hintOf = async (path: string) => (await ask(path)).headers.get('x-fovea-hint');
    expect(await hintOf('/seeding.jpg?w=300&h=200')).toContain('write /w_300,h_200/seeding.jpg');
    expect(await hintOf('/seeding.jpg?tr=w-300')).toContain('write /w_300/seeding.jpg');
    for (const path of ['/seeding.jpg', '/seeding.jpg?v=12', '/seeding.jpg?cache=no'])
      expect([path, await hintOf(path)]).toEqual([path, null]);
    const reading = await house(['seeding.jpg'], { spellings: ['query'] });
    expect((await reading.ask('/seeding.jpg?w=300')).headers.get('x-fovea-hint')).toBeNull();
  });

  it.each(ownPages)('a page of ours: %s', async (name) => {
    const { ask, told } = await house();
    expect(await told(`/${name}`)).toContain(`/-/${name}`);
    expect((await ask(`/-/${name}`)).status).not.toBe(404);
  });

  it('is short, however long the mistake is', async () => {
    const { ask } = await house();
    for (const path of [`/${'w400,'.repeat(900)}/seeding.jpg`, `/${'w400/'.repeat(2000)}seeding.jpg`]) {
      const { detail } = (await (await ask(path)).json()) as { readonly detail: string };
      expect(detail.length).toBeLessThan(800);
    }
  });
});

describe('a key in other letters', () => {
  it.each(['/Seeding.jpg', '/w_300/SEEDING.JPG', '/w_300/Seeding.JPG'])(
    'of an original that is there: %s',
    async (path) => {
      const { told } = await house();
      expect(await told(path)).toMatch(/Case counts in keys: there is "seeding\.jpg"$/);
    },
  );

  it.each([
    ['/w_9/IMG_1.jpg', 'IMG_1.JPG'],
    ['/w_9/IMG_1.JPG', 'img_1.jpg'],
    ['/w_9/Cats/Tom.jpg', 'cats/tom.jpg'],
  ])('is %s for %s, found in at most two looks more', async (path, stored) => {
    const { told, heads } = await house([stored], { extensions: [] });
    expect(await told(path)).toContain(`there is "${stored}"`);
    expect(heads.length).toBeLessThanOrEqual(2 + 2);
  });

  it('is not looked for where there is no capital in it', async () => {
    const { told, heads } = await house([], { extensions: [] });
    expect(await told('/w_9/seedling.jpg')).toContain('No original has this key');
    expect(heads).toEqual(['seedling.jpg', 'seedling']);
  });

  it('is not told of what whoever asks may not have', async () => {
    const hidden = { private: ['family/'], authenticated: ['members/'] };
    const { told, heads } = await house(['members/a.jpg', 'family/a.jpg'], { protected: hidden });
    for (const key of ['members/A.jpg', 'family/A.jpg', 'Members/a.jpg', 'FAMILY/a.jpg'])
      expect(await told(`/v1/${key}`)).not.toContain('there is');
    expect(heads).not.toContain('members/a.jpg');
    const strict = await house(['a.jpg'], { presets: { p: 'w_9' } }, 'presets');
    expect(await strict.told('/t_p/A.jpg')).toContain('Resource not found - A.jpg. No original');
  });

  it('is not told of a file that is no picture by its name', async () => {
    const { told } = await house(['notes.txt']);
    expect(await told('/Notes.txt')).not.toContain('there is');
  });

  it('is a plain 404 while the store fails', async () => {
    const originals = createMemoryStore();
    const failing: ObjectStore = {
      ...originals,
      head: async (key, options) => {
        if (key === 'a.jpg') throw new Error('the store is away');
        return originals.head(key, options);
      },
    };
    const { ask, service } = await createPixelFreeService({ originals: failing });
    onTestFinished(() => service.close());
    expect((await ask('/w_9/A.jpg')).status).toBe(404);
  });
});

const given = fileURLToPath(new URL('../../../shared/cases/mistakes.txt', import.meta.url));
const more = existsSync(given) ? readFileSync(given, 'utf8').trim().split('\n') : [];

/** What people have tried; with those from outside, where they are at hand. */
const tried = [
  ...[
    '/w_400,h_300/seedling.jpg',
    '/w-400/seeding.jpg',
    '/c_fil,w_400/seeding.jpg',
    '/t_avatr/seeding.jpg',
    '/',
    '/w_300/',
  ],
  ...[
    '/b_#ff0000,c_pad,w_300,h_300/seeding.jpg',
    '/w_300, h_200/seeding.jpg',
    '/-/docs',
    '/-/playgrund',
    '/w_300/Seeding.jpg',
  ],
  ...[
    '/_next/image?url=https%3A%2F%2Fother.example%2Fa.jpg&w=640&q=75',
    '/unsafe/300x200/seeding.jpg',
    '/f_svg/seeding.jpg',
  ],
  ...more,
];

it.each([...new Set(tried)])('%s is answered, or refused with a remedy', async (line) => {
  const { ask } = await house();
  const response = await ask(line.replaceAll(' ', '%20').replaceAll('#', '%23'));
  const remedy =
    /did you mean|write |names none|No original has|Case counts|takes |as in |are auto|page at \/|fetchHosts/;
  expect(response.status === 200 || response.headers.get('x-cld-error')).toEqual(
    response.status === 200 ? true : expect.stringMatching(remedy),
  );
});
