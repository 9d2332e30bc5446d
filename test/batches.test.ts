import { expect, test } from 'vitest';
import { batchesAsTheyCome, batchesOf } from '../src/batches.ts';

async function* arriving(count: number) {
  for (let item = 1; item <= count; item += 1) yield item;
}

test.each([
  [0, []],
  [2, [[1, 2]]],
  [3, [[1, 2, 3]]],
  [7, [[1, 2, 3], [4, 5, 6], [7]]],
])('%i items come in pieces of three, in their order, whether they are there or arrive', async (count, pieces) => {
  const items = Array.from({ length: count }, (_, index) => index + 1);
  expect([...batchesOf(items, 3)]).toEqual(pieces);
  const arrived: unknown[] = [];
  for await (const piece of batchesAsTheyCome(arriving(count), 3)) arrived.push(piece);
  expect(arrived).toEqual(pieces);
});

test('a piece is handed on before what follows it is asked for', async () => {
  let asked = 0;
  async function* counted() {
    for await (const item of arriving(9)) {
      asked += 1;
      yield item;
    }
  }
  await batchesAsTheyCome(counted(), 3).next();
  expect(asked).toBe(3);
});
