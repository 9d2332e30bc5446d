import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { measureAllocators } from './allocator.ts';
import { measureEncoders } from './encoders.ts';
import { measureFeeding } from './feed.ts';
import { measureGallery } from './gallery.ts';
import { measureHits } from './hit.ts';
import { measureIntermediates } from './intermediates.ts';
import { machineFacts } from './machine.ts';
import { measureMisses } from './miss.ts';
import { measureQuality } from './quality.ts';
import { measureCrops } from './sight/crops.ts';
import { measureFaces } from './sight/faces.ts';
import { measureStarts } from './start.ts';

// `npm run bench [-- name…]`: measures and writes the tables of bench/README.md anew.

const measurements: Readonly<Record<string, () => Promise<string>>> = {
  misses: measureMisses,
  intermediates: measureIntermediates,
  hits: measureHits,
  feeding: measureFeeding,
  starts: measureStarts,
  allocators: measureAllocators,
  gallery: measureGallery,
  quality: measureQuality,
  encoders: measureEncoders,
  faces: measureFaces,
  crops: measureCrops,
};

/** Where none is named: what changes with the service itself, in some minutes. The others tell of encoders and allocators. */
const usual = ['misses', 'intermediates', 'hits', 'feeding', 'starts'];

const file = new URL('README.md', import.meta.url);

/** Processes that want a core, of the last minute. */
function load(): string {
  return (loadavg()[0] ?? Number.NaN).toFixed(1);
}

/** Replaces what stands between the comments `<!-- name -->` and `<!-- /name -->`. */
function put(name: string, content: string): void {
  const text = readFileSync(file, 'utf8');
  const opening = `<!-- ${name} -->\n`;
  const [start, end] = [text.indexOf(opening), text.indexOf(`<!-- /${name} -->`)];
  if (start < 0 || end < 0) throw new Error(`bench/README.md has no section ${name}`);
  writeFileSync(file, `${text.slice(0, start)}${opening}${content}\n${text.slice(end)}`);
}

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : usual) {
  const measure = measurements[name];
  if (measure === undefined) throw new Error(`no measurement is called ${name}`);
  const day = new Date().toISOString().slice(0, 10);
  const before = load();
  const measured = await measure();
  const content = `${day}, ${machineFacts()}; load ${before} before, ${load()} after.\n\n${measured}`;
  put(name, content);
  console.log(`${name}: ${content}\n`);
}
