import type { Config } from '../config/index.ts';
import type { GrammarOptions } from '../grammar/index.ts';
import type { Consumer, Queue, QueueWork } from '../queue/index.ts';
import type { TelemetrySinks } from '../sinks/index.ts';
import { transformsToWarm } from '../variants/index.ts';

export interface EventConsumerParts extends Pick<QueueWork, 'variants' | 'edge'> {
  readonly queue: Queue;
  readonly config: Config;
  readonly grammar: GrammarOptions;
  readonly telemetry: TelemetrySinks;
}

/** Where events must come from to be about our originals. */
function bucketOf(location: string): QueueWork['originals'] {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(location) ?? [];
  return bucket === undefined ? undefined : { bucket, prefix: prefix === '' ? '' : `${prefix}/` };
}

/** The consumer of S3's notifications, with its figures on the metrics page. */
export function createEventConsumer({ queue, config, grammar, telemetry, ...work }: EventConsumerParts): Consumer {
  const consumer = queue.createConsumer({
    ...work,
    originals: bucketOf(config.originals),
    toWarm: (key) => transformsToWarm(key, config.file.warm, grammar),
    telemetry,
  });
  telemetry.gauge('events_queue_depth', 'Messages in the queue of events.', consumer.depth);
  telemetry.gauge('events_queue_age_seconds', 'Age of the oldest message in hand.', consumer.ageSeconds);
  return consumer;
}
