import { Failure } from '../../failure.ts';

/** True for a HEIF file whose pictures are coded as AV1. */
export function isAvif(bytes: Buffer): boolean {
  return brandsOf(bytes).some((brand) => brand === 'avif' || brand === 'avis');
}

/** True for a HEIF file whose pictures are coded as HEVC (HEIF, annex B): the still ones, and sequences beside a still one. */
export function isHeic(bytes: Buffer): boolean {
  return !isAvif(bytes) && brandsOf(bytes).some((brand) => /^hei[cxms]$/.test(brand));
}

/** What a file of ISO's base media format says that it is, the first first. */
function brandsOf(bytes: Buffer): readonly string[] {
  const end = Math.min(bytes.readUInt32BE(0), 256);
  const brands: string[] = [];
  for (let at = 8; at + 4 <= end && at + 4 <= bytes.length; at += 4) {
    // Bytes 12 to 15 are a version, not a brand.
    if (at !== 12) brands.push(bytes.toString('latin1', at, at + 4));
  }
  return brands;
}

/** Other files of that format, by brands that they have; those that tell more come first. */
const otherFiles: readonly (readonly [name: string, brands: RegExp])[] = [
  ['HEIC sequence without a still picture', /^hev[cxms]$/],
  ['HEIF picture coded as JPEG', /^jp(eg|gs)$/],
  ['HEIF picture coded as JPEG 2000', /^j2(ki|is)$/],
  ['HEIF picture coded as H.264', /^avc[is]$/],
  ['raw picture of a camera (CR3)', /^crx $/],
  ['HEIF picture', /^(mif[12]|msf1|miaf)$/],
];

export function notRead(bytes: Buffer): Failure {
  const brands = brandsOf(bytes);
  const name = otherFiles.find(([, those]) => brands.some((brand) => those.test(brand)))?.[0] ?? 'film';
  return new Failure('unsupported', `A ${name} is not read: of its family only AVIF and HEIC are.`);
}
