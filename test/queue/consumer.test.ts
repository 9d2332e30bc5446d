import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createPostpone } from '../../src/queue/client.ts';
import type { ConsumerOptions } from '../../src/queue/consumer.ts';
import { openQueue } from '../../src/queue/index.ts';
import { consume, eventStorm, house, isEmpty, untilEmpty } from '../support/event-storm.ts';
import { startQueue } from '../support/queue-stand-in.ts';
import { createRecordingCdn } from '../support/recording-cdn.ts';
import { s3Notification } from '../support/s3-events.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const signal = new AbortController().signal;

describe('events, shuffled and each two to four times', () => {
  it('end in the state of the ordered ones, and none is lost', async () => {
    const { messages, ordered, shuffled, dead } = await eventStorm(200);
    expect(messages).toBeGreaterThan(500);
    expect(shuffled).toEqual(ordered);
    expect(Object.keys(shuffled).length).toBeGreaterThan(50);
    expect(dead).toBe(0);
  });
});

describe('poison', () => {
  it('ends in the dead-letter queue after its tries, and nothing else does', async () => {
    const queue = await startQueue({ maxReceiveCount: 5 });
    const { createHandler, originals, storedVariants, telemetry } = await house();
    const keys = Array.from({ length: 30 }, (_, index) => `${index}.jpg`);
    for (const key of keys) await originals.put(key, Buffer.from(key));
    const poison = ['not JSON', '{"Records":[{"eventVersion":"9.0"}]}', '{"fovea":"explode"}'];
    const good = keys.map((key, index) => s3Notification({ kind: 'created', key, sequencer: `0${index}` }));
    await queue.send([...good.slice(0, 15), ...poison, ...good.slice(15)]);
    consume(queue, createHandler());
    await untilEmpty(queue);
    expect((await queue.dead()).sort()).toEqual([...poison].sort());
    expect(new Set(Object.keys(await storedVariants()).map((key) => key.split('/')[0]))).toEqual(new Set(keys));
    const unreadable = telemetry.events.filter((event) => event.type === 'message' && event.outcome === 'unreadable');
    expect(unreadable).toHaveLength(3 * 5);
  });
});

describe('a message in hand', () => {
  it('stays hidden for as long as the work takes, and is deleted once', async () => {
    const queue = await startQueue({ visibilitySeconds: 1 });
    let begun = 0;
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const handle: ConsumerOptions['handle'] = async () => {
      begun += 1;
      await finished;
      return 'done';
    };
    await queue.send([s3Notification({ kind: 'removed', key: 'cat.jpg' })]);
    consume(queue, handle, { visibilitySeconds: 1 });
    await expect.poll(() => begun).toBe(1);
    // Another consumer looks for it all the time, for three times as long as it would be hidden without extension.
    const until = performance.now() + 3000;
    let seen = 0;
    while (performance.now() < until) {
      const poll = new ReceiveMessageCommand({ QueueUrl: queue.queueUrl, WaitTimeSeconds: 1 });
      seen += (await queue.client.send(poll)).Messages?.length ?? 0;
    }
    expect(seen).toBe(0);
    finish();
    await untilEmpty(queue);
    expect(begun).toBe(1);
  });

  it('whose consumer dies between the work and the delete is done again, with the same end', async () => {
    const queue = await startQueue();
    const { createHandler, originals, storedVariants, renderer } = await house();
    await originals.put('cat.jpg', Buffer.from('a cat'));
    await queue.send([s3Notification({ kind: 'created', key: 'cat.jpg', sequencer: '01' })]);
    const take = new ReceiveMessageCommand({ QueueUrl: queue.queueUrl, VisibilityTimeout: 1 });
    const [message] = (await queue.client.send(take)).Messages ?? [];
    expect(await createHandler()({ id: '1', body: message?.Body ?? '' }, signal)).toBe('done');
    const before = await storedVariants();
    expect(Object.keys(before)).not.toHaveLength(0);
    // It was never deleted: another process, which knows nothing of the first, gets it.
    consume(queue, createHandler());
    await untilEmpty(queue);
    expect(await storedVariants()).toEqual(before);
    expect(renderer.renders.length).toBe(2 * Object.keys(before).length);
  });

  it('that fails does not fail its batch: the others are deleted, and it comes again', async () => {
    const queue = await startQueue();
    const handled: string[] = [];
    const failing = new Set(['3']);
    const handle: ConsumerOptions['handle'] = async ({ body }) => {
      handled.push(body);
      return failing.delete(body) ? 'retry' : 'done';
    };
    await queue.send(['1', '2', '3', '4', '5']);
    consume(queue, handle);
    await untilEmpty(queue);
    expect(handled.sort()).toEqual(['1', '2', '3', '3', '4', '5']);
  });
});

describe('a consumer', () => {
  it('has ten messages in hand at most', async () => {
    const queue = await startQueue();
    let [inHand, most] = [0, 0];
    await queue.send(Array.from({ length: 45 }, (_, index) => String(index)));
    consume(queue, async () => {
      inHand += 1;
      most = Math.max(most, inHand);
      await new Promise((resolve) => setImmediate(resolve));
      inHand -= 1;
      return 'done';
    });
    await untilEmpty(queue);
    expect(most).toBe(10);
  });

  it('that is stopped finishes what it has in hand, deletes it, and takes no more', async () => {
    const queue = await startQueue();
    let begun = 0;
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    await queue.send(Array.from({ length: 25 }, (_, index) => String(index)));
    const { consumer } = consume(queue, async () => {
      begun += 1;
      await finished;
      return 'done';
    });
    await expect.poll(() => begun).toBeGreaterThan(0);
    const stopped = consumer.stop();
    finish();
    await stopped;
    const { visible, inHand } = await queue.count();
    expect([visible + inHand, inHand]).toEqual([25 - begun, 0]);
  });

  it('that waits for nothing stops at once', async () => {
    const queue = await startQueue();
    const { consumer } = consume(queue, async () => 'done', { waitSeconds: 20 });
    const started = performance.now();
    await consumer.stop();
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('says how many messages there are and how old the one in hand is', async () => {
    const queue = await startQueue();
    let age = Number.NaN;
    await queue.send(Array.from({ length: 30 }, (_, index) => String(index)));
    const { consumer } = consume(queue, async () => {
      age = consumer.ageSeconds();
      return 'done';
    });
    await expect.poll(() => consumer.depth()).toBeGreaterThan(0);
    await untilEmpty(queue);
    expect(age).toBeGreaterThanOrEqual(0);
    await expect.poll(() => consumer.ageSeconds()).toBe(0);
  });

  it('whose queue cannot be reached reports it, and does not ask in a tight loop', async () => {
    const queue = await startQueue();
    const { telemetry } = consume(queue, async () => 'done', { queueUrl: `${queue.queueUrl}-of-nobody` });
    const faults = () => telemetry.events.filter((event) => event.type === 'tier-fault' && event.tier === 'queue');
    await expect.poll(() => faults().length).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(faults().length).toBeLessThan(5);
  });
});

/** As a service connects to its queue: by its URL and what the environment says. */
function connect({ endpoint, queueUrl }: Awaited<ReturnType<typeof startQueue>>, url = queueUrl) {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'x').stubEnv('AWS_SECRET_ACCESS_KEY', 'y');
  onTestFinished(() => void vi.unstubAllEnvs());
  return openQueue({ queueUrl: url, endpoint });
}

describe('the second purge of the CDN, with a queue', () => {
  it('waits in the queue, so that it outlives the process that asked for it', async () => {
    const stand = await startQueue();
    const open = () => connect(stand);
    const first = createRecordingCdn();
    const config = { originalTtlMs: 0 };
    const asking = await createPixelFreeService({ cdn: first, queue: await open(), config });
    await asking.service.variants.purge({ keys: ['cat.jpg'] }, { signal, reference: 'r' });
    await asking.service.close();
    expect(first.calls.map(({ reference }) => reference)).toEqual(['r']);
    expect((await stand.count()).delayed).toBe(1);

    const second = createRecordingCdn();
    const working = await createPixelFreeService({ cdn: second, queue: await open(), config });
    working.service.consumer?.start();
    await expect.poll(() => second.calls).toEqual([{ tags: first.calls[0]?.tags, reference: 'r again' }]);
    await working.service.close();
    expect(await isEmpty(stand)).toBe(true);
  });

  it('is held back for 15 minutes at a time', async () => {
    const queue = await startQueue();
    const postpone = createPostpone(queue.client, queue.queueUrl, () => 0);
    await postpone({ tags: ['o:1'], reference: 'r', dueAt: 86_400_000 }, signal);
    expect(await queue.count()).toEqual({ visible: 0, inHand: 0, delayed: 1 });
  });

  it('is remembered by the process when the queue does not take it', async () => {
    const stand = await startQueue();
    const queue = await connect(stand, `${stand.queueUrl}-of-nobody`);
    const cdn = createRecordingCdn();
    const { service, telemetry } = await createPixelFreeService({ cdn, queue });
    await service.variants.purge({ keys: ['cat.jpg'] }, { signal, reference: 'r' });
    expect(telemetry.events).toContainEqual(expect.objectContaining({ type: 'tier-fault', tier: 'queue' }));
    await service.close();
    expect(cdn.calls.map(({ reference }) => reference)).toEqual(['r', 'r again']);
  });
});
