import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { isFailure } from '../../src/failure.ts';
import { inspect } from '../../src/image/index.ts';
import { type ApngPlainFrame, type GifPlainFrame, writeApng, writeGif, writeWebp } from '../support/animations.ts';
import { animate, decode, noise, type Pixel, pngChunk, pngWithChunks } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const red: Pixel = [255, 0, 0];
const green: Pixel = [0, 255, 0];
const blue: Pixel = [0, 0, 255];
const nothing = 'nothing';
type Seen = Pixel | typeof nothing;

/** Of a canvas of 40 × 30: a corner, inside the second frame, inside the third, and the other corner. */
const places = [
  [1, 1],
  [12, 12],
  [25, 25],
  [38, 28],
] as const;

function frame(left: number, top: number, width: number, height: number, colour: Pixel) {
  return { left, top, width, height, colour };
}

const whole = frame(0, 0, 40, 30, red);
const second = frame(10, 10, 10, 10, green);
const third = frame(20, 20, 10, 10, blue);

/** The pixels of a frame, drawn as PNG, at those places. */
async function seenIn(original: Buffer, page: number): Promise<Seen[]> {
  const picture = await decode((await draw(original, `pg_${page}/f_png`)).bytes);
  return places.map(([x, y]) => {
    const [first = 0, next = 0, last = 0, alpha = 255] = picture.at(x, y);
    return alpha === 0 ? nothing : alpha === 255 ? [first, next, last] : [first, next, last, alpha];
  });
}

/** Size, delays and runs of an animation. */
async function running(bytes: Uint8Array) {
  const { width, height, pageHeight, pages = 1, delay, loop } = await sharp(bytes, { animated: true }).metadata();
  return { size: [width, pageHeight ?? height], frames: pages, delay, loop };
}

type Case = readonly [string, Buffer, readonly (readonly Seen[])[]];

/** What headless Chromium shows of the same files. */
function gif(name: string, frames: readonly GifPlainFrame[], seen: readonly (readonly Seen[])[], background = 2): Case {
  return [name, writeGif({ screen: [40, 30], frames, background }), seen];
}

const all: readonly Seen[] = [red, red, red, red];
const none: readonly Seen[] = [nothing, nothing, nothing, nothing];
const onlySecond: readonly Seen[] = [nothing, green, nothing, nothing];
const withSecond: readonly Seen[] = [red, green, red, red];

describe('a GIF shows nothing where nothing is drawn:', () => {
  const clear = { isTransparent: true };
  const cases: readonly Case[] = [
    gif('where no frame covers', [second, third], [onlySecond, [nothing, green, blue, nothing]]),
    gif('after a frame that is cleared', [{ ...whole, disposal: 2 }, second], [all, onlySecond]),
    gif(
      'after a frame that is cleared, in front of one that is undone',
      [{ ...whole, disposal: 2 }, { ...second, disposal: 3 }, third],
      [all, onlySecond, [nothing, nothing, blue, nothing]],
    ),
    gif(
      'after a part that is cleared',
      [whole, { ...second, disposal: 2 }, third],
      [all, withSecond, [red, nothing, blue, red]],
    ),
    gif('after a first frame that is undone', [{ ...whole, disposal: 3 }, second], [all, onlySecond]),
    gif(
      'after a frame that is cleared and says nothing of transparency, though others do',
      [
        { ...whole, disposal: 2 },
        { ...second, ...clear },
      ],
      [all, onlySecond],
    ),
    gif(
      'after such a part',
      [
        { ...whole, ...clear },
        { ...second, disposal: 2 },
        { ...third, ...clear },
      ],
      [all, withSecond, [red, nothing, blue, red]],
    ),
    gif(
      'with tables of frames only',
      [
        { ...second, hasOwnTable: true },
        { ...third, hasOwnTable: true },
      ],
      [onlySecond, [nothing, green, blue, nothing]],
    ),
    gif(
      'with interlaced frames',
      [{ ...second, isInterlaced: true }, third],
      [onlySecond, [nothing, green, blue, nothing]],
    ),
    gif(
      'beside frames that reach out of the screen',
      [second, frame(30, 20, 40, 40, blue)],
      [onlySecond, [nothing, green, nothing, blue]],
    ),
    gif('beside frames that lie outside', [second, frame(90, 90, 10, 10, blue)], [onlySecond, onlySecond]),
    gif('where a frame has no size', [frame(10, 10, 0, 0, red), second], [none, onlySecond]),
  ];

  it.each(cases)('%s', async (_, original, seen) => {
    for (const [index, expected] of seen.entries())
      expect([index, await seenIn(original, index + 1)]).toEqual([index, expected]);
    expect((await inspect(original)).hasAlpha).toBe(true);
  });

  it('in WebP and GIF as in PNG, and white in JPEG', async () => {
    const original = writeGif({ screen: [40, 30], frames: [second, third], repeats: 0 });
    for (const format of ['webp', 'gif']) {
      const { bytes } = await draw(original, `f_${format}`);
      expect(await running(bytes)).toEqual({ size: [40, 30], frames: 2, delay: [100, 100], loop: 0 });
      expect((await decode(bytes)).at(1, 31)[3]).toBe(0);
    }
    const { bytes } = await draw(original, 'f_jpg,q_100');
    expect(Math.min(...(await decode(bytes)).at(1, 1))).toBeGreaterThan(250);
  });
});

describe('a GIF is left to the decoder, which is faster, where both lay frames alike:', () => {
  const covers = { ...whole, colour: green };
  it.each([
    ['frames that stay on one that covers all', [whole, second, third], false],
    [
      'frames that are cleared, where the next one covers all',
      [
        { ...whole, disposal: 2 },
        { ...covers, disposal: 2 },
      ],
      false,
    ],
    [
      'frames that are cleared and transparent',
      [
        { ...second, disposal: 2, isTransparent: true },
        { ...third, isTransparent: true },
      ],
      true,
    ],
    ['frames that are undone on one that stays', [whole, { ...second, disposal: 3 }, third], false],
    ['a still', [whole], false],
  ])('%s', async (_, frames, hasAlpha) => {
    expect(await inspect(writeGif({ screen: [40, 30], frames }))).toMatchObject({ isLaidHere: false, hasAlpha });
  });
});

describe('a GIF has the size of its screen', () => {
  const screens = [
    [640, 480],
    [640, 512],
    [800, 600],
    [1024, 768],
    [1280, 1024],
    [1600, 1200],
    [2049, 30],
    [40, 3000],
  ] as const;

  it.each(screens)('of %i × %i, which decoders doubt', async (width, height) => {
    const [left, top] = [Math.min(100, width - 10), height - 20];
    const original = writeGif({
      screen: [width, height],
      frames: [second, frame(left, top, 10, 10, blue)],
      repeats: 3,
    });
    expect(await inspect(original)).toMatchObject({ size: { width, height }, frames: 2 });
    const { bytes } = await draw(original, 'f_gif');
    expect(await running(bytes)).toEqual({ size: [width, height], frames: 2, delay: [100, 100], loop: 4 });
    const picture = await decode(bytes);
    expect(picture.at(12, 12).slice(0, 3)).toEqual(green);
    expect(picture.at(left + 5, height + top + 5).slice(0, 3)).toEqual(blue);
    expect(picture.at(left + 5, top + 5)[3]).toBe(0);
  });

  it('and of its first frame where that is larger, but of no other', async () => {
    const larger = writeGif({ screen: [20, 15], frames: [whole, frame(0, 0, 90, 90, green)] });
    expect(await draw(larger, 'f_png')).toMatchObject({ width: 40, height: 30 });
    expect(await seenIn(larger, 2)).toEqual([green, green, green, green]);
  });

  it('and of its first frame where a side is missing', async () => {
    expect(await draw(writeGif({ screen: [0, 50], frames: [whole, second] }), 'f_png')).toMatchObject({
      width: 40,
      height: 50,
    });
    expect(await draw(writeGif({ screen: [0, 0], frames: [second, third] }), 'f_png')).toMatchObject({
      width: 20,
      height: 20,
    });
  });

  it('or is refused when that is too large', async () => {
    const original = writeGif({ screen: [60_000, 60_000], frames: [whole] });
    await expect(draw(original, 'w_10/f_png')).rejects.toMatchObject({ kind: 'too_large' });
    const far = writeGif({ screen: [40, 30], frames: [second, frame(0, 0, 4, 4, red)] });
    // The last frame says that it is enormous.
    far.writeUInt16LE(60_000, far.lastIndexOf(Buffer.from([0x2c, 0, 0, 0, 0, 4, 0, 4, 0])) + 5);
    far.writeUInt16LE(60_000, far.lastIndexOf(Buffer.from([0x2c, 0, 0, 0, 0])) + 7);
    await expect(draw(far, 'f_webp')).rejects.toMatchObject({ kind: 'too_large' });
  });
});

describe('the timing of a GIF whose frames are laid here', () => {
  const timed = (delays: readonly number[], repeats?: number) => {
    const [one = 0, two = 0] = delays;
    const frames = [
      { ...second, delay: one },
      { ...third, delay: two },
    ];
    return writeGif({ screen: [40, 30], frames, ...(repeats === undefined ? {} : { repeats }) });
  };

  it.each([
    ['delays', timed([7, 120], 0), { delay: [70, 1200], loop: 0 }],
    ['delays of nothing', timed([0, 0], 0), { delay: [0, 0], loop: 0 }],
    ['one run', timed([10, 10]), { delay: [100, 100], loop: 1 }],
    ['six runs', timed([10, 10], 5), { delay: [100, 100], loop: 6 }],
    ['more than can be written', timed([65_535, 10], 65_535), { delay: [65_540, 100], loop: 65_535 }],
  ])('is kept: %s', async (_, original, expected) => {
    expect(await running((await draw(original, 'f_gif')).bytes)).toMatchObject(expected);
  });

  it('is bounded in other GIFs too', async () => {
    const frames = [
      { ...whole, delay: 65_535 },
      { ...second, delay: 65_535 },
    ];
    const { bytes } = await draw(writeGif({ screen: [40, 30], frames, repeats: 65_535 }), 'f_webp');
    expect(await running(bytes)).toMatchObject({ delay: [65_535, 65_535], loop: 65_535 });
  });
});

describe('a GIF that is odd or cut', () => {
  it('anywhere is a picture or a refusal, and never a fault of ours', async () => {
    const whole = await animate(60, 40, [
      [255, 0, 0],
      [0, 0, 255],
      [255, 0, 0],
    ])
      .gif()
      .toBuffer();
    for (let end = 20; end < whole.length; end += 1) {
      const kind = await draw(whole.subarray(0, end), 'f_webp').then(
        () => 'drawn',
        (error: unknown) => (isFailure(error) ? error.kind : String(error)),
      );
      expect([end, kind]).toEqual([end, expect.stringMatching(/^(drawn|corrupt|unsupported)$/)]);
    }
  });

  const grainy = async () =>
    sharp(noise(60, 80).data, { raw: { width: 60, height: 80, channels: 3, pageHeight: 40 }, animated: true })
      .gif({ effort: 1, delay: [50, 60] })
      .toBuffer();
  const sameFrames = async (original: Buffer, changed: Buffer) => {
    const [one, other] = [await draw(original, 'f_webp'), await draw(changed, 'f_webp')];
    expect(Buffer.from(other.bytes).equals(one.bytes)).toBe(true);
  };

  it.each([
    ['has no trailer', (file: Buffer) => file.subarray(0, -1)],
    ['does not close its last frame', (file: Buffer) => file.subarray(0, -2)],
    ['has rubbish behind it', (file: Buffer) => Buffer.concat([file, Buffer.from('!,;junk')])],
    [
      'has rubbish in place of its trailer',
      (file: Buffer) => Buffer.concat([file.subarray(0, -1), Buffer.from('junk')]),
    ],
    ['has zeros in place of its trailer', (file: Buffer) => Buffer.concat([file.subarray(0, -1), Buffer.alloc(20)])],
    [
      'is cut off in a comment',
      (file: Buffer) => Buffer.concat([file.subarray(0, -1), Buffer.from('!\xfe\x20ab', 'latin1')]),
    ],
  ])('is drawn when it %s', async (_, spoil) => {
    const original = await grainy();
    await sameFrames(original, spoil(original));
  });

  it('is drawn when it is a still whose frame is not closed', async () => {
    const still = await sharp(noise(60, 40).data, { raw: { width: 60, height: 40, channels: 3 } })
      .gif()
      .toBuffer();
    const [one, other] = [await draw(still, 'f_png'), await draw(still.subarray(0, -2), 'f_png')];
    expect(Buffer.from(other.bytes).equals(one.bytes)).toBe(true);
  });

  it.each([4, 20, 300])('is refused when it lost the last %i bytes, and with them pixels', async (lost) => {
    const original = await grainy();
    await expect(draw(original.subarray(0, -lost), 'f_webp')).rejects.toMatchObject({ kind: 'corrupt' });
    // What is whole can be had.
    expect(await draw(original.subarray(0, -lost), 'f_png')).toMatchObject({ frames: 1, width: 60 });
  });
});

describe('an animated PNG', () => {
  const size = [40, 30] as const;
  const apng = (frames: readonly ApngPlainFrame[], more: { still?: Pixel; plays?: number; declared?: number } = {}) =>
    writeApng({ size, frames, ...more });
  const half: Pixel = [0, 255, 0, 128];
  const gray: Pixel = [9, 9, 9];
  const cases: readonly Case[] = [
    ['of frames that stay', apng([whole, second, third]), [all, withSecond, [red, green, blue, red]]],
    [
      'of a frame that is cleared',
      apng([whole, { ...second, disposal: 2 }, third]),
      [all, withSecond, [red, nothing, blue, red]],
    ],
    [
      'of a frame that is undone',
      apng([whole, { ...second, disposal: 3 }, third]),
      [all, withSecond, [red, red, blue, red]],
    ],
    ['of a first frame that is undone', apng([{ ...whole, disposal: 3 }, second]), [all, onlySecond]],
    [
      'of frames half clear, over and in place of others',
      apng([whole, { ...second, colour: half, isOver: true }, { ...third, colour: half }]),
      [all, [red, [127, 128, 0], red, red], [red, [127, 128, 0], half, red]],
    ],
    [
      'of frames half clear over such',
      apng([
        { ...whole, colour: [255, 0, 0, 128] },
        { ...second, colour: [0, 255, 0, 100], isOver: true },
      ]),
      [
        Array.from({ length: 4 }, () => [255, 0, 0, 128]),
        [
          [255, 0, 0, 128],
          [112, 143, 0, 178],
          [255, 0, 0, 128],
          [255, 0, 0, 128],
        ],
      ],
    ],
    [
      'of clear frames over and in place of others',
      apng([whole, { ...second, colour: [0, 0, 0, 0], isOver: true }, { ...third, colour: [0, 0, 0, 0] }]),
      [all, all, [red, red, nothing, red]],
    ],
    [
      'whose still picture is none of its frames',
      apng([second, third], { still: gray }),
      [onlySecond, [nothing, green, blue, nothing]],
    ],
    ['that says it has more frames', apng([whole, second], { declared: 5 }), [all, withSecond]],
  ];

  it.each(cases)('%s is drawn as browsers show it', async (_, original, seen) => {
    expect(await inspect(original)).toMatchObject({ frames: seen.length, size: { width: 40, height: 30 } });
    for (const [index, expected] of seen.entries())
      expect([index, await seenIn(original, index + 1)]).toEqual([index, expected]);
  });

  it.each(['webp', 'gif', 'auto'])('keeps its frames, delays and runs as %s', async (format) => {
    const frames = [
      { ...whole, delay: [1, 4] },
      { ...second, delay: [15, 0] },
      { ...third, delay: [40, 100] },
    ] as const;
    const rendered = await draw(apng(frames, { plays: 3 }), `c_scale,w_20/f_${format}`, {
      accept: 'image/avif,image/webp',
    });
    expect(rendered).toMatchObject({ width: 20, height: 15, frames: 3 });
    expect(await running(rendered.bytes)).toEqual({ size: [20, 15], frames: 3, delay: [250, 150, 400], loop: 3 });
  });

  it('is told by fl_getinfo, and kept by fl_animated or refused by it', async () => {
    const original = apng([whole, second, third]);
    const { bytes } = await draw(original, 'w_20/f_webp,fl_getinfo');
    expect(JSON.parse(Buffer.from(bytes).toString())).toMatchObject({ input: { frames: 3 }, output: { frames: 3 } });
    expect(await draw(original, 'w_20/fl_animated,f_webp')).toMatchObject({ frames: 3 });
    for (const format of ['jpg', 'avif', 'png']) {
      await expect(draw(original, `w_20/fl_animated,f_${format}`)).rejects.toMatchObject({ kind: 'invalid' });
    }
  });

  it('is its first frame in formats of one picture, and as a layer', async () => {
    const original = apng([second, third], { still: gray });
    const { bytes, frames } = await draw(original, 'f_jpg,q_100');
    expect(frames).toBe(1);
    const picture = await decode(bytes);
    expect(Math.min(...picture.at(1, 1))).toBeGreaterThan(250);
    const base = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#123456' } })
      .png()
      .toBuffer();
    const layered = await draw(base, 'l_moving/fl_layer_apply/f_png', { layers: new Map([['moving', original]]) });
    expect((await decode(layered.bytes)).at(12, 12).slice(0, 3)).toEqual(green);
    expect((await decode(layered.bytes)).at(1, 1).slice(0, 3)).toEqual([0x12, 0x34, 0x56]);
  });

  it('of palettes, sixteen bits or interlaced lines is read by the decoder frame by frame', async () => {
    for (const options of [{ palette: true }, { progressive: true }, {}]) {
      const [one, two] = await Promise.all(
        [red, blue].map((colour) => {
          const plain = animate(40, 30, [colour]);
          return ('palette' in options ? plain : plain.toColourspace('rgb16')).png(options).toBuffer();
        }),
      );
      if (one === undefined || two === undefined) throw new Error('There are two.');
      const original = joined(one, two);
      expect(await inspect(original)).toMatchObject({ frames: 2, isLaidHere: true });
      expect(await seenIn(original, 2)).toEqual('palette' in options ? all : [blue, blue, blue, blue]);
    }
  });

  it.each([
    ['a wrong checksum over the pixels of a frame', (file: Buffer) => flipped(file, file.lastIndexOf('fdAT') + 12)],
    ['pixels of a frame that do not unpack', (file: Buffer) => withLastFrame(file, Buffer.alloc(20))],
    ['a wrong checksum over what describes a frame', (file: Buffer) => flipped(file, file.lastIndexOf('fcTL') + 25)],
    ['its end cut off in a frame', (file: Buffer) => file.subarray(0, -20)],
    ['its end cut off between two frames', (file: Buffer) => file.subarray(0, file.lastIndexOf('fcTL') - 4)],
  ])('with %s is refused as damaged, and its first frame drawn', async (_, spoil) => {
    const damaged = spoil(apng([whole, second, third]));
    await expect(draw(damaged, 'f_webp')).rejects.toMatchObject({ name: 'Failure', kind: 'corrupt' });
    expect(await seenIn(damaged, 1)).toEqual(all);
  });

  it('without an end is drawn', async () => {
    expect(await draw(apng([whole, second, third]).subarray(0, -12), 'f_webp')).toMatchObject({ frames: 3 });
  });

  it('of very many frames is counted and refused, and holds up nothing else', async () => {
    const dot = { ...frame(0, 0, 1, 1, red), disposal: 1 };
    const many = writeApng({ size: [1, 1], frames: Array.from({ length: 10_001 }, () => dot) });
    await expect(inspect(many)).rejects.toMatchObject({
      kind: 'too_large',
      message: expect.stringContaining('too many frames: at most 10000'),
    });
    await expect(draw(many, 'f_webp')).rejects.toMatchObject({ kind: 'too_large' });
    const hollow = pngWithChunks(
      many,
      Array.from({ length: 100_001 }, () => pngChunk('fcTL', Buffer.alloc(26))),
    );
    await expect(inspect(hollow)).rejects.toMatchObject({ kind: 'too_large' });
  });

  it('of one frame, or with a description that breaks the rules, is the still that browsers show', async () => {
    expect(await inspect(apng([whole]))).toMatchObject({ frames: 1, isLaidHere: false });
    expect(await inspect(apng([whole, second], { declared: 0 }))).toMatchObject({ frames: 1, isLaidHere: false });
    expect(await inspect(apng([whole, second, third], { declared: 2 }))).toMatchObject({ frames: 2 });
    expect(await inspect(apng([whole, second, frame(35, 25, 10, 10, blue)]))).toMatchObject({ frames: 2 });
  });
});

/** Two pictures with the same head as an animation: the second one's pixels behind the first one's. */
function joined(one: Buffer, two: Buffer): Buffer {
  const control = (sequence: number) => {
    const payload = Buffer.alloc(26);
    for (const [at, value] of [sequence, one.readUInt32BE(16), one.readUInt32BE(20)].entries()) {
      payload.writeUInt32BE(value, at * 4);
    }
    payload.writeUInt16BE(1, 20);
    payload.writeUInt16BE(10, 22);
    return pngChunk('fcTL', payload);
  };
  const first = pngWithChunks(one, [pngChunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0])), control(0)]);
  let sequence = 1;
  const more: Buffer[] = [control(sequence)];
  for (let at = 8; at < two.length; at += 12 + two.readUInt32BE(at)) {
    if (two.toString('latin1', at + 4, at + 8) !== 'IDAT') continue;
    sequence += 1;
    const number = Buffer.alloc(4);
    number.writeUInt32BE(sequence);
    more.push(pngChunk('fdAT', Buffer.concat([number, two.subarray(at + 8, at + 8 + two.readUInt32BE(at))])));
  }
  return Buffer.concat([first.subarray(0, -12), ...more, first.subarray(-12)]);
}

function flipped(file: Buffer, at: number): Buffer {
  const changed = Buffer.from(file);
  changed.writeUInt8(file.readUInt8(at) ^ 1, at);
  return changed;
}

/** Other pixels in place of the last frame's, under a right checksum. */
function withLastFrame(file: Buffer, pixels: Buffer): Buffer {
  const at = file.lastIndexOf('fdAT') - 4;
  return Buffer.concat([
    file.subarray(0, at),
    pngChunk('fdAT', Buffer.concat([file.subarray(at + 8, at + 12), pixels])),
    file.subarray(-12),
  ]);
}

describe('where no frame covers, an animation is clear, and white in JPEG:', () => {
  const size = [40, 30] as const;
  const half = frame(10, 10, 20, 10, red);
  const other = frame(0, 0, 10, 10, green);
  const animations: Readonly<Record<string, () => Buffer | Promise<Buffer>>> = {
    'a GIF': () => writeGif({ screen: size, frames: [half, other] }),
    'an APNG': () => writeApng({ size, frames: [half, other], still: [9, 9, 9] }),
    'a WebP': () => writeWebp({ size, frames: [half, other] }),
    'a lossy WebP': () => writeWebp({ size, frames: [half, other], isLossy: true }),
    'a WebP that says that it has alpha': () => writeWebp({ size, frames: [half, other], saysAlpha: true }),
    'a WebP of frames whose alpha it conceals': () =>
      writeWebp({ size, frames: [{ ...frame(0, 0, 40, 30, [0, 0, 0, 0]) }, half] }),
  };
  const isCovered = (name: string) => !name.includes('conceals');

  it.each(Object.entries(animations))('%s', async (name, make) => {
    const original = await make();
    expect(await inspect(original)).toMatchObject({ frames: 2, hasAlpha: true });
    for (const format of ['jpg', 'png', 'avif', 'webp'] as const) {
      const { bytes } = await draw(original, format === 'webp' ? 'pg_1/f_webp' : `f_${format},q_95,fl_png32`);
      const { at } = await decode(bytes);
      const corner = at(1, 28);
      if (format === 'jpg') expect(Math.min(...corner), `${format}: ${corner}`).toBeGreaterThan(245);
      else expect(corner[3], `${format}: ${corner}`).toBe(0);
      if (isCovered(name)) expect(at(20, 15)[0], format).toBeGreaterThan(240);
    }
    const { at } = await decode((await draw(original, 'pg_1/c_scale,w_20/f_jpg,q_95')).bytes);
    expect(Math.min(...at(1, 13))).toBeGreaterThan(245);
  });

  it('a WebP whose last frame is cleared away, or that is covered by its first, has what it says', async () => {
    const all = frame(0, 0, 40, 30, blue);
    expect(await inspect(await writeWebp({ size, frames: [all, half] }))).toMatchObject({ hasAlpha: false });
    const cleared = await writeWebp({ size, frames: [all, { ...half, disposal: 2 }, other] });
    expect(await inspect(cleared)).toMatchObject({ hasAlpha: true });
    const { at } = await decode((await draw(cleared, 'pg_3/f_jpg,q_95')).bytes);
    expect(Math.min(...at(20, 15))).toBeGreaterThan(245);
  });
});
