import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { faultStorm, storeOn } from '../support/fault-storm.ts';
import { startS3FaultServer } from '../support/s3-fault-server.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const requests = 300;

describe('an S3 of which every fifth request fails', () => {
  it('lets no wrong or partial byte out or into the store, over hundreds of requests', async () => {
    const { statuses, wrong, seen, faults, stored, spoilt } = await faultStorm(requests);
    expect(seen).toBeGreaterThan(requests);
    expect(faults / seen).toBeCloseTo(0.2, 1);
    expect([wrong, spoilt]).toEqual([0, 0]);
    expect([...statuses.keys()].filter((status) => ![200, 502, 503, 504].includes(status))).toEqual([]);
    // Retries carry nearly all of it: a fifth of failures must not come through as a fifth of failures.
    expect(statuses.get(200)).toBeGreaterThan(requests * 0.9);
    expect(stored).toBeGreaterThan(0);
  }, 60_000);
});

describe('an S3 that does not let us in', () => {
  it.each([
    [403, 'AccessDenied'],
    [403, 'InvalidAccessKeyId'],
    [400, 'ExpiredToken'],
    [403, 'SignatureDoesNotMatch'],
  ])(
    'is our own fault, not the visitor’s: %i %s is a 502, readiness says no, and nothing is remembered',
    async (status, code) => {
      const server = await startS3FaultServer();
      const originals = await storeOn(server, 'originals/');
      await originals.put('cat.jpg', randomBytes(1_000));
      const { ask, service } = await createPixelFreeService({ originals });
      server.failBy(() => ({ kind: 'error', status, code }));
      const refused = await ask('/w_1/cat.jpg');
      expect([refused.status, refused.headers.get('cache-control')]).toEqual([502, 'no-store']);
      expect(await refused.text()).not.toMatch(new RegExp(`${code}|${server.bucket}|127\\.0\\.0\\.1`));
      expect((await ask('/-/ready')).status).toBe(503);
      expect((await ask('/-/health')).status).toBe(200);
      server.failBy();
      expect((await ask('/w_1/cat.jpg')).status).toBe(200);
      await service.close();
      await server.close();
    },
  );

  it('does not say anything to do with the picture when it is a tier of variants', async () => {
    const server = await startS3FaultServer();
    const { ask, service } = await createPixelFreeService({
      originals: await (async () => {
        const store = await storeOn(server, 'originals/');
        await store.put('cat.jpg', randomBytes(1_000));
        return store;
      })(),
      variants: await storeOn(server, 'variants/'),
    });
    server.failBy(({ key }) =>
      key.startsWith('variants/') ? { kind: 'error', status: 403, code: 'AccessDenied' } : undefined,
    );
    expect((await ask('/w_1/cat.jpg')).status).toBe(200);
    expect((await ask('/-/ready')).status).toBe(200);
    await service.close();
    await server.close();
  });
});
