import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { CreateBucketCommand, PutBucketCorsCommand } from '@aws-sdk/client-s3';
import { type Browser, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { createS3Client } from '../../src/storage/s3/client.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../support/server-process.ts';
import { bundlePage } from './bundles.ts';

const adminToken = 'the admin token of the tests';
const { endpoint, ...credentials } = inject('s3');

let browser: Browser;
let site: Server;
let origin: string;
let page: Page;

/** Noise does not compress: a small photograph and one of several parts. */
function photograph(width: number): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  return sharp({ create: { width, height: width, channels: 3, background: 'black', noise } })
    .jpeg({ quality: 100 })
    .toBuffer();
}

beforeAll(async () => {
  const scripts = await bundlePage();
  const large = await photograph(2600);
  // Uppy's smallest part: less would be one part.
  expect(large.byteLength).toBeGreaterThan(5 * 1024 * 1024);
  const files = new Map<string, Buffer>([
    [
      '/',
      Buffer.from(
        `<!doctype html><title>x</title><body>${scripts.map((_, i) => `<script src="/${i}.js"></script>`).join('')}`,
      ),
    ],
    ...scripts.map((text, index): [string, Buffer] => [`/${index}.js`, Buffer.from(text)]),
    ['/small.jpg', await photograph(300)],
    ['/large.jpg', large],
    ['/fake.jpg', Buffer.from('<html>not a picture</html>')],
  ]);
  site = createServer(({ url = '/' }, response) => {
    const file = files.get(url);
    response.writeHead(file === undefined ? 404 : 200, {
      'Content-Type': url.endsWith('.js') ? 'text/javascript' : url === '/' ? 'text/html' : 'image/jpeg',
    });
    response.end(file);
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  page = await browser.newPage();
  await page.goto(origin);
});

afterAll(async () => {
  await browser?.close();
  site?.close();
});

async function newBucket(): Promise<string> {
  const client = await createS3Client({ endpoint, credentials, region: 'us-east-1' });
  const bucket = `fovea-${randomUUID()}`;
  const rule = {
    AllowedOrigins: [origin],
    AllowedMethods: ['POST', 'PUT'],
    AllowedHeaders: ['*'],
    ExposeHeaders: ['ETag', 'Location'],
  };
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  await client.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: [rule] } }));
  client.destroy();
  return bucket;
}

const answer = z.object({
  key: z.string().optional(),
  failed: z.number().optional(),
  uploadURL: z.string().optional(),
  direct: z.boolean().optional(),
  committed: z.number().optional(),
  method: z.string().optional(),
});

/** Runs one of the page's clients in the browser. */
async function inPage(name: string, options: Readonly<Record<string, unknown>>): Promise<z.infer<typeof answer>> {
  const script = `(globalThis.clients[${JSON.stringify(name)}] ?? globalThis[${JSON.stringify(name)}])(${JSON.stringify(options)})`;
  return answer.parse(await page.evaluate(script));
}

async function onS3() {
  return {
    FOVEA_ORIGINALS: `s3://${await newBucket()}/originals`,
    FOVEA_S3_ENDPOINT: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: 'us-east-1',
  };
}

const stores = [
  ['a folder', async () => ({})],
  ['S3', onS3],
] as const;

async function startFor(environment: Readonly<Record<string, string>>) {
  const folder = await makeWorkingFolder({});
  await writeFile(join(folder, 'fovea.json'), JSON.stringify({ uploadOrigins: [origin] }));
  const running = await startServer(folder, { FOVEA_ADMIN_TOKEN: adminToken, ...environment });
  const given = await fetch(`${running.url}/-/uploads/tickets`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${adminToken}` },
    body: '{}',
  });
  return { folder, running, ...z.object({ ticket: z.string(), endpoint: z.string() }).parse(await given.json()) };
}

async function expectPicture(server: string, key: string | undefined): Promise<void> {
  expect(key).toMatch(/^\d{4}\/\d\d\/[0-9a-f-]{36}/);
  const response = await fetch(`${server}/w_64/${key}`);
  expect([key, response.status, response.headers.get('content-type')]).toEqual([key, 200, 'image/jpeg']);
}

describe.each(stores)('a browser, on %s,', (name, environment) => {
  let folder: string;
  let running: ServerProcess;
  let server: string;
  let ticket: string;
  let ticketEndpoint: string;

  beforeAll(async () => {
    ({ folder, running, ticket, endpoint: ticketEndpoint } = await startFor(await environment()));
    server = running.url;
  });
  afterAll(async () => {
    expect(await running?.end('SIGTERM')).toBe(0);
    await removeFolder(folder);
  });

  test.each(['POST', 'PUT'])('with fetch alone: signed for %s, sent, committed', async (method) => {
    const { key, direct } = await inPage('uploadPlainly', { server, ticket, method, name: 'small.jpg' });
    expect(direct).toBe(name === 'S3');
    await expectPicture(server, key);
  });

  test.each([
    ['Uppy 6 by a ticket in its endpoint', 'uploadWithUppy6', false, 'small.jpg'],
    ['Uppy 6 in parts', 'uploadWithUppy6', true, 'large.jpg'],
    ['Uppy 6 with signRequest', 'uploadWithSignRequest', false, 'small.jpg'],
    ['Uppy 5', 'uploadWithUppy5', false, 'small.jpg'],
    ['Uppy 5 in parts', 'uploadWithUppy5', true, 'large.jpg'],
    ['FilePond', 'uploadWithFilePond', false, 'small.jpg'],
  ] as const)('with %s', async (_, client, shouldUseMultipart, file) => {
    const options = { server, ticket, endpoint: ticketEndpoint, name: file, shouldUseMultipart, chunkUploads: false };
    const { key, failed = 0, uploadURL } = await inPage(client, options);
    expect(failed).toBe(0);
    // Uppy 5 knows the key only of what it sent in parts; where it is, it knows of both.
    await expectPicture(server, key ?? uploadURL?.replace(`${server}/`, ''));
  });

  test('with FilePond in chunks, and takes it back', async () => {
    const options = { server, ticket, name: 'large.jpg', chunkUploads: true };
    const { key } = await inPage('uploadWithFilePond', options);
    await expectPicture(server, key);
    const taken = await inPage('uploadWithFilePond', { ...options, revert: true });
    await expect.poll(async () => (await fetch(`${server}/${taken.key}`)).status).toBe(404);
  });

  test('is told that what it sends is no picture', async () => {
    const options = { server, ticket, endpoint: ticketEndpoint, name: 'fake.jpg', shouldUseMultipart: false };
    expect(await inPage('uploadWithUppy6', options)).toMatchObject({ failed: 1 });
    expect(await inPage('uploadWithUppy5', options)).toMatchObject({ failed: 1 });
    expect(await inPage('uploadPlainly', { ...options, method: 'POST' })).toMatchObject({ committed: 415 });
  });
});

describe('a browser, on S3 that is said to take no signed forms,', () => {
  let started: Awaited<ReturnType<typeof startFor>>;
  beforeAll(async () => {
    started = await startFor({ ...(await onS3()), FOVEA_S3_UPLOAD_METHOD: 'PUT' });
  });
  afterAll(async () => {
    expect(await started?.running.end('SIGTERM')).toBe(0);
    await removeFolder(started.folder);
  });

  test.each(['uploadPlainly', 'uploadStraightWithUppy5', 'uploadStraightWithFilePond'])(
    'sends by PUT what is signed: %s',
    async (client) => {
      const { running, ticket } = started;
      const { key, method } = await inPage(client, { server: running.url, ticket, name: 'small.jpg' });
      expect(method).toBe('PUT');
      await expectPicture(running.url, key);
    },
  );
});
