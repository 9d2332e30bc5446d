import { appendFileSync } from 'node:fs';

/** A figure that a suite has taken, for a row of promises. */
export interface Figure {
  readonly row: number;
  readonly text: string;
}

/** Notes what was measured: `npm run promises` makes its table of it, and says where the notes go. */
export function recordFigure(row: number, text: string): void {
  const file = process.env['FOVEA_PROMISES'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ row, text } satisfies Figure)}\n`);
}

/** The value that a share of all stay under: `percentile(times, 99)`. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * share) / 100))] ?? Number.NaN;
}

export function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 ** 2);
}
