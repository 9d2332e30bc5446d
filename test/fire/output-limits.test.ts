import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordFigure } from '../support/figures.ts';
import { boxFont } from '../support/font.ts';
import { timedGet } from '../support/load.ts';
import { animate, blue, from, gifDeclaring, paint, quarters, red } from '../support/pictures.ts';
import { seededRandom } from '../support/s3-fault-server.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../support/server-process.ts';

const mostSide = 8_192;
const mostPixels = 40_000_000;

let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  const flat = (width: number, height: number) =>
    from(paint(width, height, () => red))
      .png()
      .toBuffer();
  folder = await makeWorkingFolder({
    'small.png': await from(quarters(64, 48)).png().toBuffer(),
    'photo.jpg': await from(quarters(2_000, 1_500)).jpeg().toBuffer(),
    'tall.png': await flat(1, 5_000),
    'wide.png': await flat(5_000, 1),
    'moving.gif': await animate(64, 48, [red, blue, red, blue]).gif().toBuffer(),
    'long.gif': gifDeclaring(8, 8, 400),
    'longest.gif': gifDeclaring(1, 1, 10_000),
  });
  const fonts = join(folder, 'fonts');
  await mkdir(fonts);
  await writeFile(join(fonts, 'box.ttf'), boxFont({ family: 'Test Box', width: 500, height: 700 }));
  await writeFile(join(folder, 'fovea.json'), JSON.stringify({ fontsFolder: fonts }));
  // Of pixels, not of time: 40 megapixels of GIF are reckoned to take longer than the usual budget of computing.
  server = await startServer(folder, { FOVEA_RENDERERS: '2', FOVEA_RENDER_TIMEOUT_MS: '30000' });
});

afterAll(async () => {
  await server?.end('SIGKILL');
  if (folder !== undefined) await removeFolder(folder);
});

const random = seededRandom(20261122);
const whole = (most: number) => 1 + Math.floor(random() * most);
/** As often of one size as of another: most are small, and none is out of reach. */
const length = (most = 65_535) => Math.ceil(most ** random());
const pick = (words: string) => words.split(' ')[Math.floor(random() * words.split(' ').length)] ?? '';

/** Every way in which a URL makes a picture larger, by name. */
const ways: Readonly<Record<string, () => string>> = {
  'a width': () => `c_${pick('scale fit mfit fill lfill outside loutside limit')},w_${length()}`,
  'a height': () => `c_${pick('scale fit mfit fill')},h_${length()}`,
  'width and height': () => `c_${pick('scale fill fit thumb crop')},w_${length()},h_${length()}`,
  'a share': () => `c_scale,w_${(random() * 300).toFixed(2)}`,
  'an expression': () => `c_scale,w_iw_${pick('mul add pow')}_${length(9_000)}`,
  'an aspect ratio': () => `ar_${length(3_000)}:${length(3_000)},c_${pick('fill pad crop')},w_${length(9_000)}`,
  'more pixels to each': () => `c_scale,w_${length(20_000)},dpr_${pick('1.5 2 3 4')}`,
  'more pixels to each of a chain': () => `c_scale,w_${length(9_000)}/e_sepia/dpr_4`,
  'a margin': () => `c_${pick('pad lpad mpad')},w_${length()},h_${length()},b_red`,
  'a blurred margin': () => `c_pad,w_${length(20_000)},h_${length(20_000)},b_${pick('blurred auto')}`,
  'a turn': () => `c_scale,w_${length(9_000)}/a_${whole(359)}`,
  'several turns': () => `c_scale,w_${length(6_000)}/a_45/a_45/a_45`,
  'a border': () => `bo_${length()}px_solid_red`,
  'a shadow': () => `e_shadow,x_${length()},y_${length()}`,
  'zooming in': () => `c_thumb,g_face,w_${length(9_000)},h_${length(9_000)},z_${pick('0.01 0.5 4 100')}`,
  'a layer': () => `l_small.png,c_scale,w_${length()}/fl_layer_apply`,
  'a layer beside it': () => `l_small.png/fl_layer_apply,g_west,x_-${length(30_000)}`,
  'a layer below': () => `u_small.png,c_scale,w_${length()},h_${length()}/fl_layer_apply`,
  'a layer of its own share': () => `fl_relative,l_small.png,w_${(random() * 300).toFixed(1)}/fl_layer_apply`,
  'tiles of a layer': () => `c_scale,w_${length(9_000)},h_${length(9_000)}/fl_tiled,l_small.png/fl_layer_apply`,
  'a text': () => `l_text:Test%20Box_${length(3_000)}:${'large'.repeat(whole(40))}/fl_layer_apply`,
  'a text with wide gaps': () => `l_text:Test%20Box_${length(200)}_letter_spacing_${length(900)}:gaps/fl_layer_apply`,
  'up, then down': () => `c_scale,w_${length()}/c_scale,w_100`,
  'down, then up': () => `c_scale,w_1/c_scale,w_${length()}`,
  'steps up': () => Array.from({ length: whole(12) }, () => 'c_scale,w_2.0').join('/'),
};

interface Drawn {
  readonly url: string;
  readonly side: number;
  /** Of all frames. */
  readonly pixels: number;
}

interface Asked {
  readonly way: string;
  readonly url: string;
  readonly status: number;
  readonly drawn: Drawn | undefined;
}

async function ask(way: string, url: string): Promise<Asked> {
  const { status, body } = await timedGet(server.url + url);
  if (status !== 200) return { way, url, status, drawn: undefined };
  const { width, height, pageHeight, pages = 1 } = await sharp(body, { limitInputPixels: false }).metadata();
  const one = pageHeight ?? (pages > 1 ? height / pages : height);
  return { way, url, status, drawn: { url, side: Math.max(width, one), pixels: width * one * pages } };
}

it('no way of asking makes a picture of more pixels, frames and sides than the limits', async () => {
  const originals = ['small.png', 'photo.jpg', 'tall.png', 'wide.png', 'moving.gif', 'long.gif'];
  const questions = Object.entries(ways).flatMap(([way, write]) =>
    originals.flatMap((original) =>
      Array.from({ length: 4 }, () => {
        const format = original.endsWith('.gif') ? pick('f_gif f_jpg f_webp') : 'f_jpg';
        return { way, url: `/image/upload/${write()}/${format}/${original}` };
      }),
    ),
  );
  const asked: Asked[] = [];
  const waiting = [...questions];
  async function visitor(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      asked.push(await ask(next.way, next.url));
  }
  await Promise.all(Array.from({ length: 4 }, visitor));

  const drawn = asked.flatMap((one) => one.drawn ?? []);
  const count = (...statuses: readonly number[]) => asked.filter(({ status }) => statuses.includes(status)).length;
  const side = Math.max(...drawn.map((one) => one.side));
  const pixels = Math.max(...drawn.map((one) => one.pixels));
  recordFigure(
    6,
    `${asked.length} URLs in ${Object.keys(ways).length} ways of making a picture large: ${drawn.length} drawn, ${count(413)} refused with 413, ${count(400)} with 400, ${count(503, 504)} given up with 503/504 and ${count(422)} not tried again; the longest side that came out ${side}, the most pixels × frames ${(pixels / 1e6).toFixed(1)} MP`,
  );
  // What has overrun twice is not tried again for a while, whatever is asked of it.
  const overran = asked.flatMap(({ url, status }) => (status === 504 ? [url.slice(url.lastIndexOf('/'))] : []));
  const isExpected = ({ url, status }: Asked) =>
    [200, 400, 413, 503, 504].includes(status) || (status === 422 && overran.some((name) => url.endsWith(name)));
  expect(asked.filter((one) => !isExpected(one))).toEqual([]);
  expect(drawn.filter((one) => one.side > mostSide || one.pixels > mostPixels)).toEqual([]);
  expect(count(413)).toBeGreaterThan(50);
  expect(drawn.length).toBeGreaterThan(50);
  // A way that draws nothing at all would show nothing.
  const silent = Object.keys(ways).filter((way) => !asked.some((one) => one.way === way && one.drawn !== undefined));
  expect(silent).toEqual([]);
});

it('the limits are where they are said to be, to the pixel', async () => {
  const height = Math.floor(mostPixels / mostSide);
  const perFrame = Math.floor(Math.sqrt(mostPixels / 4));
  const edges: readonly (readonly [url: string, status: number])[] = [
    [`/c_scale,w_${mostSide},h_${height},f_jpg/small.png`, 200],
    [`/c_scale,w_${mostSide},h_${height + 1},f_jpg/small.png`, 413],
    [`/c_pad,w_${mostSide},h_10,b_red,f_jpg/small.png`, 200],
    [`/c_pad,w_${mostSide + 1},h_10,b_red,f_jpg/small.png`, 413],
    [`/c_scale,w_${mostSide / 4},h_8,dpr_4,f_jpg/small.png`, 200],
    [`/c_scale,w_${mostSide / 4 + 1},h_8,dpr_4,f_jpg/small.png`, 413],
    [`/c_scale,w_${perFrame},h_${perFrame},f_gif/moving.gif`, 200],
    [`/c_scale,w_${perFrame + 1},h_${perFrame + 1},f_gif/moving.gif`, 413],
    [`/c_scale,w_${perFrame + 1},h_${perFrame + 1},f_jpg/moving.gif`, 200],
    // A few bytes for each of its frames, and four million pixels.
    ['/w_2000/longest.gif', 413],
  ];
  const answers: Asked[] = [];
  for (const [url] of edges) answers.push(await ask('edge', url));
  const right = edges.filter(([, status], index) => answers[index]?.status === status).length;
  const drawn = answers.flatMap((one) => one.drawn ?? []);
  recordFigure(
    6,
    `${right} of ${edges.length} at the edges right to the pixel; ${Math.max(...drawn.map((one) => one.side))} a side and ${(Math.max(...drawn.map((one) => one.pixels)) / 1e6).toFixed(2)} MP × frames are drawn, a pixel more is refused`,
  );
  expect(answers.map(({ url, status }) => [url, status])).toEqual(edges);
});
