import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { linkedFrom, linksOf, pagePaths, pathOf, readPage, readPages } from './pages.ts';

/** What GitHub and the documentation's site make of a heading, to link to. */
function anchorOf(heading: string): string {
  const words = heading.replaceAll(/[`*]|\[|\]\([^)]*\)/g, '').toLowerCase();
  return words
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

function anchorsOf(text: string): readonly string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

describe('the README', () => {
  it('is short: what it has no room for is told in docs/', () => {
    expect(readPage('README.md').split('\n').length).toBeLessThanOrEqual(200);
  });

  it('leads to every page, at the root and in docs/', () => {
    const reached = new Set<string>(['README.md']);
    for (const page of reached) {
      if (!page.endsWith('.md') || !(pagePaths.includes(page) || !page.includes('/'))) continue;
      for (const link of linksOf(readPage(page)))
        if (existsSync(pathOf(linkedFrom(page, link)))) reached.add(linkedFrom(page, link));
    }
    const atRoot = readdirSync(pathOf('.')).filter((name) => name.endsWith('.md'));
    expect([...pagePaths, ...atRoot].filter((page) => !reached.has(page))).toEqual(['docs/index.md']);
  });
});

describe('the site', () => {
  it('has every page of docs/, and none that is not there', async () => {
    const { chapters } = await import(pathToFileURL(pathOf('site/pages.mjs')).href);
    const sources: string[] = chapters.flatMap(({ pages }: { pages: { source: string }[] }) =>
      pages.map(({ source }) => source),
    );
    const own = ['docs/index.md', 'README.md'];
    expect(pagePaths.filter((page) => !own.includes(page) && !sources.includes(page))).toEqual([]);
    expect(sources.filter((source) => !existsSync(pathOf(source)))).toEqual([]);
  });
});

describe.each(readPages())('$path', ({ path, text }) => {
  it('links to files and headings that are there', () => {
    const dead = linksOf(text).filter((link) => {
      const file = link.startsWith('#') ? path : linkedFrom(path, link);
      const [, anchor] = link.split('#');
      if (!existsSync(pathOf(file))) return true;
      return anchor !== undefined && !anchorsOf(readPage(file)).includes(anchor);
    });
    expect(dead).toEqual([]);
  });
});

it('names only scripts that there are', () => {
  const text = readPages()
    .map((page) => page.text)
    .concat(readFileSync(pathOf('.github/CONTRIBUTING.md'), 'utf8'))
    .join('');
  const scripts = new Set([...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name));
  expect([...scripts].filter((script) => !(script in packageJson.scripts))).toEqual([]);
});
