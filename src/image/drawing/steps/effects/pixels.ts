import { type Picture, pictureOf, rasterOf } from '../../picture/picture.ts';
import { coloured, type Raster } from '../../picture/raster.ts';

/** What each of the 256 values of a channel becomes. */
export type Table = Uint8ClampedArray;

/** Changes one pixel: `pixels[at]`, `[at + 1]` and `[at + 2]` are red, green and blue; what is written is rounded and clamped. */
export type Recolour = (pixels: Uint8ClampedArray, at: number) => void;

export function tableOf(change: (value: number) => number): Table {
  return Uint8ClampedArray.from({ length: 256 }, (_, value) => change(value));
}

/** Brightness as the eye weighs the channels (Rec. 709). */
export function luma(red: number, green: number, blue: number): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Looks up every value of every colour channel; what is grey stays so where all three tables are one. */
export async function mapChannels(picture: Picture, tables: readonly [Table, Table, Table]): Promise<Picture> {
  const raster = await rasterOf(picture);
  const isUniform = tables[0] === tables[1] && tables[1] === tables[2];
  return pictureOf(lookUp(isUniform ? raster : coloured(raster), tables));
}

function lookUp(raster: Raster, tables: readonly [Table, Table, Table]): Raster {
  const { data, channels } = raster;
  const colours = channels >= 3 ? 3 : 1;
  for (const [channel, table] of tables.slice(0, colours).entries()) {
    for (let at = channel; at < data.length; at += channels) data[at] = table[data[at] ?? 0] ?? 0;
  }
  return raster;
}

/** Looks up the values of the transparency, if there is any. */
export async function mapAlpha(picture: Picture, table: Table): Promise<Picture> {
  if (!picture.hasAlpha) return picture;
  const raster = await rasterOf(picture);
  const { data, channels } = raster;
  if (channels === 1 || channels === 3) return pictureOf(raster);
  for (let at = channels - 1; at < data.length; at += channels) data[at] = table[data[at] ?? 0] ?? 0;
  return pictureOf(raster);
}

/** Changes every pixel by its own colour; grey pictures get colour channels first. */
export async function mapColours(picture: Picture, recolour: Recolour): Promise<Picture> {
  return recolouredBy(coloured(await rasterOf(picture)), recolour);
}

/** The same for a raster that has colour channels. */
export function recolouredBy(raster: Raster, recolour: Recolour): Picture {
  const pixels = new Uint8ClampedArray(raster.data.buffer, raster.data.byteOffset, raster.data.length);
  for (let at = 0; at < pixels.length; at += raster.channels) recolour(pixels, at);
  return pictureOf(raster);
}

/** A matrix of three rows: shares of red, green and blue, and what is added. */
export type ColourMatrix = readonly (readonly [number, number, number, number])[];

/** Multiplies every colour by a matrix. */
export function mixColours(picture: Picture, matrix: ColourMatrix): Promise<Picture> {
  const [[rr, rg, rb, r0] = [1, 0, 0, 0], [gr, gg, gb, g0] = [0, 1, 0, 0], [br, bg, bb, b0] = [0, 0, 1, 0]] = matrix;
  return mapColours(picture, (pixels, at) => {
    const red = pixels[at] ?? 0;
    const green = pixels[at + 1] ?? 0;
    const blue = pixels[at + 2] ?? 0;
    pixels[at] = rr * red + rg * green + rb * blue + r0;
    pixels[at + 1] = gr * red + gg * green + gb * blue + g0;
    pixels[at + 2] = br * red + bg * green + bb * blue + b0;
  });
}

/** Red, green and blue of a colour written `rrggbb` or `rrggbbaa`. */
export function channelsOf(colour: string): readonly [number, number, number] {
  const part = (at: number) => Number.parseInt(colour.slice(at, at + 2), 16);
  return [part(0), part(2), part(4)];
}
