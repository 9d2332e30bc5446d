import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApngPlainFrame, type GifPlainFrame, writeApng, writeGif, writeWebp } from '../support/animations.ts';
import { animate, distance, type Pixel } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { type Eyes, openEyes, type SeenFrame } from './chromium.ts';
import { expectNone } from './faults.ts';
import { type Place, readByGifsicle, readByMagick, readByWebpmux } from './programs.ts';

const { renderer, draw } = startRenderer({ processes: 2 });
let eyes: Eyes;
beforeAll(async () => {
  eyes = await openEyes();
});
afterAll(() => Promise.all([renderer.close(), eyes?.close()]));

const red: Pixel = [255, 0, 0];
const green: Pixel = [0, 255, 0];
const blue: Pixel = [0, 0, 255];

/** A corner, inside the second frame, inside the third, and the other corner. */
const places: readonly Place[] = [
  [0.05, 0.05],
  [0.3, 0.4],
  [0.65, 0.85],
  [0.97, 0.97],
];
const whole = { left: 0, top: 0, width: 160, height: 120, colour: red };
const second = { left: 40, top: 40, width: 40, height: 40, colour: green };
const third = { left: 80, top: 80, width: 40, height: 40, colour: blue };

const gif = (frames: readonly GifPlainFrame[], screen: readonly [number, number] = [160, 120], repeats = 0) =>
  writeGif({ screen, frames, repeats, background: 2 });
const apng = (frames: readonly ApngPlainFrame[], more = {}) => writeApng({ size: [160, 120], frames, ...more });
const disposed = (disposal: number) => ({ ...second, disposal });

/** Animations as programs write them, and as decoders doubt them. */
const originals: Readonly<Record<string, () => Promise<Buffer>>> = {
  'a GIF of frames that stay': async () => gif([whole, second, third]),
  'a GIF of a frame that is cleared': async () => gif([whole, disposed(2), third]),
  'a GIF of a frame that is undone': async () => gif([whole, disposed(3), third]),
  'a GIF that says nothing of what is clear': async () => gif([second, third]),
  'a GIF with clear pixels': async () => gif([whole, { ...second, isTransparent: true, disposal: 2 }, third]),
  'a GIF of tables of its frames': async () =>
    gif([whole, second, third].map((frame) => ({ ...frame, hasOwnTable: true }))),
  'a GIF of a screen that decoders doubt': async () => gif([whole, { ...second, left: 600, top: 400 }], [640, 480]),
  'a GIF that runs three times': async () => gif([whole, second], [160, 120], 2),
  'a GIF of several delays': async () =>
    gif([
      { ...whole, delay: 7 },
      { ...second, delay: 50 },
      { ...third, delay: 120 },
    ]),
  'an APNG of frames that stay': async () => apng([whole, second, third]),
  'an APNG of a frame that is cleared': async () => apng([whole, disposed(2), third]),
  'an APNG of a frame that is undone': async () => apng([whole, disposed(3), third]),
  'an APNG of half clear frames': async () =>
    apng([whole, { ...second, colour: [0, 255, 0, 128], isOver: true }, third]),
  'an APNG of a still apart': async () => apng([whole, second], { still: blue }),
  'an APNG that runs twice': async () => apng([whole, second, third], { plays: 2 }),
  'an APNG of several delays': async () =>
    apng([
      { ...whole, delay: [1, 25] as const },
      { ...second, delay: [1, 2] as const },
    ]),
  'a WebP': async () =>
    animate(160, 120, [red, green, blue])
      .webp({ lossless: true, delay: [40, 500, 90], loop: 0 })
      .toBuffer(),
  'a WebP that runs twice': async () =>
    animate(160, 120, [red, green])
      .webp({ lossless: true, delay: [100, 100], loop: 2 })
      .toBuffer(),
  'a WebP of frames that leave something clear': async () => writeWebp({ size: [160, 120], frames: [second, third] }),
  'a WebP of a frame that is cleared': async () =>
    writeWebp({ size: [160, 120], frames: [whole, disposed(2), third], isLossy: true }),
  'a WebP that conceals its alpha': async () =>
    writeWebp({
      size: [160, 120],
      frames: [
        { ...whole, colour: [255, 0, 0, 0] },
        { ...second, isPlain: true },
      ],
    }),
  'a WebP with alpha': async () =>
    animate(160, 120, [
      [...red, 255],
      [0, 0, 0, 0],
      [...blue, 128],
    ])
      .webp({ lossless: true, delay: [100, 100, 100] })
      .toBuffer(),
};

/** As it looks before white; GIF knows no half clear pixels, so those are not compared in it. */
function off(right: SeenFrame, seen: SeenFrame, format: string): number {
  const before = ([one = 0, two = 0, three = 0, alpha = 0]: Pixel): Pixel =>
    [one, two, three].map((value) => Math.round((value * alpha) / 255 + 255 - alpha));
  return Math.max(
    ...right.points.map((point, index) => {
      const isHalfClear = (point[3] ?? 0) > 0 && (point[3] ?? 0) < 255;
      return format === 'gif' && isHalfClear ? 0 : distance(before(point), before(seen.points[index] ?? []));
    }),
  );
}

/** Delays of less than 11 ms stand for 100 in browsers, and GIF counts in hundredths. */
const isNear = (one: number, other: number) => Math.abs(one - other) <= 10;

describe('what moves', () => {
  it.each(Object.entries(originals))('%s is the same film in every format that can hold one', async (_, make) => {
    const original = await make();
    const right = (await eyes.play(new Map([['original', original]]), places)).get('original') ?? [];
    expect(right.length).toBeGreaterThan(1);
    const texts = [
      'f_webp',
      'f_gif',
      `c_scale,w_${(right[0]?.width ?? 0) / 2},f_webp`,
      `c_scale,w_${(right[0]?.width ?? 0) / 2},f_gif`,
      'f_auto',
    ];
    const wrong: string[] = [];
    for (const text of texts) {
      const { bytes, format } = await draw(original, text, { accept: 'image/webp,*/*' });
      const size = [right[0]?.width ?? 0, right[0]?.height ?? 0].map((side) => (text.includes('w_') ? side / 2 : side));
      const played = (await eyes.play(new Map([[text, bytes]]), places)).get(text) ?? [];
      const told = format === 'gif' ? await readByGifsicle(bytes) : await readByWebpmux(bytes);
      const say = (fault: string) => wrong.push(`${text} (${format}): ${fault}`);
      if (played.length !== right.length) say(`${played.length} frames in Chromium, not ${right.length}`);
      if (told.delays.length !== right.length)
        say(`${told.delays.length} frames in ${format}'s own tool, not ${right.length}`);
      if (`${told.width},${told.height}` !== size.join())
        say(`${told.width} × ${told.height} in ${format}'s own tool, not ${size}`);
      for (const [index, frame] of right.entries()) {
        const seen = played[index];
        if (seen === undefined) continue;
        if (`${seen.width},${seen.height}` !== size.join()) say(`frame ${index} is ${seen.width} × ${seen.height}`);
        if (!isNear(seen.delayMs, frame.delayMs)) say(`frame ${index} takes ${seen.delayMs} ms, not ${frame.delayMs}`);
        if (!isNear(told.delays[index] ?? 0, frame.delayMs))
          say(`frame ${index} is told to take ${told.delays[index]} ms, not ${frame.delayMs}`);
        if (off(frame, seen, format) > 24)
          say(`frame ${index} shows ${seen.points.join(' ')}, not ${frame.points.join(' ')}`);
      }
    }
    expectNone(wrong);
  });

  it.each(Object.entries(originals))('%s is its first frame where one picture is asked for', async (_, make) => {
    const original = await make();
    const right = (await eyes.play(new Map([['original', original]]), places)).get('original')?.[0];
    if (right === undefined) throw new Error('Chromium shows nothing.');
    const files = new Map<string, Uint8Array>();
    // A PNG that moves stays one where nothing but its format is asked for.
    for (const text of [
      'pg_1,f_png',
      'f_jpg,q_100',
      'f_avif,q_100',
      'c_scale,w_0.5,f_png',
      'f_jpg,c_scale,w_0.5,q_100',
    ])
      files.set(text, (await draw(original, text)).bytes);
    const [shown, read] = [await eyes.look(files, places), await readByMagick(files, places)];
    const wrong = [...files.keys()].flatMap((text) =>
      [shown, read].flatMap((reader) => {
        const seen = reader.get(text);
        // What is clear in an AVIF has no alpha for Debian's ImageMagick.
        if (seen === undefined || (reader === read && text.includes('avif'))) return [];
        const far = off({ ...right, delayMs: 0 }, { ...seen, delayMs: 0 }, '');
        return far <= 24 ? [] : [`${text}: ${seen.points.join(' ')}, not ${right.points.join(' ')}`];
      }),
    );
    expectNone(wrong);
  });

  it.each(Object.entries(originals).filter(([kind]) => kind.startsWith('an APNG')))('%s stays it', async (_, make) => {
    const original = await make();
    const { bytes } = await draw(original, 'f_png');
    const films = await eyes.play(
      new Map([
        ['original', original],
        ['sent', Buffer.from(bytes)],
      ]),
      places,
    );
    expect(films.get('sent')?.length).toBeGreaterThan(1);
    expect(films.get('sent')).toEqual(films.get('original'));
  });

  it('runs as often as the original says', async () => {
    const runs: [string, number][] = [
      ['a GIF that runs three times', 3],
      ['an APNG that runs twice', 2],
      ['a WebP that runs twice', 2],
      ['a GIF of frames that stay', 0],
    ];
    for (const [kind, times] of runs) {
      const original = (await originals[kind]?.()) ?? Buffer.alloc(0);
      const webp = await readByWebpmux((await draw(original, 'f_webp')).bytes);
      const asGif = await readByGifsicle((await draw(original, 'f_gif')).bytes);
      // GIF counts repetitions: gifsicle tells what stands there.
      expect([kind, webp.runs, asGif.runs]).toEqual([kind, times, times === 0 ? 0 : times - 1]);
    }
  });
});
