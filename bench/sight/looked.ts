import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import sharp from 'sharp';
import type { Region } from '../../src/grammar/index.ts';
import type { Raster } from '../../src/image/drawing/picture/raster.ts';
import { lookForFaces } from '../../src/image/drawing/seeing/faces.ts';
import { createFaceNetwork } from '../../src/image/drawing/seeing/model.ts';
import { fileOf, photographs, type Seen } from './photographs.ts';

/** A photograph as it is looked at, and the faces that are seen in it. */
export interface Looked {
  readonly seen: Seen;
  readonly raster: Raster;
  readonly faces: readonly Region[];
  /** With a second look. */
  readonly all: readonly Region[];
  readonly ms: number;
}

export const network = createFaceNetwork();

/** All photographs. */
export async function lookAtAll(): Promise<readonly Looked[]> {
  const looked: Looked[] = [];
  for (const seen of photographs) looked.push(await look(seen));
  return looked;
}

async function look(seen: Seen): Promise<Looked> {
  const raster = await rasterOf(readFileSync(fileOf(seen.path)), 512);
  const once = await lookForFaces(raster, 'never', network);
  const began = performance.now();
  await lookForFaces(raster, 'never', network);
  const ms = performance.now() - began;
  const { faces, small = [] } = await lookForFaces(raster, 'always', network);
  return { seen, raster, faces: once.faces, all: [...faces, ...small], ms };
}

/** Pixels of a picture, no longer than that on a side. */
export async function rasterOf(bytes: Buffer, side: number): Promise<Raster> {
  const { data, info } = await sharp(bytes)
    .autoOrient()
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#808080' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, size: { width: info.width, height: info.height }, frames: 1, channels: info.channels as 1 | 3 };
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
