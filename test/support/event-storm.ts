import { expect, onTestFinished } from 'vitest';
import { defaultGrammarOptions } from '../../src/grammar/index.ts';
import { type ConsumerOptions, createConsumer } from '../../src/queue/consumer.ts';
import { handleMessage, type MessageWork } from '../../src/queue/message-handler.ts';
import { createEventOrder } from '../../src/queue/order.ts';
import type { ObjectStore } from '../../src/storage/index.ts';
import { sourceOfVariantKey, transformsToWarm } from '../../src/variants/index.ts';
import { createMemoryStore } from './memory-store.ts';
import { startQueue } from './queue-stand-in.ts';
import { type EventFacts, s3Notification } from './s3-events.ts';
import { createPixelFreeService, createRecordingTelemetry } from './test-service.ts';

type Queue = Awaited<ReturnType<typeof startQueue>>;

/** A consumer that waits briefly and tries again at once. */
export function consume(queue: Queue, handle: ConsumerOptions['handle'], options: Partial<ConsumerOptions> = {}) {
  const telemetry = createRecordingTelemetry();
  const consumer = createConsumer({
    client: queue.client,
    queueUrl: queue.queueUrl,
    handle,
    telemetry,
    concurrency: 10,
    waitSeconds: 1,
    visibilitySeconds: 30,
    retryDelaySeconds: () => 0,
    messageTimeoutMs: 20_000,
    ...options,
  });
  consumer.start();
  onTestFinished(() => consumer.stop());
  return { consumer, telemetry };
}

/** Whether the queue has nothing left, in hand and held back included. */
export const isEmpty = async (queue: Queue) => {
  const { visible, inHand, delayed } = await queue.count();
  return visible + inHand + delayed === 0;
};
export const untilEmpty = (queue: Queue, timeout = 15_000) =>
  expect.poll(() => isEmpty(queue), { timeout, interval: 50 }).toBe(true);

/** A service, its stores, and a handler that works on it. */
export async function house(originals: ObjectStore = createMemoryStore()) {
  const variants = createMemoryStore();
  const built = await createPixelFreeService({ originals, variants });
  const createHandler = (): ConsumerOptions['handle'] => {
    const work: MessageWork = {
      variants: built.service.variants,
      edge: { repeat: async () => undefined },
      postpone: async () => undefined,
      order: createEventOrder(),
      originals: [{ bucket: 'pictures', prefix: '', keys: '' }],
      toWarm: (key) => transformsToWarm(key, ['w_1'], defaultGrammarOptions),
      telemetry: built.telemetry,
      now: Date.now,
    };
    return (message, signal) => handleMessage(work, message, signal);
  };
  async function storedVariants(): Promise<Record<string, string>> {
    await built.service.variants.settled();
    const stored: Record<string, string> = {};
    for await (const { key, etag } of variants.list('')) if (sourceOfVariantKey(key) !== undefined) stored[key] = etag;
    return stored;
  }
  return { originals, variants, createHandler, storedVariants, ...built };
}

/** Numbers that look random and are the same at each run. */
function createDice(seed: number) {
  let state = seed;
  return (sides: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * sides);
  };
}

function shuffled<Item>(items: readonly Item[], dice: (sides: number) => number): Item[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = dice(index + 1);
    const [a, b] = [result[index], result[other]];
    if (a !== undefined && b !== undefined) [result[index], result[other]] = [b, a];
  }
  return result;
}

interface Change extends EventFacts {
  readonly content: string;
}

/** A history of 200 originals, of so many changes: created, overwritten and removed, each change with its place in the order. */
function history(count: number, dice: (sides: number) => number): readonly Change[] {
  return Array.from({ length: count }, (_, index): Change => {
    const kind = dice(4) === 0 ? 'removed' : 'created';
    const sequencer = (0x5500_0000_0000 + index * 7).toString(16).toUpperCase();
    return { kind, key: `folder ${dice(5)}/a+b%${dice(40)}.jpg`, sequencer, content: `picture ${index}` };
  });
}

async function apply(originals: ObjectStore, { kind, key, content }: Change): Promise<void> {
  if (kind === 'removed') await originals.delete([key]);
  else await originals.put(key, Buffer.from(content));
}

/** What came of a storm of events. */
export interface EventStormResult {
  /** Messages that were sent: each event two to four times. */
  readonly messages: number;
  /** Stored variants, by key, after the events in order and after them shuffled and repeated. */
  readonly ordered: Readonly<Record<string, string>>;
  readonly shuffled: Readonly<Record<string, string>>;
  /** Messages that ended in the dead-letter queue. */
  readonly dead: number;
}

/** Sends the events of so many changes through a queue, shuffled and each two to four times, and once each in order past it. */
export async function eventStorm(count: number): Promise<EventStormResult> {
  const dice = createDice(26);
  const changes = history(count, dice);
  const ordered = await house();
  const inOrder = ordered.createHandler();
  for (const change of changes) {
    await apply(ordered.originals, change);
    await inOrder({ id: '', body: s3Notification(change) }, new AbortController().signal);
  }
  const middle = Math.floor(count * 0.6);
  const shuffledHouse = await house();
  for (const change of changes.slice(0, middle)) await apply(shuffledHouse.originals, change);
  // Variants of what was there in the middle of it: most of them stale by the end.
  for await (const { key } of shuffledHouse.originals.list('')) {
    await shuffledHouse.ask(`/w_1/v1/${key.split('/').map(encodeURIComponent).join('/')}`);
  }
  for (const change of changes.slice(middle)) await apply(shuffledHouse.originals, change);

  const queue = await startQueue();
  const bodies = shuffled(
    changes.flatMap((change) => Array.from({ length: 2 + dice(3) }, () => s3Notification(change))),
    dice,
  );
  await queue.send(bodies);
  consume(queue, shuffledHouse.createHandler());
  await untilEmpty(queue, 240_000);
  return {
    messages: bodies.length,
    ordered: await ordered.storedVariants(),
    shuffled: await shuffledHouse.storedVariants(),
    dead: (await queue.dead()).length,
  };
}
