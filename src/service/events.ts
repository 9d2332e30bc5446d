import type { Consumer, Queue, QueueWork } from '../queue/index.ts';
import { transformsToWarm } from '../variants/index.ts';
import type { Basis } from './rooms.ts';

interface ConsumerParts extends Pick<QueueWork, 'variants' | 'edge'> {
  readonly queue: Queue;
}

/** The consumer of S3's notifications, for what lies in the store of originals. */
export function openConsumer({ config, current, telemetry }: Basis, { queue, ...work }: ConsumerParts): Consumer {
  return queue.createConsumer({
    ...work,
    originals: eventsBucketOf(config.originals),
    toWarm: (key) => transformsToWarm(key, current().config.file.warm, current().settings.grammar),
    telemetry,
  });
}

/** Where events must come from to be about our originals. */
function eventsBucketOf(location: string): QueueWork['originals'] {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(location) ?? [];
  return bucket === undefined ? undefined : { bucket, prefix: prefix === '' ? '' : `${prefix}/` };
}
