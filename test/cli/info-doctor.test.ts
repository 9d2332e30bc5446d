import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Failure } from '../../src/failure.ts';
import type { ObjectStore } from '../../src/storage/index.ts';
import { createCommandLine } from '../support/command-line.ts';
import { storeOn } from '../support/fault-storm.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { startProvider } from '../support/provider-stand-in.ts';
import { startQueue } from '../support/queue-stand-in.ts';
import { startRenderer } from '../support/renderer.ts';
import { startS3FaultServer } from '../support/s3-fault-server.ts';
import { keysIn, picture } from '../support/uploads.ts';

const { renderer } = startRenderer();
afterAll(() => renderer.close());

describe('fovea info', () => {
  test('tells what an original is, and what is stored of its variants', async () => {
    const { fovea, originals } = createCommandLine();
    const bytes = await picture('png');
    await originals.put('cats/tom.png', bytes);
    await fovea(['warm', 'cats/tom.png', '--transform', 'w_10', '--transform', 'w_20']);
    const { code, json } = await fovea(['info', 'cats/tom.png', '--json']);
    expect(code).toBe(0);
    expect(json).toMatchObject([
      {
        ...{ key: 'cats/tom.png', format: 'png', width: 60, height: 40, orientation: 1, bytes: bytes.length },
        ...{ version: expect.stringMatching(/^[\w-]{22}$/), variants: { count: 2, bytes: expect.any(Number) } },
      },
    ]);
    expect((await fovea(['info', 'cats/tom.png'])).stdout).toMatch(/size +60 x 40$.*^ +variants +2 stored/ms);
  });

  test('looks for faces where that is asked for', async () => {
    const { fovea, originals } = createCommandLine({ renderer });
    await originals.put('ada.jpg', readFileSync(new URL('../../data/originals/astronaut.jpg', import.meta.url)));
    await originals.put('plain.png', await picture('png'));
    const [ada] = (await fovea(['info', 'ada.jpg', '--faces', '--json'])).json as readonly { faces: number[][] }[];
    expect(ada?.faces).toHaveLength(1);
    for (const [at, wanted] of [138, 56, 82, 85].entries()) {
      expect(Math.abs((ada?.faces[0]?.[at] ?? Number.NaN) - wanted)).toBeLessThan(15);
    }
    expect((await fovea(['info', 'ada.jpg', '--faces'])).stdout).toMatch(/^ +faces +\d+ x \d+ at \d+,\d+$/m);
    expect((await fovea(['info', 'plain.png', '--faces'])).stdout).toMatch(/^ +faces +none$/m);
    expect((await fovea(['info', 'ada.jpg'])).stdout).not.toContain('faces');
  });

  test('tells what pages have to know where that is asked for', async () => {
    const { fovea, originals } = createCommandLine({ renderer });
    await originals.put('plain.png', await picture('png'), { metadata: { alt: 'Nothing but red' } });
    const { json } = await fovea(['info', 'plain.png', '--description', '--json']);
    const description = { alt: 'Nothing but red', placeholder: expect.stringMatching(/^data:/), width: 60 };
    expect(json).toMatchObject([{ key: 'plain.png', width: 60, description }]);
    const { stdout } = await fovea(['info', 'plain.png', '--description']);
    expect(stdout).toMatch(/^ {2}dominantColour #[0-9a-f]{6}$/m);
    expect(stdout).toMatch(/^ {2}alt +Nothing but red$/m);
    expect((await fovea(['info', 'plain.png'])).stdout).not.toContain('dominantColour');
  });

  test.each([
    ['what is not there', 'gone.jpg', 4],
    ['what is no picture', 'notes.txt', 5],
  ])('ends with the exit code of %s', async (_, key, code) => {
    const { fovea, originals } = createCommandLine();
    await originals.put('notes.txt', Buffer.from('hello'));
    expect((await fovea(['info', key])).code).toBe(code);
  });
});

type Diagnosis = { readonly check: string; readonly status: string; readonly detail: string; readonly remedy?: string };

async function diagnosed(parts: Parameters<typeof createCommandLine>[0]) {
  const { fovea, originals, variants } = createCommandLine({ renderer, ...parts });
  const { code, json } = await fovea(['doctor', '--json']);
  const diagnoses = json as readonly Diagnosis[];
  const failed = diagnoses.filter(({ status }) => status === 'failed');
  const left = [...(await keysIn(originals)), ...(variants === undefined ? [] : await keysIn(variants))];
  return { code, diagnoses, failed, left };
}

describe('fovea doctor', () => {
  test('finds nothing wrong where nothing is, tries each format, and leaves nothing behind', async () => {
    const { code, diagnoses, failed, left } = await diagnosed({});
    expect([code, failed, left]).toEqual([0, [], []]);
    const rendered = diagnoses.filter(({ check, status }) => check.startsWith('render ') && status === 'ok');
    expect(rendered.map(({ check }) => check.slice(7))).toEqual(['jpeg', 'png', 'webp', 'avif', 'gif']);
    expect(diagnoses.find(({ check }) => check === 'queue')?.status).toBe('skipped');
  });

  test('asks the CDN and the queue that are configured', async () => {
    const varnish = await startProvider(() => ({ status: 200, reason: 'purged 0' }));
    const queue = await startQueue();
    await queue.send(['one', 'two']);
    // The stand-in takes any, and the SDK looks for them nowhere else.
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'x');
    onTestFinished(() => void vi.unstubAllEnvs());
    const environment = {
      FOVEA_CDN: `varnish:${varnish.url}`,
      FOVEA_EVENTS_QUEUE: queue.queueUrl,
      FOVEA_SQS_ENDPOINT: queue.endpoint,
    };
    const { diagnoses } = await diagnosed({ environment });
    expect(diagnoses.find(({ check }) => check === 'CDN')).toMatchObject({
      status: 'ok',
      detail: 'varnish took a purge: purged 0',
    });
    expect(varnish.requests).toHaveLength(1);
    expect(diagnoses.find(({ check }) => check === 'queue')).toMatchObject({
      status: 'ok',
      detail: '2 message(s) in it',
    });
  });

  /** A store with one thing wrong with it. */
  function broken(change: (store: ObjectStore) => Partial<ObjectStore>): ObjectStore {
    const store = createMemoryStore();
    return { ...store, ...change(store) };
  }

  test.each<[string, () => ObjectStore, string, string]>([
    [
      'forgets metadata',
      () => broken((store) => ({ put: (key, body, options) => store.put(key, body, { ...options, metadata: {} }) })),
      'store of originals',
      'metadata was lost',
    ],
    [
      'overwrites what is to be created only',
      () =>
        broken((store) => ({ put: (key, body, options) => store.put(key, body, { ...options, onlyIfAbsent: false }) })),
      'create-only puts',
      'overwrote',
    ],
    [
      'keeps what is deleted',
      () => broken(() => ({ delete: async () => undefined })),
      'store of originals',
      'still there',
    ],
    [
      'has a clock of its own',
      () =>
        broken((store) => ({
          head: async (key, options) => {
            const info = await store.head(key, options);
            return info && { ...info, lastModified: new Date(Date.now() - 3_600_000) };
          },
        })),
      'clock',
      's beside the store',
    ],
  ])('notices a store that %s, says what to do, and ends with 6', async (_, open, check, detail) => {
    const { code, failed } = await diagnosed({ originals: open() });
    expect(code).toBe(6);
    expect(failed).toEqual([
      expect.objectContaining({ check: expect.stringContaining(check), remedy: expect.any(String) }),
    ]);
    expect(failed[0]?.detail).toContain(detail);
  });

  test('goes on after a store that cannot be reached', async () => {
    const variants = createFaultyStore(createMemoryStore());
    variants.fail('all', { kind: 'upstream' });
    const { fovea } = createCommandLine({ renderer, variants });
    const { code, stdout } = await fovea(['doctor']);
    expect(code).toBe(6);
    expect(stdout).toMatch(/^failed {2}store of variants: .*; to do: check the location/m);
    expect(stdout).toMatch(/^ok {5} render gif/m);
    // For tests it is there.
    expect(stdout).toMatch(/^ok {5} decoder of HEIC: libheif-js is installed/m);
    expect(stdout).toMatch(/^info {3} SVG: drawn as pixels/m);
  });

  test('ends after its thirty seconds, whatever hangs and does not listen, and tells the rest', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const never = () => new Promise<never>(() => undefined);
    const store = createMemoryStore();
    const hanging: ObjectStore = { ...store, put: never, head: never, get: never, delete: never };
    const { fovea } = createCommandLine({ originals: hanging, variants: hanging });
    const told = fovea(['doctor']);
    await vi.advanceTimersByTimeAsync(30_000);
    const { code, stdout } = await told;
    expect(code).toBe(6);
    expect(stdout.match(/^failed .*Not done after 30000 ms/gm)).toHaveLength(4);
  });

  test('says what S3 answered, and what to do about just that', async () => {
    const server = await startS3FaultServer();
    onTestFinished(() => server.close());
    const headers = { 'x-amz-request-id': '4442587FB7D0A2F9', 'x-amz-bucket-region': 'eu-west-3' };
    server.failBy(() => ({ kind: 'error', status: 301, code: 'PermanentRedirect', headers }));
    const { fovea } = createCommandLine({ renderer, originals: await storeOn(server, '') });
    const diagnoses = (await fovea(['doctor', '--json'])).json as readonly Diagnosis[];
    expect(diagnoses.find(({ check }) => check === 'store of originals')).toMatchObject({
      detail: expect.stringContaining('301 PermanentRedirect, request 4442587FB7D0A2F9; the bucket is in eu-west-3'),
      remedy: 'set AWS_REGION=eu-west-3',
    });
  });

  test('takes a configuration that is not understood for a finding', async () => {
    const open = () => Promise.reject(new Failure('invalid', 'PORT: expected\n  a number'));
    const { code, stdout } = await createCommandLine({ programs: { open } }).fovea(['doctor']);
    expect(code).toBe(6);
    expect(stdout).toMatch(/^failed {2}configuration: PORT: expected {3}a number; to do: .*\n$/);
  });
});

describe('what fovea doctor tells of who may reach what', () => {
  const secret = 'a signing secret that is long enough for all';
  const told = (diagnoses: readonly Diagnosis[], check: string) => diagnoses.find((one) => one.check === check);

  test.each<[string, Readonly<Record<string, string>>, string, string]>([
    ['nothing said on loopback', {}, 'info', 'nobody has said: from this machine every transformation'],
    ['any on loopback', { FOVEA_UNSIGNED: 'any' }, 'info', 'FOVEA_UNSIGNED=any: every transformation, up to 500'],
    ['any for others', { FOVEA_UNSIGNED: 'any', HOST: '0.0.0.0' }, 'warning', 'FOVEA_UNSIGNED=any, reached at 0.0.0.0'],
    ['any behind a CDN', { FOVEA_UNSIGNED: 'any', FOVEA_CDN: 'varnish:' }, 'warning', '=any, reached'],
    ['any behind a proxy', { FOVEA_UNSIGNED: 'any', FOVEA_TRUSTED_PROXIES: '10.0.0.1' }, 'warning', '=any, reached'],
    ['nothing said for others', { HOST: '0.0.0.0' }, 'info', 'FOVEA_UNSIGNED=ladder: '],
    ['presets', { FOVEA_UNSIGNED: 'presets', FOVEA_SIGNING_SECRETS: secret }, 'info', 'no original as it is'],
    ['none', { FOVEA_UNSIGNED: 'none', FOVEA_SIGNING_SECRETS: secret }, 'info', 'FOVEA_UNSIGNED=none: nothing'],
  ])('unsigned URLs: %s', async (_, environment, status, detail) => {
    // One that answers: whoever asks one that is not there tries again for a third of a minute.
    const { url } = await startProvider(() => ({ status: 200 }));
    const isFronted = 'FOVEA_CDN' in environment;
    const { diagnoses } = await diagnosed({
      environment: isFronted ? { ...environment, FOVEA_CDN: `varnish:${url}` } : environment,
    });
    expect(told(diagnoses, 'unsigned URLs')).toMatchObject({ status, detail: expect.stringContaining(detail) });
  });

  test.each<[Readonly<Record<string, string>>, string]>([
    [{}, 'made at each start'],
    [{ FOVEA_ADMIN_TOKEN: 'a token of the tests' }, 'with the admin token; uploads with a ticket too'],
    [{ HOST: '0.0.0.0' }, 'closed'],
  ])('uploads, purges and metrics with %j', async (environment, detail) => {
    const { diagnoses, code } = await diagnosed({ environment });
    expect(told(diagnoses, 'uploads, purges and metrics')).toMatchObject({
      status: 'info',
      detail: expect.stringContaining(detail),
    });
    expect(code).toBe(0);
  });

  test('secrets, proxies and folders by name, and never what is secret', async () => {
    const { fovea } = createCommandLine({
      renderer,
      environment: {
        FOVEA_SIGNING_SECRETS: secret,
        FOVEA_TRUSTED_PROXIES: '10.0.0.0/8',
        FOVEA_ADMIN_TOKEN: 'a token of the tests',
      },
    });
    const { stdout } = await fovea(['doctor']);
    expect(stdout).toMatch(/^info {4}signed URLs: whoever has one of 1 secret/m);
    expect(stdout).toMatch(/^info {4}proxies: 10\.0\.0\.0\/8 say who asks/m);
    expect(stdout).toMatch(/^info {4}protected folders: private .*: none; authenticated .*: none$/m);
    expect(stdout).not.toContain(secret);
    expect(stdout).not.toContain('a token of the tests');
  });

  test('originals that tell where they were taken, of those that strangers may see', async () => {
    const originals = createMemoryStore();
    const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .withExif({ IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 22/1 30/1' } })
      .jpeg()
      .toBuffer();
    const webp = await sharp(jpeg).keepExif().webp().toBuffer();
    const plain = await sharp(jpeg).webp().toBuffer();
    const xmp = await sharp(plain).withXmp(gpsPacket).png().toBuffer();
    await originals.put('a.jpg', jpeg);
    await originals.put('b.webp', webp);
    await originals.put('c.webp', plain);
    await originals.put('d.png', xmp);
    await originals.put('e.txt', Buffer.from('GPSLatitude, in words'));
    const look = async (environment: Readonly<Record<string, string>>) => {
      const { diagnoses, code } = await diagnosed({ originals, environment });
      expect(code).toBe(0);
      return told(diagnoses, 'positions in originals');
    };
    expect(await look({ FOVEA_UNSIGNED: 'ladder' })).toEqual({
      check: 'positions in originals',
      status: 'warning',
      detail: '3 of 4 sampled originals tell where they were taken, and are public under ladder',
      remedy: expect.stringContaining('protected.private'),
    });
    expect(await look({ FOVEA_UNSIGNED: 'presets', FOVEA_SIGNING_SECRETS: secret })).toMatchObject({ status: 'info' });
    for (const key of ['a.jpg', 'b.webp', 'd.png']) await originals.delete([key]);
    expect(await look({ FOVEA_UNSIGNED: 'any' })).toMatchObject({
      status: 'info',
      detail: expect.stringMatching(/^0 of 1 /),
    });
  });

  test('looks into fifty of a thousand originals, however many there are', async () => {
    const originals = createFaultyStore(createMemoryStore());
    const bytes = await picture('png');
    for (let index = 0; index < 1_200; index += 1) await originals.put(`${String(index).padStart(4, '0')}.png`, bytes);
    originals.forgetCalls();
    const { diagnoses } = await diagnosed({ originals });
    expect(told(diagnoses, 'positions in originals')?.detail).toContain('0 of 50 sampled');
    const read = originals.calls.filter(({ operation, key }) => operation === 'get' && key.endsWith('.png'));
    expect(read).toHaveLength(50);
    expect(read.at(-1)?.key).toBe('0980.png');
  });
});

const gpsPacket = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="52,22.5N"/></rdf:RDF></x:xmpmeta>`;
