import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { createTestUploads, live, picture } from '../support/uploads.ts';

const jpeg = await picture();

/** Brings so much, and then no more, without an end. */
async function* stuck(bytes: Uint8Array) {
  yield bytes;
  await new Promise(() => undefined);
}

test('a body that takes too long for one request is kept as far as it came, and its client hears where to go on', async () => {
  const its = createTestUploads({ restMs: 20 });
  const caller = { owner: undefined, signal: live() };
  const { batch } = await its.uploads.promise({ bytes: jpeg.byteLength }, { expiresSeconds: 60, signal: live() });
  const send = (offset: number, body: AsyncIterable<Uint8Array>) =>
    its.uploads.resume(batch, { offset, body: Readable.from(body, { objectMode: false }) }, caller);
  expect(await send(0, stuck(jpeg.subarray(0, 100)))).toMatchObject({ state: 'open', offset: 100 });
  expect(await send(100, stuck(jpeg.subarray(100, 150)))).toMatchObject({ state: 'open', offset: 150 });
  expect(await send(150, stuck(jpeg.subarray(150)))).toMatchObject({ state: 'published', length: jpeg.byteLength });
});
