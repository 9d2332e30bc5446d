import { environmentVariables, readConfig } from '../../src/config/index.ts';
import { upToNow } from '../../src/image/containers/header.ts';
import type { Facts } from '../../src/image/index.ts';
import { readablePixels } from '../../src/image/plan/estimate.ts';
import { mostRenderBytes } from '../../src/image/processes/memory-fit.ts';
import { readPage, section } from './pages.ts';

/** The environment variables as a table, from what the program reads. */
function configurationTable(): string {
  const rows = Object.entries(environmentVariables).map(([name, { meaning, ...variable }]) => {
    const shown = 'shownDefault' in variable ? variable.shownDefault : `\`${variable.fallback}\``;
    return `| \`${name}\` | ${shown} | ${meaning} |\n`;
  });
  return `| name | default | meaning |\n|---|---|---|\n${rows.join('')}`;
}

const side = { width: 1_000, height: 1_000 };
const plain: Facts = { ...upToNow, format: 'avif', bytes: 1, stored: side, size: side, orientation: 1 };

/** Kinds of originals that decode to most, and one that decodes to little. */
const kinds: readonly (readonly [string, Partial<Facts>])[] = [
  ['AVIF of 8 bits, colour at a quarter (4:2:0)', { samplesPerPixel: 1.5 }],
  ['AVIF of 8 bits, colour in full (4:4:4)', {}],
  ['AVIF of 10 or 12 bits, 4:2:0', { bitDepth: 10, samplesPerPixel: 1.5 }],
  ['AVIF of 10 or 12 bits, 4:4:4, with alpha', { bitDepth: 10, samplesPerPixel: 4 }],
  ['TIFF of 32 bits with alpha', { format: 'tiff', bitDepth: 32, samplesPerPixel: 4 }],
  ['progressive JPEG, lossless WebP, PNG and others', { format: 'jpeg', coding: 'progressive' }],
];

/** Megapixels that an original of each kind may have with the memory of renders that two processes have by default. */
function megapixelTable(): string {
  const { renderMemoryBytes, renderers, maxInputPixels } = readConfig({ FOVEA_RENDERERS: '2' });
  const mostBytes = mostRenderBytes({ processes: renderers, maxMemoryBytes: renderMemoryBytes });
  const rows = kinds.map(([name, kind]) => {
    const inputBytes = 10 * 1024 ** 2;
    const most = Math.min(
      maxInputPixels,
      readablePixels({ ...plain, ...kind }, { frames: 1, inputBytes, memoryBytes: mostBytes }),
    );
    return `| ${name} | ${Math.floor(most / 1_000_000)} |\n`;
  });
  return `| an original of 10 MB | megapixels |\n|---|---|\n${rows.join('')}`;
}

/** The pages with a table that the program has the rows of, and how it is made. */
export const tables: Readonly<Record<string, { readonly name: string; readonly rows: () => string }>> = {
  'docs/configuration.md': { name: 'configuration', rows: configurationTable },
  'docs/operations.md': { name: 'megapixels', rows: megapixelTable },
};

/** A page with its table as the program has it now. */
export function withTable(path: string): string {
  const text = readPage(path);
  const table = tables[path];
  if (table === undefined) throw new Error(`${path} has no table of the program's`);
  const { start, end } = section(text, table.name);
  return text.slice(0, start) + table.rows() + text.slice(end);
}
