import type { Sharp } from 'sharp';
import { animate, blue, from, noise, red } from '../pictures.ts';
import { seededRandom } from '../s3-fault-server.ts';
import type { HostileFile } from './hostile-file.ts';

const sound: readonly (readonly [string, () => Sharp])[] = [
  ['jpeg', () => from(noise(120, 90)).jpeg()],
  ['progressive', () => from(noise(120, 90)).jpeg({ progressive: true })],
  ['png', () => from(noise(120, 90)).png()],
  ['interlaced', () => from(noise(120, 90)).png({ progressive: true })],
  ['webp', () => from(noise(120, 90)).webp()],
  ['lossless', () => from(noise(120, 90)).webp({ lossless: true })],
  ['gif', () => from(noise(120, 90)).gif({ effort: 1 })],
  ['animation', () => animate(60, 40, [red, blue, red]).gif()],
  ['avif', () => from(noise(120, 90)).avif({ effort: 0 })],
  ['tiff', () => from(noise(120, 90)).tiff({ compression: 'lzw' })],
];

/** Where files are cut off, in hundredths. */
const cuts = [1, 5, 10, 25, 50, 75, 90, 99];

/** Sound files cut off: in the header, in the middle, just before the end. */
export const truncated: readonly HostileFile[] = sound.flatMap(([kind, make]) =>
  cuts.map((cut) => ({
    name: `truncated/${kind}-at-${cut}`,
    fate: cut <= 75 && kind !== 'animation' ? ('refused' as const) : ('either' as const),
    make: async () => {
      const bytes = await make().toBuffer();
      return bytes.subarray(0, Math.floor((bytes.length * cut) / 100));
    },
  })),
);

/** Sound files with `flips` bits turned over, wherever chance wants them. */
export function bitFlipped(copies: number, flips = 3): readonly HostileFile[] {
  return sound.flatMap(([kind, make], row) =>
    Array.from({ length: copies }, (_, copy) => ({
      name: `bitflip/${kind}-${copy}`,
      fate: 'either' as const,
      make: async () => {
        const bytes = Buffer.from(await make().toBuffer());
        const random = seededRandom(row * 1_000 + copy);
        for (let flip = 0; flip < flips; flip += 1) {
          const at = Math.floor(random() * bytes.length);
          bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
        }
        return bytes;
      },
    })),
  );
}
