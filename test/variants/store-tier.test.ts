import { expect, it } from 'vitest';
import type { TelemetryEvent } from '../../src/telemetry.ts';
import { type RenderingRules, renderingName, variantPrefix } from '../../src/variants/identify/identity.ts';
import { createSending } from '../../src/variants/tiers/sending.ts';
import { createStoreTier } from '../../src/variants/tiers/store-tier.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPausingStore } from '../support/pausing-store.ts';

const sending = createSending(1024 * 1024);
const never = new AbortController().signal;

it('visitors who leave while it reads are no fault of it, and others go on being read from it', async () => {
  const store = createPausingStore(createMemoryStore());
  await store.put('cat', Buffer.from('cat'), {
    contentType: 'image/png',
    metadata: {
      'fovea-version': 'one',
      'fovea-rendering': renderingName({ keepAiMark: true, isOpen: true }),
      'fovea-etag': 'e',
      'fovea-modified': new Date(0).toISOString(),
    },
  });
  const events: TelemetryEvent[] = [];
  const tier = createStoreTier({
    store,
    telemetry: { report: (event) => void events.push(event) },
    cacheControl: '',
    sending,
  });
  for (let visitor = 0; visitor < 10; visitor += 1) {
    const { reached, release } = store.pauseNext('get');
    const leaving = new AbortController();
    const read = tier.read('cat', leaving.signal);
    await reached;
    leaving.abort();
    await expect(read).rejects.toMatchObject({ kind: 'cancelled' });
    release();
  }
  expect(await tier.read('cat', never)).toMatchObject({ version: 'one' });
  expect(events).toEqual([]);
});

it('serves what was stored under the same rules only: of keeping marks, and of sending an original as it is', async () => {
  const key = `${variantPrefix('members/cat.png')}q_100`;
  const stored = async (written: RenderingRules, read: RenderingRules) => {
    const store = createMemoryStore();
    await store.put(key, Buffer.from('cat'), {
      contentType: 'image/png',
      metadata: {
        'fovea-version': 'one',
        'fovea-rendering': renderingName(written),
        'fovea-etag': 'e',
        'fovea-modified': new Date(0).toISOString(),
      },
    });
    const rendering = (source: string) => (source === 'members/cat.png' ? renderingName(read) : 'of another');
    const tier = createStoreTier({
      store,
      telemetry: { report: () => undefined },
      cacheControl: '',
      sending,
      rendering,
    });
    return (await tier.read(key, never)) !== undefined;
  };
  const both = [true, false];
  const rules = both.flatMap((keepAiMark) => both.map((isOpen) => ({ keepAiMark, isOpen })));
  for (const written of rules) {
    for (const read of rules) expect(await stored(written, read)).toBe(written === read);
  }
});
