import sharp, { type Sharp } from 'sharp';

/** A picture that is made cold again and again, each time in another width, so that nothing is ever found. */
export interface Job {
  readonly name: string;
  readonly photograph: string;
  readonly pictures: number;
  readonly width: number;
  readonly url: (width: number) => string;
  readonly bare: (original: Uint8Array, width: number) => Sharp;
  /** As IPX writes it; undefined where it is not asked. */
  readonly ipx?: (width: number) => string;
}

/** Upright, as all of them draw it. */
const still = (original: Uint8Array) => sharp(original).autoOrient();
const moving = (original: Uint8Array) => sharp(original, { animated: true });

export const jobs: readonly Job[] = [
  {
    name: '128×128 JPEG q80',
    photograph: 'p8.jpg',
    pictures: 40,
    width: 100,
    url: (width) => `w_${width},h_${width},q_80`,
    bare: (original, width) => still(original).resize(width, width).jpeg({ quality: 80 }),
    ipx: (width) => `s_${width}x${width},q_80,f_jpeg`,
  },
  {
    name: '640w WebP q80',
    photograph: 'p24.jpg',
    pictures: 16,
    width: 630,
    url: (width) => `c_scale,w_${width},f_webp,q_80`,
    bare: (original, width) => still(original).resize(width).webp({ quality: 80, effort: 4 }),
    ipx: (width) => `w_${width},q_80,f_webp`,
  },
  {
    name: '400×400 PNG',
    photograph: 'p8.png',
    pictures: 12,
    width: 392,
    url: (width) => `w_${width},h_${width},f_png`,
    bare: (original, width) => still(original).resize(width, width).png({ compressionLevel: 6 }),
    ipx: (width) => `s_${width}x${width},f_png`,
  },
  {
    name: '640w AVIF q50',
    photograph: 'p8.jpg',
    pictures: 8,
    width: 634,
    url: (width) => `c_scale,w_${width},f_avif,q_50`,
    bare: (original, width) =>
      still(original).resize(width).avif({ quality: 50, effort: 3, chromaSubsampling: '4:2:0' }),
  },
  {
    name: '240w WebP, 24 frames; sharp’s defaults',
    photograph: 'anim.gif',
    pictures: 6,
    width: 240,
    url: (width) => `c_scale,w_${width},f_webp`,
    bare: (original, width) => moving(original).resize(width).webp(),
  },
  {
    name: '240w GIF, 24 frames; sharp’s defaults',
    photograph: 'anim.gif',
    pictures: 2,
    width: 240,
    url: (width) => `c_scale,w_${width},f_gif`,
    bare: (original, width) => moving(original).resize(width).gif(),
  },
];
