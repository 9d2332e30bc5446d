import { thumbHashToRGBA } from 'thumbhash';

/**
 * How alike two pictures are by their ThumbHashes, from 0 to 1: shapes and colours at some 30 pixels, in whatever size and format
 * each of them is.
 */
export function likenessOf(one: Uint8Array, other: Uint8Array): number {
  const [left, right] = [thumbHashToRGBA(one), thumbHashToRGBA(other)];
  let sum = 0;
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      for (let channel = 0; channel < 4; channel += 1)
        sum += Math.abs(at(left, { x, y, channel }) - at(right, { x, y, channel }));
    }
  }
  return 1 - sum / (side * side * 4 * 255);
}

/** Places that are compared, of each side. */
const side = 16;

interface Place {
  readonly x: number;
  readonly y: number;
  readonly channel: number;
}

function at({ w, h, rgba }: ReturnType<typeof thumbHashToRGBA>, { x, y, channel }: Place): number {
  const column = Math.floor(((x + 0.5) / side) * w);
  const row = Math.floor(((y + 0.5) / side) * h);
  return rgba[(row * w + column) * 4 + channel] ?? 0;
}
