import { expect, it } from 'vitest';
import { eventStorm } from '../support/event-storm.ts';
import { recordFigure } from '../support/figures.ts';

it('ten thousand events, shuffled and each two to four times, end in the state of the ordered ones', async () => {
  const { messages, ordered, shuffled, dead } = await eventStorm(3_500);
  const keys = new Set([...Object.keys(ordered), ...Object.keys(shuffled)]);
  const different = [...keys].filter((key) => ordered[key] !== shuffled[key]).length;
  recordFigure(
    26,
    `${messages} messages shuffled: ${different} of ${keys.size} stored variants differ from the ordered end, ${dead} dead letters`,
  );
  expect(messages).toBeGreaterThan(10_000);
  expect(shuffled).toEqual(ordered);
  expect(keys.size).toBeGreaterThan(100);
  expect(dead).toBe(0);
});
