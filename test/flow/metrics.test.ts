import { expect, it, onTestFinished } from 'vitest';
import { openCdn } from '../../src/cdn/index.ts';
import { readConfig } from '../../src/config/index.ts';
import { createService } from '../../src/service/index.ts';
import { createTelemetry } from '../../src/sinks/index.ts';
import { version } from '../../src/version.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { from, noise } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

/** A service with the real sinks, and what its metrics page says. */
async function measuredService() {
  const telemetry = createTelemetry({ logTo: 1, level: 'silent' });
  const { renderer } = startRenderer({ telemetry });
  onTestFinished(() => renderer.close());
  const originalsStore = createMemoryStore();
  await originalsStore.put('a.png', await from(noise(40, 30)).png().toBuffer());
  const foundations = { originalsStore, variantsStore: createMemoryStore(), renderer, cdn: await openCdn('none') };
  const { app } = await createService(readConfig({}), telemetry, foundations);
  return {
    ask: async (path: string) => app.request(`http://fovea.test${path}`),
    /** The value of one line of the page; undefined where there is none such. */
    async metric(line: string) {
      const { text } = await telemetry.metrics();
      const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `));
      return found === undefined ? undefined : Number(found.slice(line.length + 1));
    },
  };
}

it('which version runs is a figure of its own', async () => {
  const { metric } = await measuredService();
  expect(await metric(`fovea_build_info{version="${version}",node="${process.versions.node}"}`)).toBe(1);
});

it('a render is counted once, with the time it took and the bytes it came to', async () => {
  const { ask, metric } = await measuredService();
  let bytes = 0;
  for (const width of [10, 20, 30]) {
    const answer = await ask(`/c_scale,w_${width}/a.png`);
    expect(answer.status).toBe(200);
    bytes += (await answer.arrayBuffer()).byteLength;
  }
  // From memory: no render.
  expect((await ask('/c_scale,w_10/a.png')).status).toBe(200);
  expect(await metric('fovea_render_seconds_count{format="png"}')).toBe(3);
  expect(await metric('fovea_render_wait_seconds_count')).toBe(3);
  expect(await metric('fovea_rendered_bytes_total{format="png"}')).toBe(bytes);
  expect(await metric('fovea_tier_hits_total{tier="render"}')).toBe(3);
  expect(await metric('fovea_tier_hits_total{tier="memory"}')).toBe(1);
});

it('information about a picture counts as the render that it took', async () => {
  const { ask, metric } = await measuredService();
  const information: unknown = await (await ask('/c_scale,w_10,fl_getinfo/a.png')).json();
  const output: unknown = Reflect.get(Object(information), 'output');
  expect(await metric('fovea_render_seconds_count{format="png"}')).toBe(1);
  expect(await metric('fovea_render_seconds_count{format="json"}')).toBeUndefined();
  expect(await metric('fovea_rendered_bytes_total{format="png"}')).toBe(Reflect.get(Object(output), 'bytes'));
});
