import type { Config } from '../config/index.ts';
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
    originals: eventPlacesOf(config),
    toWarm: (key) => transformsToWarm(key, current().config.file.warm, current().settings.grammar),
    telemetry,
  });
}

/** Where events must come from to be about our originals; undefined where no store of them is a bucket. */
function eventPlacesOf({ originals, file }: Config): QueueWork['originals'] {
  const all = [...file.originals.map(({ store, prefix }) => ({ store, prefix })), { store: originals, prefix: '' }];
  const places = all.flatMap(({ store, prefix: keys }) => {
    const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(store) ?? [];
    return bucket === undefined ? [] : [{ bucket, prefix: prefix === '' ? '' : `${prefix}/`, keys }];
  });
  return places.length === 0 ? undefined : places;
}
