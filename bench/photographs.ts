import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A photograph to measure with. */
export interface Photograph {
  readonly name: string;
  readonly bytes: Buffer;
}

const sample = fileURLToPath(new URL('../data/originals/seeding.jpg', import.meta.url));

/**
 * The photographs of these names in the folder that BENCH_PHOTOS names (default: `../shared/photos` beside the
 * checkout); the sample photograph alone when none is there.
 */
export function readPhotographs(names: readonly string[]): readonly Photograph[] {
  const folder = process.env['BENCH_PHOTOS'] ?? fileURLToPath(new URL('../../shared/photos', import.meta.url));
  const paths = names.map((name) => `${folder}/${name}`).filter((path) => existsSync(path));
  return (paths.length > 0 ? paths : [sample]).map((path) => ({ name: basename(path), bytes: readFileSync(path) }));
}
