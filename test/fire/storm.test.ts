import { expect, it } from 'vitest';
import { faultStorm } from '../support/fault-storm.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { percentile, recordFigure } from '../support/figures.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

it('ten thousand requests on an S3 of which every fifth request fails get no wrong byte', async () => {
  const requests = 10_000;
  const { statuses, wrong, spoilt, stored, seen, faults } = await faultStorm(requests);
  const shown = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  recordFigure(
    17,
    `${requests} requests, ${faults} of ${seen} calls to S3 spoilt: ${wrong} wrong answers, ${spoilt} of ${stored} stored variants wrong; ${shown.join(', ')}`,
  );
  expect([wrong, spoilt]).toEqual([0, 0]);
  expect(faults / seen).toBeCloseTo(0.2, 1);
});

it('a tier of variants that is down costs no request and hardly any time', async () => {
  const originals = createMemoryStore();
  // Several, since one original may have only so many variants.
  for (let cat = 0; cat < 20; cat += 1) await originals.put(`cat-${cat}.jpg`, Buffer.from('a cat'));
  const variants = createFaultyStore(createMemoryStore());
  const { ask, service } = await createPixelFreeService({ originals, variants, config: { memoryBytes: 1 } });
  async function p99(from: number): Promise<number> {
    const times: number[] = [];
    for (let index = 0; index < 2_000; index += 1) {
      const began = performance.now();
      const response = await ask(`/w_${from + index}/cat-${index % 20}.jpg`);
      await response.arrayBuffer();
      expect(response.status).toBe(200);
      times.push(performance.now() - began);
    }
    return percentile(times, 99);
  }
  const upMs = await p99(1);
  variants.fail('all', { kind: 'upstream' });
  const downMs = await p99(3_000);
  recordFigure(
    18,
    `0 of 2000 requests failed with the tier down; p99 ${downMs.toFixed(1)} ms, ${upMs.toFixed(1)} ms with it`,
  );
  expect(downMs - upMs).toBeLessThan(50);
  await service.close();
});
