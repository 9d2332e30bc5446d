import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { processGroup } from '../support/process-group.ts';
import { makeWorkingFolder, removeFolder, startServer } from '../support/server-process.ts';

let original: Buffer;

beforeAll(async () => {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  original = await sharp({ create: { width: 1600, height: 1200, channels: 3, background: 'black', noise } })
    .jpeg({ quality: 90 })
    .toBuffer();
});

/** Every stored variant's bytes; what is still being written is no variant. */
async function storedVariants(folder: string): Promise<Buffer[]> {
  const variants = join(folder, 'data', 'variants');
  const entries = await readdir(variants, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes('/.fovea-tmp/') && !file.includes('/.fovea-meta/'));
  return Promise.all(files.map((file) => readFile(file)));
}

describe('the running server', () => {
  it('serves from folders without any configuration, and says in three lines what to try', async () => {
    const folder = await makeWorkingFolder({ 'photo.jpg': original });
    const server = await startServer(folder);
    const told = server.lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(told).toHaveLength(3);
    expect(told[1]).toContain('/w_400,h_300/photo.jpg');
    const response = await fetch(`${server.url}/w_400,h_300/photo.jpg`);
    const { width, height, format } = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
    expect([response.status, width, height, format]).toEqual([200, 400, 300, 'jpeg']);
    expect(await server.end('SIGTERM')).toBe(0);
    const requests = server.lines.slice(3).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(requests).toContainEqual(
      expect.objectContaining({
        event: 'request',
        path: '/w_400,h_300/photo.jpg',
        status: 200,
        requestId: response.headers.get('x-request-id'),
      }),
    );
    await removeFolder(folder);
  });

  it('told nonsense says all of it at once and ends with 2', async () => {
    const folder = await makeWorkingFolder({});
    const started = startServer(folder, { FOVEA_MEMORY_MB: 'lots', FOVEA_COLOUR: 'blue' });
    await expect(started).rejects.toThrow(/FOVEA_COLOUR[\s\S]*FOVEA_MEMORY_MB|FOVEA_MEMORY_MB[\s\S]*FOVEA_COLOUR/);
    await removeFolder(folder);
  });

  it('told to stop answers everything under way, writes everything made, and ends with 0', async () => {
    const folder = await makeWorkingFolder({ 'photo.jpg': original });
    const server = await startServer(folder);
    const answers = Array.from({ length: 20 }, (_, index) => fetch(`${server.url}/w_${200 + index}/photo.jpg`));
    await Promise.race(answers);
    const ended = server.end('SIGTERM');
    const responses = await Promise.all(answers);
    expect(responses.map(({ status }) => status)).toEqual(Array(20).fill(200));
    await Promise.all(responses.map((response) => response.arrayBuffer()));
    expect(await ended).toBe(0);
    expect(await storedVariants(folder)).toHaveLength(20);
    await removeFolder(folder);
  });

  it.runIf(process.platform === 'linux').each(['SIGTERM', 'SIGINT'] as const)(
    'told to stop by a %s to every process of it, as by a supervisor or a terminal, still draws what is under way',
    async (signal) => {
      const folder = await makeWorkingFolder({ 'photo.jpg': original });
      const server = await startServer(folder);
      const answers = Array.from({ length: 20 }, (_, index) => fetch(`${server.url}/w_${200 + index}/photo.jpg`));
      await Promise.race(answers);
      const everybody = processGroup(server.child.pid ?? 0);
      const ended = once(server.child, 'exit');
      for (const { pid } of everybody) process.kill(pid, signal);
      const responses = await Promise.all(answers);
      expect(everybody.length).toBeGreaterThan(2);
      expect(responses.map(({ status }) => status)).toEqual(Array(20).fill(200));
      expect(await ended).toEqual([0, null]);
      await removeFolder(folder);
    },
  );

  it.runIf(process.platform === 'linux')(
    'told to read its configuration again, it and all its processes, goes on',
    async () => {
      const folder = await makeWorkingFolder({ 'photo.jpg': original });
      const server = await startServer(folder);
      const answers = Array.from({ length: 20 }, (_, index) => fetch(`${server.url}/w_${200 + index}/photo.jpg`));
      await Promise.race(answers);
      for (const { pid } of processGroup(server.child.pid ?? 0)) process.kill(pid, 'SIGHUP');
      expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(20).fill(200));
      expect((await fetch(`${server.url}/w_100/photo.jpg`)).status).toBe(200);
      expect(await server.end('SIGTERM')).toBe(0);
      await removeFolder(folder);
    },
  );

  it('killed under load leaves no stored variant that does not decode, and serves again', async () => {
    const folder = await makeWorkingFolder({ 'photo.jpg': original });
    let width = 100;
    for (let kill = 1; kill <= 3; kill += 1) {
      const server = await startServer(folder);
      const load = Array.from({ length: 12 }, () => {
        width += 1;
        return fetch(`${server.url}/w_${width}/photo.jpg`).then((response) => response.arrayBuffer());
      });
      // After so many answers: their writes, and the renders of the others, are under way.
      const enough = 2 * kill;
      let answered = 0;
      await new Promise<void>((resolve) => {
        for (const answer of load) {
          answer.then(() => {
            answered += 1;
            if (answered === enough) resolve();
          }, resolve);
        }
      });
      expect(await server.end('SIGKILL')).toBe('SIGKILL');
      await Promise.allSettled(load);
    }
    const stored = await storedVariants(folder);
    expect(stored.length).toBeGreaterThan(0);
    for (const bytes of stored) await sharp(bytes, { failOn: 'truncated' }).raw().toBuffer();
    const server = await startServer(folder);
    expect((await fetch(`${server.url}/w_101/photo.jpg`)).status).toBe(200);
    expect((await fetch(`${server.url}/-/ready`)).status).toBe(200);
    await server.end('SIGTERM');
    await removeFolder(folder);
  }, 60_000);
});
