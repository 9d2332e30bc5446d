import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostileFiles } from '../support/hostile/index.ts';
import {
  animate,
  blue,
  from,
  gifDeclaring,
  green,
  jpegWithScans,
  noise,
  paint,
  pngDeclaring,
  quarters,
  red,
  webpDeclaring,
} from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer({ maxInputFrames: 500 });
/** Its one process is stopped: what it refuses all the same, no process has seen. */
const blind = startRenderer({ maxInputFrames: 500 });
beforeAll(async () => {
  const { pid } = await blind.seen('started');
  if (pid !== undefined) process.kill(pid, 'SIGSTOP');
});
afterAll(() => Promise.all([renderer.close(), blind.renderer.close()]));

function refusal(original: Uint8Array, text: string): Promise<unknown> {
  return draw(original, text).then(
    () => new Error('It was drawn.'),
    (reason: unknown) => reason,
  );
}

describe('a bomb is refused before anything is decoded:', () => {
  const bombs: readonly (readonly [string, () => Buffer | Promise<Buffer>, string])[] = [
    ['a PNG that declares 30000 × 30000 pixels', () => pngDeclaring(30_000, 30_000), 'w_320'],
    ['a PNG of 1 × 100000000', () => pngDeclaring(1, 100_000_000), 'w_320'],
    ['a PNG of 1 × 65535, drawn 320 wide', () => pngDeclaring(1, 65_535), 'w_320'],
    ['a strip of 59424 × 3, turned', () => pngDeclaring(59_424, 3), 'a_17'],
    ['a WebP that declares 16000 × 16000 pixels', () => webpDeclaring(16_000, 16_000), 'w_320'],
    [
      'a GIF that declares 30000 × 30000 pixels',
      () => gifDeclaring(1, 1, 1, { width: 30_000, height: 30_000 }),
      'w_320',
    ],
    ['a GIF of 400 frames, drawn large', () => gifDeclaring(1, 1, 400), 'w_320,h_320'],
    ['a GIF of 501 frames', () => gifDeclaring(1, 1, 501), 'w_1'],
    [
      'a JPEG of 150 scans',
      async () => jpegWithScans(await from(noise(64, 64)).jpeg({ progressive: true }).toBuffer(), 150),
      'w_32',
    ],
    ['a picture on a canvas of 9000 × 100', async () => from(quarters(64, 32)).png().toBuffer(), 'c_pad,w_9000,h_100'],
    ['a picture enlarged to 7000 × 7000', async () => from(quarters(64, 64)).png().toBuffer(), 'w_7000,h_7000'],
    ['a picture enlarged on its way only', async () => from(quarters(64, 64)).png().toBuffer(), 'w_7000,h_7000/w_100'],
  ];

  it.each(bombs)('%s', async (_, make, text) => {
    const original = await make();
    const { user, system } = process.cpuUsage();
    await expect(blind.draw(original, text)).rejects.toMatchObject({ name: 'Failure', kind: 'too_large' });
    // Of the processor, in µs: a clock would count whoever else runs.
    const used = process.cpuUsage();
    expect(used.user + used.system - user - system).toBeLessThan(500_000);
  });

  const shownByTheHeader = new Set([
    'png/declares-7000x7000-holds-a-line',
    'png/kind-of-colour-5',
    'png/depth-of-3',
    'png/palette-that-is-missing',
    'png/checksum-that-is-wrong',
    'webp/declares-7000x7000-holds-a-pixel',
    'webp/animation-without-frames',
  ]);
  const damaged = hostileFiles(1).filter(({ name }) => shownByTheHeader.has(name));

  it('and so is what the header shows to be damaged', async () => {
    expect(damaged).toHaveLength(shownByTheHeader.size);
    for (const { name, make } of damaged) {
      const refused = blind.draw(await make(), 'w_32').catch((reason: unknown) => reason);
      expect([name, await refused]).toMatchObject([name, { name: 'Failure', kind: 'corrupt' }]);
    }
  });

  it('and the message has the numbers', async () => {
    expect(await refusal(pngDeclaring(30_000, 30_000), 'w_320')).toMatchObject({
      message: 'The original has 30000 × 30000 pixels; at most 50000000 are read.',
    });
    expect(await refusal(pngDeclaring(1, 65_535), 'w_320')).toMatchObject({
      message:
        'The picture asked for would have 320 × 20971200 pixels; at most 8192 a side and 40000000 in all are made.',
    });
  });
});

describe('what is large but sound is drawn:', () => {
  it('a strip cut to a square, without the strip being enlarged', async () => {
    const strip = await from(paint(1, 5_000, () => red))
      .png()
      .toBuffer();
    expect(await draw(strip, 'c_fill,w_320,h_320')).toMatchObject({ width: 320, height: 320 });
  });

  it('one frame of an animation too long to be kept', async () => {
    expect(await draw(gifDeclaring(1, 1, 400), 'w_320,h_320,f_jpg')).toMatchObject({
      width: 320,
      frames: 1,
      format: 'jpeg',
    });
  });

  it('a JPEG of as many scans as are allowed', async () => {
    const jpeg = await from(noise(64, 64)).jpeg({ progressive: true }).toBuffer();
    expect(await draw(jpeg, 'w_32')).toMatchObject({ width: 32 });
  });
});

describe('a damaged picture', () => {
  const formats: readonly (readonly [string, () => Promise<Buffer>])[] = [
    ['JPEG', () => from(noise(300, 200)).jpeg().toBuffer()],
    ['progressive JPEG', () => from(noise(300, 200)).jpeg({ progressive: true }).toBuffer()],
    ['PNG', () => from(noise(300, 200)).png().toBuffer()],
    ['WebP', () => from(noise(300, 200)).webp().toBuffer()],
    ['AVIF', () => from(noise(300, 200)).avif({ effort: 0 }).toBuffer()],
    ['GIF', () => from(noise(300, 200)).gif({ effort: 1 }).toBuffer()],
    ['TIFF', () => from(noise(300, 200)).tiff({ compression: 'lzw' }).toBuffer()],
  ];

  it.each(formats)('is refused as corrupt: a %s cut off in the middle', async (_, make) => {
    const whole = await make();
    const error = await refusal(whole.subarray(0, whole.length / 2), 'w_100/f_png');
    expect(error).toMatchObject({ name: 'Failure', kind: 'corrupt' });
  });

  it.each(formats)('is refused as corrupt: a %s cut off in its header', async (_, make) => {
    const error = await refusal((await make()).subarray(0, 20), 'w_100/f_png');
    expect(error).toMatchObject({ name: 'Failure', kind: 'corrupt' });
  });

  it('is refused as corrupt: a WebP whose header and pixels differ in size', async () => {
    const error = await refusal(webpDeclaring(100, 80), 'c_crop,w_50,h_50/f_png');
    expect(error).toMatchObject({ name: 'Failure', kind: 'corrupt' });
  });

  it('does not harm the one after it', async () => {
    const whole = await from(noise(300, 200)).png().toBuffer();
    await refusal(whole.subarray(0, 5_000), 'w_100');
    expect(await draw(whole, 'w_100')).toMatchObject({ width: 100, height: 67 });
  });
});

describe('a transform that does not fit the picture', () => {
  it('is refused: a page that is not there', async () => {
    const gif = await animate(8, 8, [red, green, blue]).gif().toBuffer();
    const error = await refusal(gif, 'pg_4');
    expect(error).toMatchObject({ kind: 'invalid', message: 'Page 4 was asked for; the original has 3.' });
  });

  it('is refused: a WebP longer than WebP can say', async () => {
    const large = startRenderer({ maxOutputSide: 20_000 });
    const strip = await from(paint(17_000, 1, () => red))
      .png()
      .toBuffer();
    await expect(large.draw(strip, 'f_webp')).rejects.toMatchObject({ kind: 'too_large' });
    await large.renderer.close();
  });
});

it('a loader that is not wanted cannot be reached by what a file pretends to be', async () => {
  const svg = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/><foreignObject/></svg>',
  );
  expect((await sharp(svg).metadata()).format).toBe('svg');
  const error = await refusal(svg, 'f_png');
  expect(error).toMatchObject({ kind: 'unsupported' });
});
