import { openCdn } from '../../src/cdn/index.ts';
import { readConfig } from '../../src/config/index.ts';
import { createService } from '../../src/service/index.ts';
import { createTelemetry } from '../../src/sinks/index.ts';
import { createFakeRenderer } from '../support/fake-renderer.ts';
import { createMemoryStore } from '../support/memory-store.ts';

export interface Exported {
  readonly name: string;
  readonly type: string;
  readonly help: string;
}

/** A queue that nobody sends to: with one there are the figures of a worker too. */
const queue = {
  postpone: async () => undefined,
  count: async () => 0,
  close: () => undefined,
  createConsumer: () => ({ start: () => undefined, stop: async () => undefined, depth: () => 0, ageSeconds: () => 0 }),
};

/** Every metric that the program exports, Node's own too, in the order of the page. */
export async function exportedMetrics(): Promise<readonly Exported[]> {
  const telemetry = createTelemetry({ logTo: 1, level: 'silent' });
  const service = await createService(readConfig({}), telemetry, {
    originalsStore: createMemoryStore(),
    variantsStore: createMemoryStore(),
    renderer: createFakeRenderer(),
    cdn: await openCdn('none'),
    queue,
  });
  const { text } = await telemetry.metrics();
  await service.close();
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
  const helps = [...text.matchAll(/^# HELP (\S+) (.*)$/gm)];
  return helps.map(([, name = '', help = '']) => ({ name, help, type: types.get(name) ?? '' }));
}

const section = /(<!-- metrics:.*-->\n)[\s\S]*?(<!-- \/metrics -->)/;

/** The page on metrics with its table as the program has it now. */
export function withMetrics(page: string, metrics: readonly Exported[]): string {
  const ours = metrics.filter(({ name }) => name.startsWith('fovea_'));
  const rows = ours.map(({ name, type, help }) => `| \`${name}\` | ${type} | ${help} |\n`).join('');
  return page.replace(section, (_all, before: string, after: string) => {
    return `${before}| name | type | meaning |\n|---|---|---|\n${rows}${after}`;
  });
}

export const metricsPage = 'infra/monitoring/README.md';
