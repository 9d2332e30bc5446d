import type { Facts } from '../../containers/facts.ts';

/** Profiles stand before the pixels, behind what else is said: EXIF and its preview, in one segment of a JPEG each. */
const lookedAt = 256 * 1024;

const names: Readonly<Partial<Record<Facts['format'], string>>> = { jpeg: 'ICC_PROFILE\0', png: 'iCCP', webp: 'ICCP' };

/** Whether a profile may be in a file: by its name alone, so that few are asked of their decoder, which costs up to 1 ms. */
export function mayHaveProfile(file: Buffer, format: Facts['format']): boolean {
  const name = names[format];
  return name === undefined || file.subarray(0, lookedAt).includes(name, 0, 'latin1');
}
