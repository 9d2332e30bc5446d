import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createTurns } from '../src/turns.ts';

it('a few begin at once, in the very call', () => {
  const inTurn = createTurns();
  const begun: number[] = [];
  for (const piece of [1, 2, 3]) inTurn(() => begun.push(piece));
  expect(begun).toEqual([1, 2, 3]);
});

it('a crowd is shared out over turns of the event loop, first come first served', async () => {
  const inTurn = createTurns();
  const begun: number[] = [];
  const pieces = Array.from({ length: 100 }, (_, index) => index);
  for (const piece of pieces) inTurn(() => begun.push(piece));
  let [turns, most, before] = [0, begun.length, begun.length];
  expect(most).toBeLessThan(50);
  while (begun.length < 100) {
    await nextTurn();
    turns += 1;
    most = Math.max(most, begun.length - before);
    before = begun.length;
  }
  expect(begun).toEqual(pieces);
  expect(turns).toBeGreaterThan(3);
  expect(most).toBeLessThan(50);
});

it('what comes while others wait goes behind them, and once they are through it begins at once again', async () => {
  const inTurn = createTurns();
  const begun: string[] = [];
  for (let index = 0; index < 40; index += 1) inTurn(() => begun.push('crowd'));
  inTurn(() => begun.push('late'));
  while (!begun.includes('late')) await nextTurn();
  expect(begun.indexOf('late')).toBe(40);
  await nextTurn();
  inTurn(() => begun.push('next'));
  expect(begun.at(-1)).toBe('next');
});
