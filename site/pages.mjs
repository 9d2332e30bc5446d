import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contents } from './contents.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const staged = fileURLToPath(new URL('pages', import.meta.url));

/** What the site begins with; `docs/index.md` is for who reads the folder. */
const home = { source: 'site/home.md', at: 'index.md', title: 'fovea' };

/** The site's pages by chapter, each with its title and what it is about, as it says them itself. */
export const chapters = contents.map(({ text, pages, others }) => {
  const named = pages.map(({ source }) => source);
  const rest = others === undefined ? [] : pagesIn(others).filter((source) => !named.includes(source));
  return { text, pages: [...pages, ...rest.map((source) => ({ source }))].map(describe) };
});

function pagesIn(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith('.md'))
    .map((name) => posix.join(folder, name))
    .sort();
}

function describe({ source, at = source.replace(/^docs\//, '') }) {
  const text = readFileSync(join(root, source), 'utf8');
  const title = /^# (.*)$/m.exec(text)?.[1] ?? at;
  return { source, at, title, about: firstSentence(text) };
}

/** What a page begins with, as plain text: its first sentence, where it begins with one. */
function firstSentence(text) {
  const [, paragraph = ''] =
    /^# .*\n+(?!```|[|#-])([^\n][\s\S]*?)\n\n/m.exec(text.replaceAll(/<!--[\s\S]*?-->\n*/g, '')) ?? [];
  const plain = paragraph.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/\s+/g, ' ');
  return /^.*?[.:](?= [A-Z`]|$)/.exec(plain)?.[0].replace(/:$/, '.') ?? plain;
}

const pages = [home, ...chapters.flatMap((chapter) => chapter.pages)];
const siteOf = new Map(pages.map(({ source, at }) => [source, at]));
siteOf.set('docs/index.md', 'index.md').set('README.md', 'index.md');

/** Where the target of a link is on the site: a page, a picture, or a file that is taken along as it is. */
function linked(page, link) {
  const [path, anchor] = link.split('#');
  if (path === '') return link;
  const target = posix.normalize(posix.join(posix.dirname(page.source), path));
  const at = siteOf.get(target);
  if (at !== undefined) {
    const to = posix.relative(posix.dirname(page.at), at);
    return `${to.startsWith('.') ? to : `./${to}`}${anchor === undefined ? '' : `#${anchor}`}`;
  }
  if (!existsSync(join(root, target)) || statSync(join(root, target)).isDirectory()) {
    throw new Error(`${page.source} links to ${link}, which is no file of this project`);
  }
  const isPicture = /\.(avif|gif|jpe?g|png|svg|webp)$/.test(target);
  // Text, which a browser shows, whatever the file is called.
  const name = isPicture ? target : `${target}.txt`;
  const to = posix.join(isPicture ? 'pictures' : 'public/files', name.replaceAll(/(^|\/)\./g, '$1'));
  mkdirSync(join(staged, dirname(to)), { recursive: true });
  cpSync(join(root, target), join(staged, to));
  if (!isPicture) return `/${to.replace('public/', '')}`;
  const relative = posix.relative(posix.dirname(page.at), to);
  return relative.startsWith('.') ? relative : `./${relative}`;
}

/** A page's text for the site: links lead to where things are there, and remarks for who edits it are left out. */
function textOf(page) {
  const text = readFileSync(join(root, page.source), 'utf8');
  const parts = text.split(/(^```[\s\S]*?^```$)/m);
  return parts
    .map((part, at) => {
      if (at % 2 === 1) return part;
      const prose = part.replaceAll(/<!--[\s\S]*?-->\n?/g, '');
      return prose.replaceAll(/\]\(([^):\s]+)\)/g, (_all, link) => `](${linked(page, link)})`);
    })
    .join('');
}

/** Writes the pages to where VitePress reads them. Throws for a link that leads nowhere, and for a page that nothing lists. */
export function stagePages() {
  const missing = pagesIn('docs').filter((source) => !siteOf.has(source));
  if (missing.length > 0) throw new Error(`site/contents.mjs has not ${missing.join(', ')}`);
  rmSync(staged, { recursive: true, force: true });
  for (const page of pages) {
    mkdirSync(join(staged, dirname(page.at)), { recursive: true });
    writeFileSync(join(staged, page.at), textOf(page));
  }
}

/** Beside each page of the built site its Markdown, and `llms.txt`, which lists them (https://llmstxt.org/). */
export function writeMarkdown(built) {
  for (const { at } of pages) cpSync(join(staged, at), join(built, at));
  const lists = chapters.map(({ text, pages: of }) => {
    const lines = of.map(({ title, at, about }) => `- [${title}](${at})${about === '' ? '' : `: ${about}`}`);
    return `## ${text}\n\n${lines.join('\n')}\n`;
  });
  const what =
    'An image CDN’s origin that you run yourself: a URL names a picture, which is made once, when somebody looks.';
  writeFileSync(join(built, 'llms.txt'), `# fovea\n\n> ${what}\n\n${lists.join('\n')}`);
}
