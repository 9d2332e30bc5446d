import type { SQSClient, Message as SqsMessage } from '@aws-sdk/client-sqs';
import { Consumer as SqsConsumer } from 'sqs-consumer';
import { startDeadline } from '../deadline.ts';
import type { Telemetry } from '../telemetry.ts';
import { countMessages, sqsFailure } from './client.ts';
import type { Message } from './message-handler.ts';

export interface ConsumerOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** Whether the message may be deleted, or must come again. Never throws. */
  readonly handle: (message: Message, signal: AbortSignal) => Promise<'done' | 'retry'>;
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

/** What a consumer remembers between two messages. */
interface ConsumerState {
  readonly closing: AbortController;
  /** Messages in hand that have not been acknowledged as a batch. */
  inHand: number;
  ageSeconds: number;
  depth: number;
  /** By the monotonic clock. */
  depthAskedAt: number;
}

export function createConsumer(options: ConsumerOptions): Consumer {
  const state: ConsumerState = {
    closing: new AbortController(),
    inHand: 0,
    ageSeconds: 0,
    depth: 0,
    depthAskedAt: Number.NEGATIVE_INFINITY,
  };
  const reader = createReader(options, state);
  followReader(reader, options, state);
  return {
    start: () => reader.start(),
    stop: () => stop(reader, state),
    depth: () => state.depth,
    ageSeconds: () => state.ageSeconds,
  };
}

/** The library's part: polling, hiding messages for as long as the work takes, deleting what is done. */
function createReader(options: ConsumerOptions, state: ConsumerState): SqsConsumer {
  const { client, queueUrl, visibilitySeconds } = options;
  return SqsConsumer.create({
    sqs: client,
    queueUrl,
    batchSize: options.concurrency,
    waitTimeSeconds: options.waitSeconds,
    visibilityTimeout: visibilitySeconds,
    heartbeatInterval: visibilitySeconds / 3,
    messageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
    terminateVisibilityTimeout: ([message]) =>
      options.retryDelaySeconds(Number(message?.Attributes?.ApproximateReceiveCount ?? 1)),
    handleMessage: (message) => takeMessage(options, state, message),
    strictReturn: true,
  });
}

async function takeMessage(options: ConsumerOptions, state: ConsumerState, message: SqsMessage): Promise<SqsMessage> {
  const sentAt = Number(message.Attributes?.SentTimestamp ?? Date.now());
  state.ageSeconds = Math.max(state.ageSeconds, (Date.now() - sentAt) / 1000);
  const deadline = startDeadline({ ms: options.messageTimeoutMs, signal: state.closing.signal });
  try {
    const outcome = await options.handle({ id: message.MessageId ?? '', body: message.Body ?? '' }, deadline.signal);
    // Throwing is how the library is told to keep a message; why has been reported.
    if (outcome === 'retry') throw new Error('to be tried again');
    return message;
  } finally {
    deadline.stop();
  }
}

function followReader(reader: SqsConsumer, options: ConsumerOptions, state: ConsumerState): void {
  reader.on('message_received', () => {
    state.inHand += 1;
    reader.updateOption('pollingWaitTimeMs', 0);
  });
  reader.on('response_processed', () => {
    state.inHand = 0;
    state.ageSeconds = 0;
    refreshDepth(options, state);
  });
  reader.on('empty', () => {
    reader.updateOption('pollingWaitTimeMs', 0);
    refreshDepth(options, state);
  });
  reader.on('error', (error, message) => {
    reportQueueFault(options, state, {
      operation: message === undefined ? 'receive' : 'acknowledge',
      error: sqsFailure(error),
    });
    // Without a pause an unreachable queue is asked in a tight loop.
    if (message === undefined) reader.updateOption('pollingWaitTimeMs', faultPauseMs);
  });
  // Reported by the handler; without a listener an emitter would throw.
  reader.on('processing_error', () => undefined);
}

function refreshDepth(options: ConsumerOptions, state: ConsumerState): void {
  if (performance.now() - state.depthAskedAt < depthIntervalMs || state.closing.signal.aborted) return;
  state.depthAskedAt = performance.now();
  countMessages(options.client, options.queueUrl).then(
    (count) => {
      state.depth = count;
    },
    (error: unknown) => reportQueueFault(options, state, { operation: 'depth', error }),
  );
}

function reportQueueFault(
  { telemetry }: ConsumerOptions,
  { closing }: ConsumerState,
  fault: { readonly operation: string; readonly error: unknown },
): void {
  if (!closing.signal.aborted) telemetry.report({ type: 'tier-fault', tier: 'queue', ...fault });
}

async function stop(reader: SqsConsumer, state: ConsumerState): Promise<void> {
  const { inHand, closing } = state;
  // Waiting for nothing, a poll may be cut; with messages in hand it must not, or they could not be deleted.
  reader.stop({ abort: inHand === 0 });
  if (inHand > 0) {
    setTimeout(() => closing.abort(), drainTimeoutMs).unref();
    await new Promise((resolve) => reader.once('response_processed', resolve));
  }
  closing.abort();
}
