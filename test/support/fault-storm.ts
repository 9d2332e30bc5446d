import { createHash, randomBytes } from 'node:crypto';
import { createS3Client } from '../../src/storage/s3/client.ts';
import { createS3Store } from '../../src/storage/s3.ts';
import { type S3Fault, type S3FaultServer, seededRandom, startS3FaultServer } from './s3-fault-server.ts';
import { createPixelFreeService } from './test-service.ts';

const underWay = 25;
const faultRate = 0.2;
const originals = 100;

/** A store of ours on the stub, with short times. */
export async function storeOn(server: S3FaultServer, prefix: string) {
  const credentials = { accessKeyId: 'stub', secretAccessKey: 'stub' };
  const client = await createS3Client({ endpoint: server.endpoint, region: 'us-east-1', credentials });
  return createS3Store({ client, bucket: server.bucket, prefix, operationTimeoutMs: 2000, stallTimeoutMs: 800 });
}

/** Every kind of fault there is, one after the other by chance. */
function faultOf(random: () => number): S3Fault {
  const faults: readonly S3Fault[] = [
    { kind: 'error', status: 500, code: 'InternalError' },
    { kind: 'error', status: 503, code: 'SlowDown' },
    { kind: 'hang-up' },
    { kind: 'lost-answer' },
    { kind: 'reset', part: random() },
    { kind: 'short', part: random() },
    { kind: 'stalled', part: random() },
    { kind: 'silent' },
  ];
  return faults[Math.floor(random() * faults.length)] ?? { kind: 'hang-up' };
}

/** What came of a storm. */
export interface StormResult {
  readonly statuses: ReadonlyMap<number, number>;
  /** Answers with 200 whose bytes were not those asked for. */
  readonly wrong: number;
  /** Requests that the stub saw, and how many of them it spoilt. */
  readonly seen: number;
  readonly faults: number;
  /** Variants in the store, and how many of them are not what their key says. */
  readonly stored: number;
  readonly spoilt: number;
}

/** Asks so many times, through the whole service, on an S3 of which every fifth request fails. */
export async function faultStorm(requests: number): Promise<StormResult> {
  const server = await startS3FaultServer();
  const store = await storeOn(server, 'originals/');
  const digests = new Map<string, string>();
  for (let index = 0; index < originals; index += 1) {
    const bytes = randomBytes(20_000);
    const key = `folder/${index}.jpg`;
    digests.set(key, createHash('sha256').update(bytes).digest('hex'));
    await store.put(key, bytes);
  }
  const { ask, service } = await createPixelFreeService({
    originals: store,
    variants: await storeOn(server, 'variants/'),
    config: { originalTtlMs: 0, memoryBytes: 1 },
  });
  const random = seededRandom(20261121);
  let faults = 0;
  server.failBy(() => {
    if (random() >= faultRate) return undefined;
    faults += 1;
    return faultOf(random);
  });

  const statuses = new Map<number, number>();
  let wrong = 0;
  let asked = 0;
  async function visitor(): Promise<void> {
    while (asked < requests) {
      asked += 1;
      const key = `folder/${Math.floor(random() * originals)}.jpg`;
      const width = 1 + Math.floor(random() * 8);
      const response = await ask(`/w_${width}/${key}`);
      const body = await response.text();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      if (response.status === 200 && body !== `${digests.get(key)} c_fill,w_${width}/f_jpeg`) wrong += 1;
    }
  }
  await Promise.all(Array.from({ length: underWay }, visitor));
  await service.variants.settled();
  server.failBy();

  let stored = 0;
  let spoilt = 0;
  for (const [key, { bytes }] of server.objects) {
    const found = /variants\/(.*)\/\.fovea\/(.*)$/.exec(key);
    if (found === null) continue;
    stored += 1;
    if (bytes.toString() !== `${digests.get(found[1] ?? '')} ${found[2]?.replaceAll(';', '/')}`) spoilt += 1;
  }
  await server.close();
  return { statuses, wrong, seen: server.requests.length, faults, stored, spoilt };
}
