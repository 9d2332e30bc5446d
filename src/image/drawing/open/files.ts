import type { Facts } from '../../containers/facts.ts';
import type { RenderJob } from '../../protocol/job.ts';
import { putPlainly } from './mend/mend.ts';

/** A layer's picture, as it lies in the store. */
export interface LayerFile {
  readonly facts: Facts;
  readonly file: Buffer;
}

/** By the ids that layers name. */
export type LayerFiles = ReadonlyMap<string, LayerFile>;

/** The pictures that a job brings. */
export interface Files {
  readonly original: Buffer;
  readonly layers: LayerFiles;
}

/** The pictures of layers lie one after the other. */
export function filesOf(job: RenderJob, original: Buffer, layersTogether: Buffer): Files {
  let at = 0;
  const layers = job.layers.map(({ id, bytes, facts }) => {
    at += bytes;
    return [id, { facts, file: layersTogether.subarray(at - bytes, at) }] as const;
  });
  return { original, layers: new Map(layers) };
}

/** Files that a decoder would draw otherwise than they are meant say it as it reads them. */
export function asMeant(job: RenderJob, files: Files): Files {
  return eachFile(job, files, putPlainly) ?? files;
}

/** The files with another in place of those that there is another for; undefined when there is none. */
export function eachFile(
  { facts }: RenderJob,
  { original, layers }: Files,
  otherOf: (file: Buffer, facts: Facts) => Buffer | undefined,
): Files | undefined {
  const other = otherOf(original, facts);
  const otherLayers = [...layers].flatMap(([id, layer]) => {
    const file = otherOf(layer.file, layer.facts);
    return file === undefined ? [] : [[id, { ...layer, file }] as const];
  });
  if (other === undefined && otherLayers.length === 0) return undefined;
  return { original: other ?? original, layers: new Map([...layers, ...otherLayers]) };
}
