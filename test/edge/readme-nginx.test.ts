import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeBlocks, readPage } from '../readme/pages.ts';
import { ask, metric, type Stack, startStack, until } from './stack.ts';

let stack: Stack;
let nginx: ChildProcess;
let edge: string;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The page's lines with this machine's ports and folders. */
async function configuration(folder: string, port: number): Promise<string> {
  const [lines = ''] = codeBlocks(readPage('docs/cdn.md'), 'nginx');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  const own = lines
    .replace('/var/cache/nginx/fovea', join(folder, 'cache'))
    .replace('127.0.0.1:8080', `127.0.0.1:${port}`)
    .replaceAll('http://127.0.0.1:3000', stack.origin);
  return `daemon off; user ${userInfo().username}; pid ${folder}/pid; events {} http { access_log off; ${temporary.join(' ')}\n${own}}`;
}

beforeAll(async () => {
  stack = await startStack({ FOVEA_CACHE_CONTROL: 'public, max-age=31536000, s-maxage=1', FOVEA_UNSIGNED: 'ladder' });
  const folder = join(dirname(stack.originals), 'readme');
  await mkdir(folder);
  const port = await freePort();
  await writeFile(join(folder, 'nginx.conf'), await configuration(folder, port));
  nginx = spawn('nginx', ['-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  edge = `http://127.0.0.1:${port}`;
  await until(
    () => ask(edge, '/-/').catch(() => ({ status: 0, headers: {}, body: Buffer.alloc(0) })),
    ({ status }) => status === 404,
  );
});
afterAll(async () => {
  if (nginx?.kill()) await once(nginx, 'exit');
  await stack?.stop();
});

describe('nginx as the page on CDNs sets it up', () => {
  const admin = () => ({ authorization: `Bearer ${stack.token}` });
  const images = () => metric(stack, 'fovea_requests_total', /route="image"/);

  it('keeps one copy of a picture, whatever query is behind its name', async () => {
    const before = await images();
    for (let z = 0; z < 30; z += 1) expect((await ask(edge, `/w_750/seeding.jpg?z=${z}`)).status).toBe(200);
    // Its own life is a second, so that a slow machine may ask again.
    expect((await images()) - before).toBeLessThan(10);
  });

  it('hands on the query that a URL of Next.js is made of, and no more of it', async () => {
    const widths: (number | undefined)[] = [];
    for (const query of ['w=640&q=75', 'w=640&q=75&z=1', 'w=828']) {
      const { body } = await ask(edge, `/_next/image?url=%2Fseeding.jpg&${query}`, {
        headers: { accept: 'image/webp' },
      });
      widths.push((await sharp(body).metadata()).width);
    }
    expect(widths).toEqual([640, 640, 828]);
  });

  it.each([
    '/-/metrics',
    '/-/purge',
    '/-/health',
    '//-/metrics',
    '/-%2Fmetrics',
    '/-/uploads/../metrics',
    '/-/imagesx',
  ])('keeps %s inside, even from who has the token', async (path) => {
    expect((await ask(edge, path, { headers: admin() })).status).toBe(404);
  });

  it('takes no purge from outside', async () => {
    expect((await ask(edge, '/w_750/seeding.jpg', { method: 'PURGE', headers: admin() })).status).toBe(401);
  });

  it('lets uploads through that are larger than nginx takes by itself', async () => {
    const bytes = await noise();
    expect(bytes.length).toBeGreaterThan(3_000_000);
    const form = new FormData();
    form.append('key', 'noise.png');
    form.append('image', new Blob([bytes]), 'noise.png');
    const answer = await fetch(`${edge}/-/images`, { method: 'POST', headers: admin(), body: form });
    expect(answer.status).toBe(201);
    expect((await ask(edge, '/w_320/noise.png')).status).toBe(200);
  });

  it('shows what was overwritten and purged once its own copy has had its time', async () => {
    const path = '/w_640/overwritten.jpg';
    const red = { create: { width: 640, height: 10, channels: 3, background: 'red' } } as const;
    const file = join(stack.originals, 'overwritten.jpg');
    await writeFile(file, await sharp(red).jpeg().toBuffer());
    const old = await ask(edge, path);
    await writeFile(file, await sharp(red).negate().jpeg().toBuffer());
    const purged = await fetch(`${stack.origin}/-/purge`, {
      method: 'POST',
      headers: admin(),
      body: JSON.stringify({ keys: ['overwritten.jpg'] }),
    });
    expect(purged.status).toBe(200);
    const fresh = await until(
      () => ask(edge, path),
      ({ body }) => !body.equals(old.body),
    );
    expect(fresh.status).toBe(200);
  });
});

function noise(): Promise<Buffer<ArrayBuffer>> {
  const raw = { width: 1100, height: 1000, channels: 3 } as const;
  const pixels = crypto.getRandomValues(new Uint8Array(64 * 1024));
  const bytes = Buffer.alloc(raw.width * raw.height * raw.channels);
  for (let at = 0; at < bytes.length; at += pixels.length)
    bytes.set(crypto.getRandomValues(pixels).subarray(0, bytes.length - at), at);
  return sharp(bytes, { raw })
    .png()
    .toBuffer()
    .then((png) => Buffer.from(png));
}
