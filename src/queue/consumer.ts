import type { SQSClient, Message as SqsMessage } from '@aws-sdk/client-sqs';
import { Consumer as SqsConsumer } from 'sqs-consumer';
import type { Telemetry } from '../telemetry.ts';
import { countMessages, sqsFailure } from './client.ts';
import type { MessageHandler } from './message-handler.ts';

export interface ConsumerOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly handle: MessageHandler;
  readonly telemetry: Telemetry;
  /** Messages in hand at once, 1 to 10. */
  readonly concurrency: number;
  /** Seconds that a poll waits for a message, 1 to 20. */
  readonly waitSeconds: number;
  /** Seconds that a message in hand is hidden from others; extended for as long as the work takes. */
  readonly visibilitySeconds: number;
  /** Seconds until a failed message comes again, by how often it came. */
  readonly retryDelaySeconds: (receiveCount: number) => number;
  /** Milliseconds that one message may take in all. */
  readonly messageTimeoutMs: number;
}

/** Reads the queue until it is stopped. */
export interface Consumer {
  start(): void;
  /** Takes no more messages and resolves when those in hand are done; what takes longer than a while comes again. */
  stop(): Promise<void>;
  /** Messages in the queue when last asked. */
  depth(): number;
  /** Seconds that the oldest message in hand has waited; 0 when the queue was empty. */
  ageSeconds(): number;
}

/** At shutdown messages in hand get so long. */
const drainTimeoutMs = 20_000;
/** A queue that cannot be reached is asked again after so long. */
const faultPauseMs = 5000;
const depthIntervalMs = 15_000;

export function createConsumer(options: ConsumerOptions): Consumer {
  const { client, queueUrl, handle, telemetry, visibilitySeconds } = options;
  const closing = new AbortController();
  let [depth, ageSeconds, inHand, depthAskedAt] = [0, 0, 0, Number.NEGATIVE_INFINITY];
  let whenIdle: (() => void) | undefined;

  function reportFault(operation: string, error: unknown): void {
    if (!closing.signal.aborted) telemetry.report({ type: 'tier-fault', tier: 'queue', operation, error });
  }

  async function handleMessage(message: SqsMessage): Promise<SqsMessage> {
    const sentAt = Number(message.Attributes?.SentTimestamp ?? Date.now());
    ageSeconds = Math.max(ageSeconds, (Date.now() - sentAt) / 1000);
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(options.messageTimeoutMs)]);
    const outcome = await handle({ id: message.MessageId ?? '', body: message.Body ?? '' }, signal);
    // Throwing is how the library is told to keep a message; why has been reported.
    if (outcome === 'retry') throw new Error('to be tried again');
    return message;
  }

  const consumer = SqsConsumer.create({
    sqs: client,
    queueUrl,
    batchSize: options.concurrency,
    waitTimeSeconds: options.waitSeconds,
    visibilityTimeout: visibilitySeconds,
    heartbeatInterval: visibilitySeconds / 3,
    messageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
    terminateVisibilityTimeout: ([message]) =>
      options.retryDelaySeconds(Number(message?.Attributes?.ApproximateReceiveCount ?? 1)),
    handleMessage,
    strictReturn: true,
  });

  function refreshDepth(): void {
    if (performance.now() - depthAskedAt < depthIntervalMs || closing.signal.aborted) return;
    depthAskedAt = performance.now();
    countMessages(client, queueUrl).then(
      (count) => {
        depth = count;
      },
      (error: unknown) => reportFault('depth', error),
    );
  }

  function becomeIdle(): void {
    inHand = 0;
    whenIdle?.();
    refreshDepth();
  }

  consumer.on('message_received', () => {
    inHand += 1;
    consumer.updateOption('pollingWaitTimeMs', 0);
  });
  consumer.on('response_processed', () => {
    ageSeconds = 0;
    becomeIdle();
  });
  consumer.on('empty', () => {
    consumer.updateOption('pollingWaitTimeMs', 0);
    becomeIdle();
  });
  consumer.on('error', (error, message) => {
    reportFault(message === undefined ? 'receive' : 'acknowledge', sqsFailure(error));
    // Without it an unreachable queue is asked in a tight loop.
    if (message === undefined) consumer.updateOption('pollingWaitTimeMs', faultPauseMs);
  });
  // Reported by the handler; without a listener an emitter would throw.
  consumer.on('processing_error', () => undefined);

  async function drained(): Promise<void> {
    if (inHand === 0) return;
    await new Promise<void>((resolve) => {
      whenIdle = resolve;
      setTimeout(() => closing.abort(), drainTimeoutMs).unref();
    });
  }

  return {
    start: () => consumer.start(),
    async stop() {
      // Waiting for nothing, a poll may be cut; with messages in hand it must not, or they could not be deleted.
      consumer.stop({ abort: inHand === 0 });
      await drained();
      closing.abort();
    },
    depth: () => depth,
    ageSeconds: () => ageSeconds,
  };
}
