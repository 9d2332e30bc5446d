import { expect, test } from 'vitest';
import { readAtMost } from '../src/bounded-read.ts';

const chunks = [Buffer.from('abc'), Buffer.from('def')];

/** Chunks that count how many were taken, and notice being left. */
function counted() {
  const taken = { chunks: 0, isLeft: false };
  async function* body() {
    try {
      for (;;) {
        taken.chunks += 1;
        yield Buffer.from('abc');
      }
    } finally {
      taken.isLeft = true;
    }
  }
  return { body: body(), taken };
}

test.each([undefined, 6])('reads a body of exactly the limit (announced: %s)', async (announced) => {
  const { bytes, seen } = await readAtMost(chunks, 6, announced);
  expect([bytes.toString(), seen]).toEqual(['abcdef', 6]);
});

test.each([undefined, 3, 10])('leaves a longer body at the limit (announced: %s)', async (announced) => {
  const { body, taken } = counted();
  expect((await readAtMost(body, 7, announced)).seen).toBe(9);
  expect(taken).toEqual({ chunks: 3, isLeft: true });
});

test('takes no more memory than the limit, whatever is announced', async () => {
  expect((await readAtMost([], 6, 2 ** 40)).bytes.byteLength).toBe(6);
});

test.each([2, 4, 9])('tells how much came where %s bytes were announced', async (announced) => {
  expect((await readAtMost(chunks, 100, announced)).seen).toBe(6);
});
