import sharp from 'sharp';
import type { Ink } from './ink-profile.ts';
import { jpegSegment, paint } from './pictures.ts';

/** Pixels of a patch of ink, both ways. A picture of inks has them side by side. */
export const patchSide = 16;

/** How ink lies in a JPEG, always upside down: as Adobe's programs write it; so as luma and chroma; without Adobe's mark. */
export type InkCoding = 'cmyk' | 'ycck' | 'unmarked';

/** A JPEG of the best quality, every channel at full size. */
export async function inkJpeg(inks: readonly Ink[], coding: InkCoding, profile?: Buffer): Promise<Buffer> {
  const jpeg = await jpegOfSamples(inks.map(samplesIn[coding]));
  if (jpeg.toString('latin1', 6, 11) !== 'Adobe') throw new Error("Adobe's mark was expected in front.");
  // The last byte of the mark says what the samples are: 0 for inks, 2 for luma, chroma and black.
  const marked = Buffer.from(jpeg.subarray(2, 18));
  marked[15] = coding === 'ycck' ? 2 : 0;
  return Buffer.concat([
    jpeg.subarray(0, 2),
    ...(coding === 'unmarked' ? [] : [marked]),
    ...(profile === undefined ? [] : profileSegments(profile)),
    jpeg.subarray(18),
  ]);
}

const samplesIn: Readonly<Record<InkCoding, (ink: Ink) => readonly number[]>> = {
  cmyk: (ink) => ink.map((value) => 255 - value),
  // Browsers take it for that.
  unmarked: (ink) => ink.map((value) => 255 - value),
  // On its way to luma what lies upside down is turned once more: three inks are upright again.
  ycck: ([cyan = 0, magenta = 0, yellow = 0, black = 0]) =>
    [
      0.299 * cyan + 0.587 * magenta + 0.114 * yellow,
      128 - 0.168736 * cyan - 0.331264 * magenta + 0.5 * yellow,
      128 + 0.5 * cyan - 0.418688 * magenta - 0.081312 * yellow,
      255 - black,
    ].map((value) => Math.min(255, Math.round(value))),
};

async function jpegOfSamples(samples: readonly (readonly number[])[]): Promise<Buffer> {
  const [first, ...others] = [0, 1, 2, 3].map((channel) =>
    // sharp turns what it writes upside down.
    paint(samples.length * patchSide, patchSide, (x) => [255 - (samples[Math.floor(x / patchSide)]?.[channel] ?? 0)]),
  );
  if (first === undefined) throw new Error('Four channels have a first.');
  const raw = { width: first.width, height: first.height, channels: first.channels };
  return sharp(first.data, { raw })
    .joinChannel(
      others.map(({ data }) => data),
      { raw },
    )
    .toColourspace('cmyk')
    .jpeg({ quality: 100 })
    .toBuffer();
}

/** A segment holds less than 64 KiB, so a profile comes in numbered pieces (ICC.1:2010, B.4). */
function profileSegments(profile: Buffer): readonly Buffer[] {
  const pieceBytes = 65_000;
  const pieces = Math.ceil(profile.length / pieceBytes);
  return Array.from({ length: pieces }, (_, index) => {
    const piece = profile.subarray(index * pieceBytes, (index + 1) * pieceBytes);
    return jpegSegment(0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0'), Buffer.from([index + 1, pieces]), piece]));
  });
}

/** A TIFF without compression, 8 or 16 bits an ink: the very numbers. */
export function inkTiff(inks: readonly Ink[], bits: 8 | 16, profile?: Buffer): Buffer {
  const [width, height] = [inks.length * patchSide, patchSide];
  const { data } = paint(width, height, (x) => [...(inks[Math.floor(x / patchSide)] ?? [])]);
  const pixels = bits === 8 ? data : Buffer.from([...data].flatMap((value) => [value, value]));
  const depths = Buffer.from(Uint16Array.of(bits, bits, bits, bits).buffer);
  const [depthsAt, pixelsAt] = [8, 8 + depths.length];
  const profileAt = pixelsAt + pixels.length;
  const long = (tag: number, value: number) => entry(tag, 4, 1, value);
  const entries = [
    long(256, width),
    long(257, height),
    entry(258, 3, 4, depthsAt),
    long(259, 1),
    // Separated, in the order of CMYK unless told otherwise.
    long(262, 5),
    long(273, pixelsAt),
    long(277, 4),
    long(278, height),
    long(279, pixels.length),
    ...(profile === undefined ? [] : [entry(34_675, 7, profile.length, profileAt)]),
  ];
  const header = Buffer.from('II*\0\0\0\0\0', 'latin1');
  header.writeUInt32LE(profileAt + (profile?.length ?? 0), 4);
  const count = Buffer.from([entries.length, 0]);
  return Buffer.concat([header, depths, pixels, profile ?? Buffer.alloc(0), count, ...entries, Buffer.alloc(4)]);
}

function entry(tag: number, type: number, count: number, value: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16LE(tag, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.writeUInt32LE(count, 4);
  bytes.writeUInt32LE(value, 8);
  return bytes;
}
