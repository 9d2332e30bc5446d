import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { environmentVariables } from '../../src/config.ts';

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
  const rows = Object.entries(environmentVariables).map(([name, { fallback, meaning, ...variable }]) => {
    const shown = 'shownDefault' in variable ? variable.shownDefault : `\`${fallback}\``;
    return `| \`${name}\` | ${shown} | ${meaning} |\n`;
  });
  return `| name | default | meaning |\n|---|---|---|\n${rows.join('')}`;
}

/** The README with its table of variables as the program has them now. */
export function withConfigurationTable(readme: string): string {
  const { start, end } = section(readme, 'configuration');
  return readme.slice(0, start) + configurationTable() + readme.slice(end);
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
