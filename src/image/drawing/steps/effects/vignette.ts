import { type Picture, pictureOf, rasterOf } from '../../picture/picture.ts';

/** Shares of the way from the middle to a corner: up to the first nothing is darkened, at the second most. */
const [beginsAt, endsAt] = [0.35, 1];

/** 0–100: how dark the corners become; 100 makes them black. */
export async function vignette(picture: Picture, amount: number): Promise<Picture> {
  const raster = await rasterOf(picture);
  const { data, channels, frames, size } = raster;
  const { width, height } = size;
  const colours = channels >= 3 ? 3 : 1;
  for (let row = 0; row < height * frames; row += 1) {
    const down = ((row % height) + 0.5) / (height / 2) - 1;
    for (let x = 0; x < width; x += 1) {
      const across = (x + 0.5) / (width / 2) - 1;
      const light = 1 - (amount / 100) * falloff(Math.sqrt((across * across + down * down) / 2));
      const at = (row * width + x) * channels;
      for (let channel = at; channel < at + colours; channel += 1) {
        data[channel] = Math.round((data[channel] ?? 0) * light);
      }
    }
  }
  return pictureOf(raster);
}

/** 0 to 1, without an edge at either end. */
function falloff(distance: number): number {
  const way = Math.min(1, Math.max(0, (distance - beginsAt) / (endsAt - beginsAt)));
  return way * way * (3 - 2 * way);
}
