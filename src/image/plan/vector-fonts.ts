import { promises } from 'node:fs';
import { Failure } from '../../failure.ts';
import type { VectorFonts } from '../protocol/job.ts';
import { fontAliases } from './shipped-fonts.ts';

/** A family of fonts, and the files that have one of it. */
export interface Family {
  readonly name: string;
  readonly files: string[];
}

/** By their names in lower case: fontconfig, too, does not tell cases apart. */
export type Families = ReadonlyMap<string, Family>;

/** Files that are read for one picture, and bytes of them: a font for Chinese has 20 MB. */
const [mostFiles, mostBytes] = [24, 32 * 1024 * 1024];

const usualKind = 'sans-serif';

/**
 * The files that pictures of lines are written with which name these families; for what is not here stands one family, of the kind that is
 * named first, as names and kinds that pages write stand for others in text layers. Failures: `unsupported` (there are none).
 */
export async function vectorFonts(wanted: readonly string[], known: Families): Promise<VectorFonts> {
  const first = known.values().next().value;
  if (first === undefined) {
    throw new Failure('unsupported', 'An SVG with letters in it is not drawn here: no fonts are installed.');
  }
  const names = wanted.map((name) => name.toLowerCase());
  const kind = names.find((name) => fontAliases.has(name)) ?? usualKind;
  const family = found(kind, known) ?? found(usualKind, known) ?? first;
  const named = names.flatMap((name) => known.get(name) ?? []);
  const read = await withinBounds([family, ...named].flatMap(({ files }) => files));
  return { ...read, family: family.name };
}

function found(name: string, known: Families): Family | undefined {
  return known.get(name) ?? known.get(fontAliases.get(name)?.toLowerCase() ?? '');
}

async function withinBounds(paths: readonly string[]): Promise<Pick<VectorFonts, 'files' | 'bytes'>> {
  const files: string[] = [];
  let bytes = 0;
  for (const path of new Set(paths)) {
    const size = await promises.stat(path).then(
      (stats) => stats.size,
      () => Number.POSITIVE_INFINITY,
    );
    if (files.length === mostFiles || bytes + size > mostBytes) continue;
    files.push(path);
    bytes += size;
  }
  return { files, bytes };
}
