import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { atOnce, createTurnAllowance, createTurns, inTurns, type Steps } from '../src/turns.ts';

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

describe('work that stands still', () => {
  function* counting(name: string, steps: number, done: string[]): Steps<string> {
    for (let step = 1; step < steps; step += 1) {
      done.push(name);
      yield;
    }
    return name;
  }

  it('takes its first step at once and each further one in a turn of its own, in turn with the others', async () => {
    const done: string[] = [];
    const results = [inTurns(counting('a', 4, done)), inTurns(counting('b', 4, done))];
    expect(done).toEqual(['a', 'b']);
    let turns = 0;
    while (done.length < 6) {
      const before = done.length;
      await nextTurn();
      turns += 1;
      expect(done.length - before).toBeLessThanOrEqual(1);
    }
    expect(turns).toBeGreaterThanOrEqual(4);
    expect(done).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
    expect(await Promise.all(results)).toEqual(['a', 'b']);
  });

  it('rejects with what it throws, and leaves the others their turns', async () => {
    function* failing(): Steps<never> {
      yield;
      throw new Error('broken');
    }
    const done: string[] = [];
    const [failed, other] = [inTurns(failing()), inTurns(counting('b', 4, done))];
    await expect(failed).rejects.toThrow('broken');
    expect(await other).toBe('b');
  });

  it('is done in one go where nobody waits', () => {
    expect(atOnce(counting('a', 9, []))).toBe('a');
  });
});

it('an allowance is used up within a turn, and whole in the next', async () => {
  const may = createTurnAllowance(3);
  const asked = () => [may(), may(), may(), may(), may()];
  expect(asked()).toEqual([true, true, true, false, false]);
  await nextTurn();
  await nextTurn();
  expect(asked()).toEqual([true, true, true, false, false]);
});
