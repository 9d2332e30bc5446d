import { createHash, randomUUID } from 'node:crypto';
import { CreateBucketCommand, DeleteObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { openQueue } from '../../src/queue/index.ts';
import { createS3Client } from '../../src/storage/s3/client.ts';
import { createS3Store } from '../../src/storage/s3.ts';
import { startQueue } from '../support/queue-stand-in.ts';
import { createPixelFreeService } from '../support/test-service.ts';
import { keysIn } from '../support/uploads.ts';
import { forwardEvents } from './bucket-events.ts';

const server = inject('s3');
const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/**
 * A bucket whose events reach a queue, and a service that reads it. Variants lie in a bucket without events, and originals
 * are deleted one at a time: radosgw 16 dies of a DeleteObjects in a bucket that has any.
 */
async function house() {
  const { endpoint, ...credentials } = server;
  const client = await createS3Client({ endpoint, credentials, region: 'us-east-1' });
  const bucket = `fovea-${randomUUID()}`;
  for (const Bucket of [bucket, `${bucket}-variants`]) await client.send(new CreateBucketCommand({ Bucket }));
  const stand = await startQueue();
  await forwardEvents({ server, client, bucket }, (body) => stand.send([body]));
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'x').stubEnv('AWS_SECRET_ACCESS_KEY', 'y');
  onTestFinished(() => void vi.unstubAllEnvs());
  const originals = createS3Store({ client, bucket, prefix: 'in/' });
  const variants = createS3Store({ client, bucket: `${bucket}-variants`, prefix: '' });
  const { file } = readConfig({});
  const config = {
    originals: `s3://${bucket}/in`,
    originalTtlMs: 3_600_000,
    file: { ...file, presets: { card: 'w_40' }, warm: ['t_card/f_auto'] },
  };
  const start = async (isReading: boolean) => {
    const queue = isReading ? { queue: await openQueue({ queueUrl: stand.queueUrl, endpoint: stand.endpoint }) } : {};
    const built = await createPixelFreeService({ originals, variants, config, ...queue });
    built.service.consumer?.start();
    onTestFinished(() => built.service.close());
    return built;
  };
  onTestFinished(() => client.destroy());
  const remove = (name: string) => client.send(new DeleteObjectCommand({ Bucket: bucket, Key: `in/${name}` }));
  return { originals, variants, stand, start, remove };
}

const key = 'folder one/a+b 100%.jpg';
const path = `/t_card/f_auto/v1/${key.split('/').map(encodeURIComponent).join('/')}`;
/** Promised: an overwrite is noticed within 2 seconds by its event; the rest is room for a busy machine. */
const within = { timeout: 10_000, interval: 20 };

describe('the events of a real bucket', () => {
  test('warm what is created, purge what is overwritten, and end what is removed, without anybody waiting', async () => {
    const { originals, variants, stand, start, remove } = await house();
    const { ask, renderer, telemetry } = await start(true);

    const old = Buffer.from('the old picture');
    await originals.put(key, old);
    const stored = async () => (await keysIn(variants)).length;
    // One each for AVIF, WebP and everything else.
    await expect.poll(stored, within).toBe(3);
    const cold = await start(false);
    const warm = await cold.ask(path);
    expect(warm.headers.get('cache-status')).toBe('fovea; hit; detail=store');
    expect(await warm.text()).toContain(hashOf(old));
    expect(cold.renderer.renders).toHaveLength(0);

    const fresh = Buffer.from('the new picture');
    const before = await ask(path);
    expect(await before.text()).toContain(hashOf(old));
    await originals.put(key, fresh);
    await expect.poll(async () => (await ask(path)).text(), within).toContain(hashOf(fresh));
    await expect.poll(stored, within).toBe(3);

    await remove(key);
    await expect.poll(async () => (await ask(path)).status, within).toBe(404);
    await expect.poll(stored, within).toBe(0);

    await expect.poll(() => stand.count(), within).toEqual({ visible: 0, inHand: 0, delayed: 0 });
    expect(await stand.dead()).toEqual([]);
    const outcomes = telemetry.events.flatMap((event) => (event.type === 'message' ? [event.outcome] : []));
    expect(new Set(outcomes)).toEqual(new Set(['done']));
    expect(renderer.renders.length).toBeGreaterThanOrEqual(6);
  });
});
