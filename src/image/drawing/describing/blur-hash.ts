const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~';

/** Waves across and down: as many as the format's authors recommend. */
const [across, down] = [4, 3];

/** Pixels of a small picture, four channels of 8 bits each. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

type Light = readonly [red: number, green: number, blue: number];

/** The BlurHash of a picture (github.com/woltapp/blurhash, Algorithm.md); what is clear counts as black. */
export function blurHashOf(pixels: Pixels): string {
  const factors: Light[] = [];
  for (let j = 0; j < down; j += 1) for (let i = 0; i < across; i += 1) factors.push(factorOf(pixels, i, j));
  const [average = [0, 0, 0], ...waves] = factors;
  const most = Math.max(...waves.flat().map(Math.abs));
  const quantised = Math.floor(Math.max(0, Math.min(82, Math.floor(most * 166 - 0.5))));
  const scale = (quantised + 1) / 166;
  return [
    inBase83(across - 1 + (down - 1) * 9, 1),
    inBase83(quantised, 1),
    inBase83(
      average.reduce((sum, light) => sum * 256 + encoded(light), 0),
      4,
    ),
    ...waves.map((wave) =>
      inBase83(
        wave.reduce((sum, light) => sum * 19 + step(light / scale), 0),
        2,
      ),
    ),
  ].join('');
}

function factorOf({ data, width, height }: Pixels, i: number, j: number): Light {
  let [red, green, blue] = [0, 0, 0];
  const columns = Array.from({ length: width }, (_, x) => Math.cos((Math.PI * i * x) / width));
  for (let y = 0; y < height; y += 1) {
    const row = Math.cos((Math.PI * j * y) / height);
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 4;
      const basis = (columns[x] ?? 0) * row * ((data[at + 3] ?? 0) / 255);
      red += basis * (linear[data[at] ?? 0] ?? 0);
      green += basis * (linear[data[at + 1] ?? 0] ?? 0);
      blue += basis * (linear[data[at + 2] ?? 0] ?? 0);
    }
  }
  const share = (i === 0 && j === 0 ? 1 : 2) / (width * height);
  return [red * share, green * share, blue * share];
}

/** Light of sRGB's 256 numbers. */
const linear: readonly number[] = Array.from({ length: 256 }, (_, value) => {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});

function encoded(light: number): number {
  const share = Math.max(0, Math.min(1, light));
  return Math.round((share <= 0.0031308 ? share * 12.92 : 1.055 * share ** (1 / 2.4) - 0.055) * 255);
}

/** One of 19: the smaller ones lie closer together. */
function step(wave: number): number {
  return Math.floor(Math.max(0, Math.min(18, Math.floor(Math.sign(wave) * Math.abs(wave) ** 0.5 * 9 + 9.5))));
}

function inBase83(value: number, length: number): string {
  return Array.from({ length }, (_, index) => digits[Math.floor(value / 83 ** (length - 1 - index)) % 83]).join('');
}
