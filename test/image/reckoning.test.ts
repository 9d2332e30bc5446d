import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { inspect, TakesLong } from '../../src/image/index.ts';
import { estimateBytes } from '../../src/image/plan/estimate.ts';
import { planAlone } from '../../src/image/plan/plan.ts';
import { estimateWorkMs, workAllowance } from '../../src/image/plan/work.ts';
import { workloadOf } from '../../src/image/plan/workload.ts';
import { roomOf } from '../../src/image/protocol/text-room.ts';
import { boxFont } from '../support/font.ts';
import { from, noise, paint } from '../support/pictures.ts';
import { startRenderer, transformOf } from '../support/renderer.ts';
import { ultraHdr } from '../support/ultra-hdr.ts';

const folder = await mkdtemp(join(tmpdir(), 'fovea-fonts-'));
await writeFile(join(folder, 'box.ttf'), boxFont({ family: 'Box', width: 900, height: 900 }));
const pool = startRenderer({ timeoutMs: 10_000, maxMemoryBytes: 1024 ** 3, fontsFolder: folder });
afterAll(async () => {
  await pool.renderer.close();
  await rm(folder, { recursive: true });
});
const small = await from(paint(60, 40, (x, y) => [x * 4, y * 6, 90]))
  .png()
  .toBuffer();

/** Renders that a process was given. */
const drawn = () => pool.events.filter(({ type }) => type === 'rendered').length;

async function refusalOf(original: Buffer, text: string, layers?: ReadonlyMap<string, Uint8Array>): Promise<string> {
  const failure = await pool.draw(original, text, layers === undefined ? {} : { layers }).then(
    () => 'drawn',
    (error: unknown) => (error instanceof Error ? `${Reflect.get(error, 'kind')}: ${error.message}` : 'no error'),
  );
  return failure;
}

describe('what a transform would cost is reckoned before anything is drawn:', () => {
  test('sixty effects on a large canvas are refused for their time', async () => {
    const before = drawn();
    const effects = Array.from({ length: 58 }, () => 'e_vibrance:20').join('/');
    expect(await refusalOf(small, `c_scale,w_6000,h_4000/${effects}/f_jpg`)).toMatch(
      /too_large: .*s of computing.*FOVEA_RENDER_TIMEOUT_MS/,
    );
    expect(drawn()).toBe(before);
    // The same on a small one are none of our business.
    expect(await refusalOf(small, `${effects}/f_jpg`)).toBe('drawn');
  });

  test('an AVIF that takes more than there is patience for is not begun, and is drawn for whoever waits', async () => {
    const avif = transformOf('c_scale,w_300,h_200/f_auto:avif');
    const how = { signal: new AbortController().signal, fingerprint: 'patience' };
    const before = drawn();
    const hasty = pool.renderer.render({ original: small }, avif, { ...how, patienceMs: 50 });
    await expect(hasty).rejects.toBeInstanceOf(TakesLong);
    expect(drawn()).toBe(before);
    const patient = await pool.renderer.render({ original: small }, avif, { ...how, patienceMs: 1_000 });
    expect(patient.format).toBe('avif');
    const other = transformOf('c_scale,w_300,h_200/f_auto:webp');
    expect((await pool.renderer.render({ original: small }, other, { ...how, patienceMs: 0 })).format).toBe('webp');
  });

  test('layers count as large as they are scaled, and so do the layers of layers', async () => {
    const layers = new Map([['logo.png', small]]);
    const one = 'l_logo.png/c_scale,w_6000,h_5000/fl_layer_apply';
    expect(await refusalOf(small, `${Array(5).fill(one).join('/')}/f_jpg`, layers)).toMatch(
      /too_large: .*(memory|computing|pixels)/,
    );
    expect(await refusalOf(small, 'l_logo.png/c_scale,w_9000,h_9000/fl_layer_apply/f_jpg', layers)).toMatch(
      /too_large: .*pixels/,
    );
    expect(await refusalOf(small, 'l_logo.png/c_scale,w_30/fl_layer_apply/f_jpg', layers)).toBe('drawn');
  });

  test('text counts with what is between its letters and lines', async () => {
    const letters = 'i'.repeat(200);
    for (const style of ['letter_spacing_1000', 'line_spacing_1000']) {
      const text = style.startsWith('line') ? Array(200).fill('i').join('%250A') : letters;
      expect(await refusalOf(small, `l_text:Box_60_${style}:${text}/fl_layer_apply/f_jpg`)).toMatch(/too_large/);
    }
    expect(await refusalOf(small, `l_text:Box_20_letter_spacing_3:${'hello'}/fl_layer_apply/f_png`)).toBe('drawn');
  });

  test('text is no larger than the room that is reckoned for it', async () => {
    for (const [text, style] of [
      ['Wide WWW and thin iii', ''],
      ['W'.repeat(40), '_letter_spacing_9'],
      ['one%250Atwo%250Athree', '_line_spacing_12'],
      ['%25E6%25BC%25A2%25E5%25AD%2597', ''],
    ] as const) {
      const { width, height } = await pool.draw(small, `l_text:Box_40${style}:${text}/fl_layer_apply/f_png`);
      const room = roomOf({
        text: decodeURIComponent(decodeURIComponent(text)),
        size: 40,
        styles: style === '' ? [] : [style.slice(1)],
      });
      expect(width).toBeLessThanOrEqual(Math.max(60, room.width));
      expect(height).toBeLessThanOrEqual(Math.max(40, room.height));
    }
  });

  test('a canvas that layers enlarge is known before they are drawn', async () => {
    const transform = transformOf('l_text:Box_40:WWWWWWWW/fl_layer_apply/e_blur:300/f_png');
    const { output, layers } = workloadOf(transform, { width: 60, height: 40 });
    expect(layers).toHaveLength(1);
    const { width } = await pool.draw(small, 'l_text:Box_40:WWWWWWWW/fl_layer_apply/e_blur:300/f_png');
    expect(output.width).toBeGreaterThanOrEqual(width);
  });

  test('a cut by what the picture shows counts with all pixels that it is chosen in', async () => {
    const facts = await inspect(await from(noise(60, 40)).resize(3000, 2000).jpeg().toBuffer());
    const bytesOf = (text: string) =>
      estimateBytes({ facts, transform: transformOf(text), format: 'jpeg', frames: 1, inputBytes: 0 });
    const all = facts.size.width * facts.size.height;
    expect(bytesOf('c_crop,w_100,h_100,g_auto,f_jpg') - bytesOf('c_crop,w_100,h_100,f_jpg')).toBeGreaterThan(8 * all);
    // Made small before, it is little.
    expect(bytesOf('c_fill,w_100,h_100,g_auto,f_jpg') - bytesOf('c_fill,w_100,h_100,f_jpg')).toBeLessThan(all / 4);
  });

  test('a gain map counts with what is made of it, step by step, however small its base', async () => {
    const original = await ultraHdr({ width: 80, height: 60, shrink: 2, gain: () => 100 });
    const limits = {
      timeoutMs: 10_000,
      maxInputPixels: 1e6,
      maxOutputSide: 8_192,
      maxOutputPixels: 4e7,
      maxRenderBytes: 1024 ** 3,
    };
    const steps = 'c_scale,w_4000,h_3000/c_scale,w_3900,h_2900/f_jpg';
    const [kept, left] = [
      await planAlone(original, transformOf(steps), limits),
      await planAlone(original, transformOf(`cs_srgb/${steps}`), limits),
    ];
    expect([kept.job.keepsGainMap, left.job.keepsGainMap]).toEqual([true, false]);
    // Measured: 14 to 30 ms for each megapixel of each step, of which there are 12 and 11.3.
    expect(kept.work.restMs - left.work.restMs).toBeGreaterThan(23 * 25);
    expect(kept.memoryBytes - left.memoryBytes).toBeGreaterThan(4 * 12e6);
  });

  test('a file of few bytes counts as often as it may be written, with all its frames', async () => {
    const facts = { ...(await inspect(small)), frames: 10 };
    const costOf = (text: string) => {
      const transform = transformOf(`c_scale,w_1000,${text}`);
      const workload = workloadOf(transform, facts.size);
      return { facts, transform, format: 'webp', frames: 10, inputBytes: 0, workload } as const;
    };
    const encoding = estimateWorkMs(costOf('f_webp'));
    expect(estimateWorkMs(costOf('f_webp,mb_100'))).toBeGreaterThan(5 * encoding);
    const { width, height } = costOf('f_webp').workload.output;
    const more = estimateBytes(costOf('f_webp,mb_100')) - estimateBytes(costOf('f_webp'));
    expect(more).toBeGreaterThan(10 * 4 * width * height);
  });

  test.each([
    ['f_png', 'png'],
    ['f_webp', 'webp'],
    ['q_auto,f_webp', 'webp'],
    ['c_scale,w_2560,f_avif', 'avif'],
    ['e_improve/e_sharpen/c_fill,w_1600,h_900/f_jpg', 'jpeg'],
  ] as const)('a photograph of 24 megapixels as %s is within the time of a render', async (text, format) => {
    const facts = await inspect(await from(noise(60, 40)).resize(6000, 4000).jpeg().toBuffer());
    const transform = transformOf(text);
    const workload = workloadOf(transform, facts.size);
    expect(estimateWorkMs({ facts, transform, format, frames: 1, workload })).toBeLessThan(workAllowance * 10_000);
  });
});
