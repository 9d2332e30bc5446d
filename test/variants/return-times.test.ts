import { expect, it } from 'vitest';
import { createReturnTimes } from '../../src/variants/deliver/return-times.ts';

/** Neither sooner nor later. */
const onTime = () => 0.5;

function house(slots: number, pieceMs: number, random = onTime) {
  let nowMs = 0;
  const times = createReturnTimes({ slots, clock: { now: () => nowMs }, random });
  for (let count = 0; count < 100; count += 1) times.finished(pieceMs);
  return {
    times,
    pass(ms: number) {
      nowMs += ms;
    },
  };
}

it('sends away as many for each second as are finished in one', () => {
  const { times } = house(4, 200);
  // Twenty a second.
  const seconds = Array.from({ length: 100 }, () => times.next(0));
  const count = (second: number) => seconds.filter((one) => one === second).length;
  for (const each of [1, 2, 3, 4, 5].map(count)) expect(Math.abs(each - 20)).toBeLessThanOrEqual(1);
});

it('counts those who wait already', () => {
  expect(house(4, 200).times.next(64)).toBe(4);
  expect(house(4, 2000).times.next(40)).toBe(21);
});

it('forgets those whose time has come', () => {
  const { times, pass } = house(4, 200);
  for (let count = 0; count < 100; count += 1) times.next(0);
  pass(3_000);
  expect(times.next(0)).toBe(3);
  pass(60_000);
  expect(times.next(0)).toBe(1);
});

it('goes by what work has taken of late', () => {
  const { times } = house(2, 100);
  expect(times.next(10)).toBe(1);
  for (let count = 0; count < 30; count += 1) times.finished(2_000);
  expect(times.next(10)).toBe(11);
});

it('scatters those who were refused at the same moment', () => {
  const draws = [0, 0.34, 0.99];
  const { times } = house(1_000, 1, () => draws.shift() ?? 0);
  const waiting = 4_500_000;
  expect([times.next(waiting), times.next(waiting), times.next(waiting)]).toEqual([4, 5, 6]);
});

it('sends nobody away for less than a second, or for more than half a minute', () => {
  for (const draw of [0, 0.99]) {
    expect(house(4, 1, () => draw).times.next(0)).toBeGreaterThanOrEqual(1);
    expect(house(1, 10_000, () => draw).times.next(1_000)).toBeLessThanOrEqual(30);
  }
});
