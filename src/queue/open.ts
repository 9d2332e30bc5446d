import type { ResolvedTransform } from '../grammar/index.ts';
import type { Telemetry } from '../telemetry.ts';
import type { EdgePurges, Postpone, Variants } from '../variants/index.ts';
import type { QueueAddress } from './client.ts';
import type { Consumer } from './consumer.ts';
import { createMessageHandler, type MessageHandler, type MessageHandlerParts } from './message-handler.ts';
import { createEventOrder } from './order.ts';

export interface QueueWork {
  readonly variants: Pick<Variants, 'purge' | 'purgeIfKnown' | 'warm'>;
  readonly edge: Pick<EdgePurges, 'repeat'>;
  readonly originals: MessageHandlerParts['originals'];
  readonly toWarm: (key: string) => readonly ResolvedTransform[];
  readonly telemetry: Telemetry;
}

/** The queue of S3's notifications and of our own jobs. */
export interface Queue {
  readonly postpone: Postpone;
  /** For whoever gets messages otherwise, such as a Lambda function with an SQS trigger. */
  createHandler(work: QueueWork): MessageHandler;
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
  const client = createSqsClient(address);
  const postpone = createPostpone(client, queueUrl, Date.now);
  const createHandler = (work: QueueWork) =>
    createMessageHandler({ ...work, postpone, order: createEventOrder(), now: Date.now });
  return {
    postpone,
    createHandler,
    createConsumer: (work) =>
      createConsumer({
        client,
        queueUrl,
        handle: createHandler(work),
        telemetry: work.telemetry,
        concurrency,
        waitSeconds,
        visibilitySeconds,
        retryDelaySeconds,
        messageTimeoutMs,
      }),
    count: (signal) => countMessages(client, queueUrl, signal),
    close: () => client.destroy(),
  };
}
