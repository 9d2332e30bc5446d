import { readFileSync } from 'node:fs';

/** One of the pictures in `jxl/`. */
export function jxlFile(name: string): Buffer {
  return readFileSync(new URL(`jxl/${name}.jxl`, import.meta.url));
}
