import { readFileSync, writeFileSync } from 'node:fs';
import { measureAllocators } from './allocator.ts';
import { measureEncoders } from './encoders.ts';
import { measureHits } from './hit.ts';
import { measureIntermediates } from './intermediates.ts';
import { machineFacts } from './machine.ts';
import { measureMisses } from './miss.ts';
import { measureQuality } from './quality.ts';
import { measureSight } from './sight/sight.ts';

// `npm run bench [name…]`: measures and writes the tables of bench/README.md anew. Names: misses, intermediates, hits, allocators, quality, encoders, sight.

const measurements: Readonly<Record<string, () => Promise<string>>> = {
  misses: measureMisses,
  intermediates: measureIntermediates,
  hits: measureHits,
  allocators: measureAllocators,
  quality: measureQuality,
  encoders: measureEncoders,
  sight: measureSight,
};

const file = new URL('README.md', import.meta.url);

/** Replaces what stands between the comments `<!-- name -->` and `<!-- /name -->`. */
function put(name: string, content: string): void {
  const text = readFileSync(file, 'utf8');
  const opening = `<!-- ${name} -->\n`;
  const [start, end] = [text.indexOf(opening), text.indexOf(`<!-- /${name} -->`)];
  if (start < 0 || end < 0) throw new Error(`bench/README.md has no section ${name}`);
  writeFileSync(file, `${text.slice(0, start)}${opening}${content}\n${text.slice(end)}`);
}

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : Object.keys(measurements)) {
  const measure = measurements[name];
  if (measure === undefined) throw new Error(`no measurement is called ${name}`);
  const day = new Date().toISOString().slice(0, 10);
  const content = `${day}, ${machineFacts()}.\n\n${await measure()}`;
  put(name, content);
  console.log(`${name}: ${content}\n`);
}
