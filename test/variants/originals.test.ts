import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import type { ObjectStore } from '../../src/storage/index.ts';
import { versionOf } from '../../src/variants/identify/identity.ts';
import { createOriginals } from '../../src/variants/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createRecordingTelemetry } from '../support/test-service.ts';

const bytes = Buffer.alloc(1_000, 'cat');
const never = new AbortController().signal;

/** A store whose bodies arrive a byte at a time, with a pause before each. */
async function trickling(pauseMs: number) {
  const store = createMemoryStore();
  const info = await store.put('cat.jpg', bytes);
  if (info === undefined) throw new Error('A put without conditions is done.');
  const get: ObjectStore['get'] = async (key, options) => {
    const object = await store.get(key, options);
    async function* slowly() {
      for (const byte of bytes) {
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        yield Buffer.from([byte]);
      }
    }
    return object && { info: object.info, body: Readable.from(slowly(), { objectMode: false }) };
  };
  return { get, version: versionOf(info).version };
}

it('an original that trickles in is given up at the deadline, however steadily it comes', async () => {
  // All of it would take as long as the test may, and more.
  const { get, version } = await trickling(100);
  const originals = createOriginals({
    store: { get },
    maxBytes: 10_000,
    holdBytes: 10_000,
    telemetry: createRecordingTelemetry(),
    fetchTimeoutMs: 200,
  });
  const began = performance.now();
  await expect(originals.fetch('cat.jpg', version, never)).rejects.toMatchObject({ kind: 'timeout' });
  expect(performance.now() - began).toBeGreaterThan(150);
});

it('one that comes at a walk arrives whole', async () => {
  const { get, version } = await trickling(0);
  const originals = createOriginals({
    store: { get },
    maxBytes: 10_000,
    holdBytes: 10_000,
    telemetry: createRecordingTelemetry(),
    fetchTimeoutMs: 60_000,
  });
  expect(await originals.fetch('cat.jpg', version, never)).toEqual(bytes);
});
