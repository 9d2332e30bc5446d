import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DialectName } from '../../src/grammar/index.ts';
import { readsBack } from '../support/chains.ts';
import { cpuTimeMs } from '../support/cpu-time.ts';
import { recordFigure } from '../support/figures.ts';
import { hostileInDialects, hostileTargets, readOrRefuse } from '../support/hostile/targets.ts';

/** The best of several: what else the process does in between (collecting garbage above all) is not the parser's. */
function bestMs(target: string, dialect?: DialectName): number {
  return Math.min(...Array.from({ length: 10 }, () => cpuTimeMs(() => readOrRefuse(target, dialect), 5)));
}

it('the worst targets of 8 kB are read or refused within 5 ms', () => {
  const times = [
    ...hostileTargets.map((target) => ({ target, tookMs: bestMs(target) })),
    ...hostileInDialects.map(([dialect, target]) => ({ target, tookMs: bestMs(target, dialect) })),
  ];
  const slowest = times.reduce((one, other) => (other.tookMs > one.tookMs ? other : one));
  const { target, tookMs } = slowest;
  recordFigure(
    34,
    `the slowest of ${times.length} targets of 8 kB (${target.slice(0, 24)}…): ${tookMs.toFixed(2)} ms of CPU`,
  );
  expect(tookMs).toBeLessThan(5);
});

it('a hundred thousand chains mean the same when their canonical form is read again', () => {
  const numRuns = 100_000;
  const began = performance.now();
  const { failed, numRuns: done, counterexample } = fc.check(readsBack, { numRuns });
  recordFigure(
    34,
    `${failed ? 'not all' : 'all'} of ${done} random chains mean the same when their canonical form is read again, in ${Math.round((performance.now() - began) / 1000)} s`,
  );
  expect([counterexample, done]).toEqual([null, numRuns]);
}, 1_800_000);
