import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The absolute path of a file that a page names. */
export function pathOf(relative: string): string {
  return join(root, relative);
}

/** What users read, relative to the root: the README, and all that lies in `docs/`. */
export const pagePaths: readonly string[] = [
  'README.md',
  ...readdirSync(pathOf('docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path}`)
    .sort(),
];

/** A page's text as it is committed. */
export function readPage(path: string): string {
  return readFileSync(pathOf(path), 'utf8');
}

export function writePage(path: string, text: string): void {
  writeFileSync(pathOf(path), text);
}

/** All pages, each as it is committed. */
export function readPages(): readonly { readonly path: string; readonly text: string }[] {
  return pagePaths.map((path) => ({ path, text: readPage(path) }));
}

/** The file that a link of a page leads to, relative to the root, without what stands behind its `#`. */
export function linkedFrom(page: string, link: string): string {
  return posix.normalize(posix.join(posix.dirname(page), link.replace(/#.*$/, '')));
}

/** What a page links to on this side of the network, pictures too, as it says it. */
export function linksOf(text: string): readonly string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/\]\(([^):\s]+)\)/g)].map(([, link = '']) => link);
}

/** What stands between the comments `<!-- name… -->` and `<!-- /name -->`. */
export function section(text: string, name: string): { readonly start: number; readonly end: number } {
  const opening = new RegExp(`^<!-- ${name}:.*-->\n`, 'm').exec(text);
  const end = text.indexOf(`<!-- /${name} -->`);
  if (opening === null || end < 0) throw new Error(`the page has no section "${name}"`);
  return { start: opening.index + opening[0].length, end };
}

/** The fenced blocks of one language, or of any, in order. */
export function codeBlocks(text: string, language?: string): string[] {
  return [...text.matchAll(/^```(\S*)\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => language === undefined || found === language)
    .map(([, , code = '']) => code);
}

/** The fenced blocks of one language, or of any, of all pages. */
export function allBlocks(language?: string): readonly { readonly path: string; readonly code: string }[] {
  return readPages().flatMap(({ path, text }) => codeBlocks(text, language).map((code) => ({ path, code })));
}
