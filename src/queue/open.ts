import type { Postpone } from '../variants/index.ts';
import type { QueueAddress } from './client.ts';
import type { Consumer } from './consumer.ts';
import { handleMessage, type MessageWork } from './message-handler.ts';
import { createEventOrder } from './order.ts';

/** What messages are about, and who does it. */
export type QueueWork = Omit<MessageWork, 'postpone' | 'order' | 'now'>;

/** The queue of S3's notifications and of our own jobs. */
export interface Queue {
  readonly postpone: Postpone;
  createConsumer(work: QueueWork): Consumer;
  /** Messages in it, those under way and those held back among them. */
  count(signal: AbortSignal): Promise<number>;
  close(): void;
}

/** What a message in hand costs is mostly waiting; renders are bounded by admission. */
const concurrency = 10;
const waitSeconds = 20;
const visibilitySeconds = 60;
const messageTimeoutMs = 15 * 60_000;
/** 10 s, 20 s, … 160 s: five tries outlast an outage of five minutes. */
const retryDelaySeconds = (receiveCount: number) => Math.min(300, 5 * 2 ** receiveCount);

/**
 * Connects to a queue; nothing is read before its consumer is started.
 *
 * @example
 * const queue = await openQueue({ queueUrl: 'https://sqs.eu-central-1.amazonaws.com/1/events' });
 * const consumer = queue.createConsumer(work);
 * consumer.start();
 */
export async function openQueue(address: QueueAddress): Promise<Queue> {
  // Only here, so that a service without a queue starts without loading the AWS SDK.
  const [{ countMessages, createPostpone, createSqsClient }, { createConsumer }] = await Promise.all([
    import('./client.ts'),
    import('./consumer.ts'),
  ]);
  const { queueUrl } = address;
  const client = await createSqsClient(address);
  const postpone = createPostpone(client, queueUrl, Date.now);
  return {
    postpone,
    createConsumer(queueWork) {
      const work: MessageWork = { ...queueWork, postpone, order: createEventOrder(), now: Date.now };
      return createConsumer({
        client,
        queueUrl,
        handle: (message, signal) => handleMessage(work, message, signal),
        telemetry: work.telemetry,
        concurrency,
        waitSeconds,
        visibilitySeconds,
        retryDelaySeconds,
        messageTimeoutMs,
      });
    },
    count: (signal) => countMessages(client, queueUrl, signal),
    close: () => client.destroy(),
  };
}
