import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createS3Client } from '../../src/storage/s3/client.ts';
import { createS3Store } from '../../src/storage/s3.ts';
import { type S3Fault, seededRandom, startS3FaultServer } from '../support/s3-fault-server.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const requests = 1000;
const underWay = 80;
const faultRate = 0.2;
const originals = 100;

async function storeOn(server: Awaited<ReturnType<typeof startS3FaultServer>>, prefix: string) {
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

describe('an S3 of which every fifth request fails', () => {
  it('lets no wrong or partial byte out or into the store, over a thousand requests', async () => {
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

    expect(server.requests.length).toBeGreaterThan(requests);
    expect(faults / server.requests.length).toBeCloseTo(faultRate, 1);
    expect(wrong).toBe(0);
    expect([...statuses.keys()].filter((status) => ![200, 502, 503, 504].includes(status))).toEqual([]);
    // Retries carry nearly all of it: a fifth of failures must not come through as a fifth of failures.
    expect(statuses.get(200)).toBeGreaterThan(requests * 0.9);

    let stored = 0;
    for (const [key, { bytes }] of server.objects) {
      const found = /variants\/(.*)\/\.fovea\/(.*)$/.exec(key);
      if (found === null) continue;
      stored += 1;
      expect(bytes.toString()).toBe(`${digests.get(found[1] ?? '')} ${found[2]?.replaceAll(';', '/')}`);
    }
    expect(stored).toBeGreaterThan(0);
    await server.close();
  }, 60_000);
});
