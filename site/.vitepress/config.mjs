import { chapters } from '../pages.mjs';

/** What the pages call each other by GitHub's rules, so that links work in both places. */
function slugify(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}

/** Names stay in one piece, also in tables on phones; URLs may break. */
function writeInlineCode(tokens, at, _options, _environment, { renderAttrs }) {
  const [token] = tokens.slice(at, at + 1);
  if (token.content.length <= 30) token.attrJoin('class', 'short');
  const text = token.content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<code v-pre${renderAttrs(token)}>${text}</code>`;
}

const base = process.env.SITE_BASE ?? '/';

export default {
  title: 'fovea',
  description:
    'An image CDN’s origin that you run yourself: a URL names a picture, which is made once, when somebody looks.',
  lang: 'en',
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  base,
  srcDir: 'pages',
  outDir: 'dist',
  // Nothing in the pages is markup: what looks like it (`<key>`) is text.
  markdown: {
    html: false,
    languageAlias: { promql: 'sql' },
    anchor: { slugify },
    image: { lazyLoading: true },
    config: (md) => {
      md.renderer.rules.code_inline = writeInlineCode;
    },
  },
  themeConfig: {
    outline: [2, 3],
    // Names of settings are looked for as they are: the theme's own way finds what is a little like a part of one first.
    search: {
      provider: 'local',
      options: { miniSearch: { searchOptions: { fuzzy: 0.1, prefix: true, combineWith: 'AND' } } },
    },
    nav: [
      { text: 'Get started', link: '/get-started' },
      { text: 'Reference', link: '/reference' },
      { text: 'Configuration', link: '/configuration' },
    ],
    sidebar: chapters.map(({ text, pages }) => ({
      text,
      items: pages.map(({ title, at }) => ({
        text: title.replace(/^Recipe: |:.*$/g, ''),
        link: `/${at.replace(/(index)?\.md$/, '')}`,
      })),
    })),
    footer: {
      message: `Apache-2.0. Every page is there as Markdown, too: <a href="${base}llms.txt">llms.txt</a> lists them.`,
    },
  },
};
