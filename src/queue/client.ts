import {
  GetQueueAttributesCommand,
  type QueueAttributeName,
  SendMessageCommand,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import { cancelled, Failure } from '../failure.ts';
import { createHttpsAgent, type OutboundProxy } from '../outbound/index.ts';
import type { Postpone } from '../variants/index.ts';
import type { Job } from './jobs.ts';

export interface QueueAddress {
  readonly queueUrl: string;
  /** A stand-in for SQS; AWS when absent. */
  readonly endpoint?: string | undefined;
  /** What lies between this machine and the queue; nothing when absent. */
  readonly proxy?: OutboundProxy | undefined;
}

/** SQS holds a message back for 15 minutes at most; what is due later is sent on when it comes. */
const maxDelaySeconds = 900;
/** More than the 20 seconds of a long poll. */
const requestTimeoutMs = 25_000;

/** The SDK's own bound. */
const maxSockets = 50;

const silent = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

/** The region is in a queue's URL; a stand-in's may be any. */
function regionOf({ queueUrl, endpoint }: QueueAddress): string | undefined {
  const named = /^https?:\/\/(?:sqs\.)?([a-z]{2}(?:-[a-z]+)+-\d)\./.exec(queueUrl)?.[1];
  return named ?? (endpoint === undefined ? undefined : 'us-east-1');
}

export async function createSqsClient(address: QueueAddress): Promise<SQSClient> {
  const region = regionOf(address);
  const config: SQSClientConfig = {
    ...(region === undefined ? {} : { region }),
    ...(address.endpoint === undefined ? {} : { endpoint: address.endpoint, useQueueUrlAsEndpoint: false }),
    maxAttempts: 3,
    logger: silent,
    requestHandler: {
      connectionTimeout: 2000,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      httpsAgent: await createHttpsAgent(address.proxy, { keepAlive: true, maxSockets }),
    },
  };
  return new SQSClient(config);
}

const throttled: ReadonlySet<string> = new Set(['ThrottlingException', 'RequestThrottled', 'OverLimit']);

/** The Failure that whatever a call to SQS threw stands for. */
export function sqsFailure(cause: unknown, signal?: AbortSignal): Failure {
  if (signal?.aborted) return cancelled(cause);
  const name = cause instanceof Error ? cause.name : '';
  if (throttled.has(name)) return new Failure('overloaded', 'The queue asked to slow down.', { cause });
  if (name === 'TimeoutError') return new Failure('timeout', 'The queue took too long.', { cause });
  return new Failure('upstream', 'The queue refused or failed.', { cause });
}

/** Puts the edge's second purge into the queue, so that it outlives this process. */
export function createPostpone(client: SQSClient, queueUrl: string, now: () => number): Postpone {
  return async ({ tags, reference, dueAt }, signal) => {
    const job: Job = { fovea: 'purge-edge', tags: [...tags], reference, dueAt };
    const seconds = Math.ceil((dueAt - now()) / 1000);
    const command = new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify(job),
      DelaySeconds: Math.min(maxDelaySeconds, Math.max(0, seconds)),
    });
    try {
      await client.send(command, { abortSignal: signal });
    } catch (error) {
      throw sqsFailure(error, signal);
    }
  };
}

/** Messages in the queue, those under way and those held back among them. */
export async function countMessages(client: SQSClient, queueUrl: string, signal?: AbortSignal): Promise<number> {
  const names = [
    'ApproximateNumberOfMessages',
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesDelayed',
  ] as const satisfies readonly QueueAttributeName[];
  try {
    const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] });
    const { Attributes = {} } = await client.send(command, signal && { abortSignal: signal });
    return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
  } catch (error) {
    throw sqsFailure(error, signal);
  }
}

function nothing(): void {}
