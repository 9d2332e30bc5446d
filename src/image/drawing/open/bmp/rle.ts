import type { Bmp } from '../../../containers/bmp.ts';
import { broken } from '../../../containers/header.ts';

/** Where in the rows, from the lowest, it is written next. */
interface Pen {
  x: number;
  y: number;
}

/**
 * The numbers of colours of runs, a byte each. What is jumped over is the first colour; what lies beyond a row or the picture
 * is left out. Failures: `corrupt` where the runs end before the picture.
 */
export function unpackRle(file: Buffer, { size, coding, pixelsAt }: Bmp): Buffer {
  const { width, height } = size;
  const into = Buffer.alloc(width * height);
  const isFour = coding === 'rle4';
  const pen: Pen = { x: 0, y: 0 };
  let at = pixelsAt;
  while (pen.y < height) {
    if (at + 2 > file.length) {
      if (pen.y === height - 1 && pen.x >= width) break;
      throw broken('bmp', 'it ends before its pixels');
    }
    const [count = 0, value = 0] = [file[at], file[at + 1]];
    at += 2;
    if (count > 0) {
      run(into, pen, { width, count, colourAt: (index) => (isFour ? half(value, index) : value) });
    } else if (value === 0) {
      pen.x = 0;
      pen.y += 1;
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      pen.x += file[at] ?? 0;
      pen.y += file[at + 1] ?? 0;
      at += 2;
    } else {
      const from = at;
      const bytes = isFour ? Math.ceil(value / 2) : value;
      if (from + bytes > file.length) throw broken('bmp', 'it ends before its pixels');
      const colourAt = (index: number) =>
        isFour ? half(file[from + (index >> 1)] ?? 0, index) : (file[from + index] ?? 0);
      run(into, pen, { width, count: value, colourAt });
      at += bytes + (bytes % 2);
    }
  }
  return into;
}

function half(byte: number, index: number): number {
  return index % 2 === 0 ? byte >> 4 : byte & 15;
}

interface Run {
  readonly width: number;
  readonly count: number;
  readonly colourAt: (index: number) => number;
}

function run(into: Buffer, pen: Pen, { width, count, colourAt }: Run): void {
  const fitting = Math.min(count, width - pen.x);
  for (let index = 0; index < fitting; index += 1) into[pen.y * width + pen.x + index] = colourAt(index);
  pen.x += count;
}
