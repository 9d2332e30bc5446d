import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Exported, exportedMetrics, metricsPage, withMetrics } from './metrics.ts';
import { codeBlocks, pathOf } from './pages.ts';

const read = (path: string) => readFileSync(pathOf(path), 'utf8');
const [dashboard, alerts] = ['infra/monitoring/dashboard.json', 'infra/monitoring/alerts.yaml'];

let exported: readonly Exported[] = [];
beforeAll(async () => {
  exported = await exportedMetrics();
});

/** What a query may call a metric by: a histogram has three. */
function queriedNames(): readonly string[] {
  return exported.flatMap(({ name, type }) =>
    type === 'histogram' ? ['_bucket', '_count', '_sum'].map((end) => `${name}${end}`) : [name],
  );
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
}

const panels = (): readonly Panel[] => JSON.parse(read(dashboard)).panels;
const rules = (): readonly Rule[] => parse(read(alerts)).groups.flatMap(({ rules }: { rules: Rule[] }) => rules);

/** Every metric that a query names. */
const namesIn = (query: string) => query.match(/\b(?:fovea|nodejs|process)_[a-z0-9_]+\b/g) ?? [];

describe('what watches the program', () => {
  it.each([dashboard, alerts])('%s names no metric that there is not', (path) => {
    const text =
      path === alerts
        ? rules()
            .map(({ expr }) => expr)
            .join('\n')
        : read(path);
    const names = new Set(namesIn(text));
    expect(names.size).toBeGreaterThan(8);
    expect([...names].filter((name) => !queriedNames().includes(name))).toEqual([]);
  });

  it('has a panel for every metric of ours, and each query asks for one', () => {
    const queries = panels().flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const shown = new Set(queries.flatMap(namesIn).map((name) => name.replace(/_(?:bucket|count|sum)$/, '')));
    for (const query of queries) expect(namesIn(query)).not.toEqual([]);
    // Told better by another: the counts of a histogram, and what pictures_total has.
    const without = [
      'fovea_tier_hits_total',
      'fovea_memory_evictions_total',
      'fovea_rendered_bytes_total',
      'fovea_stored_total',
    ];
    const ours = exported.map(({ name }) => name).filter((name) => name.startsWith('fovea_'));
    expect(ours.filter((name) => !shown.has(name) && !without.includes(name))).toEqual([]);
  });

  it('counts what has not happened yet as none, where it is set against something: its series is not there before', () => {
    const shares = [...panels().flatMap(({ targets = [] }) => targets), ...rules()]
      .map(({ expr }) => expr)
      .filter((expr) => /^\(?sum[^/]*tier=~"memory[^/]*\//.test(expr));
    expect(shares).toHaveLength(3);
    for (const share of shares) expect(share).toMatch(/^\(sum.* or (?:vector\(0\)|0 \* sum)/s);
  });

  it('tells of each alert how urgent it is, under a name of its own', () => {
    const names = rules().map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    for (const { labels } of rules()) expect(['page', 'warn']).toContain(labels.severity);
  });

  it('is asked by the queries of its page for metrics that there are', () => {
    const queries = codeBlocks(read(metricsPage), 'promql');
    expect(queries.length).toBeGreaterThan(0);
    expect(queries.flatMap(namesIn).filter((name) => !queriedNames().includes(name))).toEqual([]);
    const [scrape] = codeBlocks(read(metricsPage), 'yaml').map((block) => parse(block));
    expect(scrape.scrape_configs[0].metrics_path).toBe('/-/metrics');
  });

  it('is told of on the page that lists all metrics (made by `npm run docs`)', () => {
    const page = read(metricsPage);
    expect(page).toBe(withMetrics(page, exported));
    expect(page).toContain('`fovea_requests_total`');
  });
});
