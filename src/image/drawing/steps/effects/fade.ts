import type { Fade } from '../../../../grammar/index.ts';
import { type Picture, pictureOf, rasterOf } from '../../picture/picture.ts';
import { withAlpha } from '../../picture/raster.ts';

/** The strength at which it fades evenly: less leaves more, more leaves less. */
const evenStrength = 20;

/** 0–100: lets the picture become clear towards its edges, as far as each fade reaches. */
export async function gradientFade(picture: Picture, amount: number, fades: readonly Fade[]): Promise<Picture> {
  const raster = withAlpha(await rasterOf(picture));
  const { data, size, frames } = raster;
  const across = sharesAlong(
    size.width,
    fades.filter(({ axis }) => axis === 'x'),
    amount,
  );
  const down = sharesAlong(
    size.height,
    fades.filter(({ axis }) => axis === 'y'),
    amount,
  );
  for (let row = 0; row < size.height * frames; row += 1) {
    const share = down[row % size.height] ?? 1;
    for (let x = 0; x < size.width; x += 1) {
      const at = (row * size.width + x) * 4 + 3;
      data[at] = Math.round((data[at] ?? 0) * share * (across[x] ?? 1));
    }
  }
  return pictureOf(raster);
}

/** What is left of each row or column. */
function sharesAlong(length: number, fades: readonly Fade[], amount: number): Float64Array {
  const exponent = amount / evenStrength;
  return Float64Array.from({ length }, (_, place) =>
    fades.reduce((share, { from, reach }) => {
      const way = (from === 'start' ? place + 0.5 : length - place - 0.5) / reach;
      return way >= 1 ? share : share * way ** exponent;
    }, 1),
  );
}
