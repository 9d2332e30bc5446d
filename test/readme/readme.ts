import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { environmentVariables, readConfig } from '../../src/config/index.ts';
import { upToNow } from '../../src/image/containers/header.ts';
import type { Facts } from '../../src/image/index.ts';
import { readablePixels } from '../../src/image/plan/estimate.ts';
import { mostRenderBytes } from '../../src/image/processes/memory-fit.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const path = `${root}/README.md`;

/** The README's text as it is committed. */
export function readReadme(): string {
  return readFileSync(path, 'utf8');
}

export function writeReadme(text: string): void {
  writeFileSync(path, text);
}

/** The absolute path of a file that the README names. */
export function pathOf(relative: string): string {
  return `${root}/${relative}`;
}

/** What stands between the comments `<!-- name… -->` and `<!-- /name -->`. */
function section(readme: string, name: string): { readonly start: number; readonly end: number } {
  const opening = new RegExp(`^<!-- ${name}:.*-->\n`, 'm').exec(readme);
  const end = readme.indexOf(`<!-- /${name} -->`);
  if (opening === null || end < 0) throw new Error(`the README has no section "${name}"`);
  return { start: opening.index + opening[0].length, end };
}

/** The environment variables as a table, from what the program reads. */
export function configurationTable(): string {
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
export function megapixelTable(): string {
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

/** The README with its tables of variables and megapixels as the program has them now. */
export function withTables(readme: string): string {
  const tables = { configuration: configurationTable(), megapixels: megapixelTable() };
  return Object.entries(tables).reduce((text, [name, table]) => {
    const { start, end } = section(text, name);
    return text.slice(0, start) + table + text.slice(end);
  }, readme);
}

/** A row of the README's table of URLs: what is asked for, and what is promised. */
export interface PictureRow {
  readonly url: string;
  readonly width: number;
  readonly height: number;
  /** More than one where the answer is negotiated, best first. */
  readonly formats: readonly string[];
  /** Path of the picture shown, relative to the README; undefined where none is. */
  readonly picture: string | undefined;
}

const row = /^\| `(\/[^`]+)` \| (\d+)×(\d+) ([A-Za-z, ]+): [^|]+\| (?:!\[\]\(([^)]+)\) )?\|$/;

/** The rows of the README's table of URLs. Throws for a row that does not say what a test could check. */
export function pictureRows(readme: string): PictureRow[] {
  const { start, end } = section(readme, 'pictures');
  const [, , ...lines] = readme.slice(start, end).trim().split('\n');
  return lines.map((line) => {
    const [, url, width, height, formats, picture] = row.exec(line) ?? [];
    if (url === undefined || formats === undefined)
      throw new Error(`a row of the README's pictures is unclear: ${line}`);
    return {
      url,
      width: Number(width),
      height: Number(height),
      formats: formats.split(/, | or /).map((format) => format.toLowerCase()),
      picture,
    };
  });
}

/** The fenced blocks of one language, in order. */
export function codeBlocks(readme: string, language: string): string[] {
  return [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , code = '']) => code);
}
