/**
 * The site's pages, in the order of its side: where each is written, from the root, and where it is on the site if that is not
 * its path in `docs/`. The build fails for a page of `docs/` that is not among them.
 */
export const contents = [
  {
    text: 'Begin',
    pages: [
      { source: 'docs/get-started.md' },
      { source: 'docs/urls.md' },
      { source: 'src/grammar/REFERENCE.md', at: 'reference.md' },
      { source: 'docs/in-a-page.md' },
    ],
  },
  {
    text: 'Recipes',
    pages: ['plain', 'vite', 'react', 'next', 'vue', 'nuxt', 'svelte', 'astro']
      .map((name) => ({ source: `docs/recipes/${name}.md` }))
      .concat({ source: 'packages/url/README.md', at: 'url-package.md' }),
  },
  {
    text: 'Pictures',
    pages: [{ source: 'docs/pictures.md' }, { source: 'docs/signed-urls.md' }, { source: 'docs/refusals.md' }],
  },
  {
    text: 'Originals',
    pages: [
      { source: 'docs/uploads.md' },
      { source: 'docs/originals.md' },
      { source: 'docs/purge.md' },
      { source: 'docs/events.md' },
    ],
  },
  { text: 'Moving here', pages: [{ source: 'docs/migrating/index.md' }], others: 'docs/migrating/' },
  {
    text: 'Run it',
    pages: [
      { source: 'docs/configuration.md' },
      { source: 'docs/stores.md' },
      { source: 'docs/cdn.md' },
      { source: 'docs/deploying.md' },
      { source: 'wrangler-or-cloudfront.md' },
    ],
  },
  {
    text: 'Keep it running',
    pages: [
      { source: 'docs/operations.md' },
      { source: 'docs/cli.md' },
      { source: 'infra/monitoring/README.md', at: 'metrics.md' },
      { source: 'docs/security.md' },
      { source: 'SECURITY.md', at: 'security-policy.md' },
    ],
  },
  {
    text: 'Decide',
    pages: [
      { source: 'docs/comparison.md' },
      { source: 'docs/benchmark.md' },
      { source: 'bench/README.md', at: 'measured.md' },
      { source: 'CHANGELOG.md', at: 'changelog.md' },
    ],
  },
];
