import { randomUUID } from 'node:crypto';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, expect, inject, test } from 'vitest';
import { createS3Client } from '../../src/storage/s3/client.ts';
import { createS3UploadPresigner } from '../../src/storage/s3/presign.ts';
import { createS3Store } from '../../src/storage/s3.ts';
import { createCommandLine } from '../support/command-line.ts';
import { startRenderer } from '../support/renderer.ts';
import { keysIn, picture } from '../support/uploads.ts';

const { endpoint, ...credentials } = inject('s3');
const client = await createS3Client({ endpoint, credentials, region: 'us-east-1' });
const { renderer } = startRenderer();
afterAll(async () => {
  client.destroy();
  await renderer.close();
});

/** A command line on one bucket that holds both. */
async function start() {
  const bucket = `fovea-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const store = (prefix: string) => createS3Store({ client, bucket, prefix });
  const [originals, variants] = [store('originals/'), store('variants/')];
  return { ...createCommandLine({ originals, variants, renderer }), originals, variants };
}

test.each(['form', 'PUT'] as const)(
  'fovea doctor sends a signed %s to S3, which refuses a longer file',
  async (how) => {
    const bucket = `fovea-${randomUUID()}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    const place = { client, bucket, prefix: 'originals/' };
    const presigner = createS3UploadPresigner(place, { takesForms: how === 'form' });
    const { stdout } = await createCommandLine({ originals: createS3Store(place), presigner }).fovea(['doctor']);
    expect(stdout).toContain(
      `ok      uploads straight to the bucket: a signed ${how} was taken, and refused for a longer`,
    );
  },
);

test('fovea doctor finds nothing wrong with S3', async () => {
  const { fovea, originals, variants } = await start();
  const { code, stdout } = await fovea(['doctor']);
  expect([code, stdout]).toEqual([0, expect.not.stringContaining('failed')]);
  expect([...(await keysIn(originals)), ...(await keysIn(variants))]).toEqual([]);
});

test('a bucket of more than a page is warmed from a key on, collected and purged', async () => {
  const { fovea, originals, variants } = await start();
  const bytes = await picture();
  const keys = Array.from({ length: 1010 }, (_, index) => `many/${String(index).padStart(4, '0')}.jpg`);
  for (let at = 0; at < keys.length; at += 50) {
    await Promise.all(keys.slice(at, at + 50).map((key) => originals.put(key, bytes)));
  }
  const warm = ['warm', '--all', '--transform', 'w_8', '--start-after', 'many/0989.jpg', '--json'];
  expect((await fovea(warm)).json.at(-1)).toMatchObject({ originals: 20, rendered: 20 });
  await originals.delete(['many/1000.jpg']);
  const gc = await fovea(['gc', '--variants', '--min-age', '0s', '--delete', '--json']);
  expect(gc.json).toMatchObject([{ scanned: 20, found: 1, deleted: 1 }]);
  const referenced = ['gc', '--referenced', '-', '--min-age', '0s', '--delete', '--json'];
  const collected = await fovea(referenced, { stdin: keys.slice(0, 1005).join('\n') });
  expect(collected.json).toMatchObject([{ scanned: 1009, found: 5, deleted: 5 }]);
  expect((await fovea(['purge', '--prefix', 'many/', '--json'])).json).toMatchObject([{ variantsDeleted: 14 }]);
  expect(await keysIn(variants)).toEqual([]);
  expect(await keysIn(originals)).toHaveLength(1004);
});
