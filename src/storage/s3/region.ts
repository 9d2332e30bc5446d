import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Telemetry } from '../../telemetry.ts';
import { factsOf } from './facts.ts';
import { isMisdirected } from './refusal.ts';

/** Where S3 has said that buckets are, by their names: for all clients of a process. */
export type LearntRegions = Map<string, string>;

export interface RegionParts {
  readonly client: S3Client;
  readonly bucket: string;
  readonly learnt: LearntRegions;
  /** What to set, so that nobody has to be told. */
  readonly setting: string;
  readonly telemetry: Telemetry | undefined;
}

/**
 * Sends a request again where S3 says that the bucket is in another region, and from then on all requests there. S3 says
 * so to each request, which the SDK's own following would pay for each time.
 */
export function followRegion(parts: RegionParts): void {
  parts.client.middlewareStack.add(
    (next) => async (given) => {
      goWhereLearnt(parts);
      try {
        return await next(given);
      } catch (error) {
        const { region } = factsOf(error);
        if (region === undefined || !isMisdirected(factsOf(error)) || region === parts.learnt.get(parts.bucket))
          throw error;
        learn(parts, region);
        // What has been read of a stream is gone; whoever puts it again is sent right.
        if (hasStream(given.input)) throw error;
        return next(given);
      }
    },
    { name: 'followRegion', step: 'initialize', priority: 'high' },
  );
}

/** For what asks S3 nothing, and signs for a region. */
export function goWhereLearnt({ client, bucket, learnt }: Pick<RegionParts, 'client' | 'bucket' | 'learnt'>): void {
  const region = learnt.get(bucket);
  if (region !== undefined) client.config.region = async () => region;
}

function learn(parts: RegionParts, region: string): void {
  const { bucket, learnt, setting, telemetry } = parts;
  if (!learnt.has(bucket)) {
    const message = `The bucket ${bucket} is in ${region}, and asked for there from now on: set ${setting}=${region}, so that no request is in vain.`;
    telemetry?.report({ type: 'warning', message });
  }
  learnt.set(bucket, region);
  goWhereLearnt(parts);
}

function hasStream(input: object): boolean {
  return 'Body' in input && input.Body instanceof Readable;
}
