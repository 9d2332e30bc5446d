import { avifs } from './avif.ts';
import { bitFlipped, truncated } from './damaged.ts';
import { gifs } from './gif.ts';
import type { HostileFile } from './hostile-file.ts';
import { jpegs } from './jpeg.ts';
import { pngs } from './png.ts';
import { svgs } from './svg.ts';
import { tiffs } from './tiff.ts';
import { webps } from './webp.ts';
import { wrongKinds } from './wrong-kind.ts';

export type { Fate, HostileFile } from './hostile-file.ts';

/** Every file there is, with `copies` bit-flipped ones of each format. */
export function hostileFiles(copies: number): readonly HostileFile[] {
  return [
    ...jpegs,
    ...pngs,
    ...webps,
    ...gifs,
    ...avifs,
    ...tiffs,
    ...svgs,
    ...wrongKinds,
    ...truncated,
    ...bitFlipped(copies),
  ];
}
