import { describe, expect, it } from 'vitest';
import { createCache, typicalSize } from '../../bench/simulate/caches.ts';
import { estimate, loads, rendersPerDay, replay } from '../../bench/simulate/loads.ts';
import { createTrace, createZipf } from '../../bench/simulate/trace.ts';

function take(count: number, seed: number) {
  const trace = createTrace({ originals: 500, exponent: 0.9, churn: 0.01 }, seed);
  return Array.from({ length: count }, () => trace.next().value);
}

describe('the simulation', () => {
  it('asks the same for the same seed, and something else for another', () => {
    expect(take(200, 1)).toEqual(take(200, 1));
    expect(take(200, 1)).not.toEqual(take(200, 2));
  });

  it('follows Zipf’s law', () => {
    const rankOf = createZipf(1000, 1);
    const counts = new Map<number, number>();
    const draws = 100_000;
    for (let draw = 0; draw < draws; draw += 1) {
      const rank = rankOf((draw + 0.5) / draws);
      counts.set(rank, (counts.get(rank) ?? 0) + 1);
    }
    for (const rank of [1, 3, 9]) {
      expect((counts.get(0) ?? 0) / (counts.get(rank) ?? 0)).toBeCloseTo(rank + 1, 1);
    }
  });

  it('hits what was asked for before, as long as there is room', () => {
    const cache = createCache(1_000_000, typicalSize);
    const asked = { original: 1, width: 640, format: 'webp' } as const;
    expect([cache.ask(asked), cache.ask(asked), cache.ask({ ...asked, format: 'avif' })]).toEqual([false, true, false]);
    for (let original = 2; original < 60; original += 1) cache.ask({ ...asked, original });
    expect(cache.ask(asked)).toBe(false);
  });

  it.each([0.004, 0.016, 0.064])('agrees within two points with the formula that scales, at %d GB', (gigabytes) => {
    const load = { requestsPerDay: 100_000, originals: 2000, uploadsPerDay: 20 };
    const apart = Math.abs(replay(load, gigabytes * 1e9, 120_000) - estimate(load, gigabytes * 1e9));
    expect(apart).toBeLessThan(0.02);
  });

  it.each(loads)('renders no more than is asked for, and more than is uploaded: $name requests a day', (load) => {
    const renders = rendersPerDay(load);
    expect(renders).toBeLessThan(load.requestsPerDay);
    expect(renders).toBeGreaterThan(load.uploadsPerDay);
  });
});
