import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startS3FaultServer } from '../support/s3-fault-server.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../support/server-process.ts';
import { picture } from '../support/uploads.ts';

const credentials = { AWS_ACCESS_KEY_ID: 'stub', AWS_SECRET_ACCESS_KEY: 'stub', AWS_REGION: 'us-east-1' };

/** A server that is gone when the test is, in a folder of its own. */
async function started(environment: (folder: string) => Readonly<Record<string, string>>) {
  const folder = await makeWorkingFolder({ 'a.jpg': await picture() });
  onTestFinished(() => removeFolder(folder));
  const server = await startServer(folder, { FOVEA_RENDERERS: '1', ...environment(folder) });
  onTestFinished(async () => void (await server.end('SIGKILL')));
  return { folder, server };
}

async function ask({ url }: ServerProcess, path: string) {
  const response = await fetch(url + path);
  await response.arrayBuffer();
  return [response.status, response.headers.get('cache-control')];
}

/** What the start warned of. */
function warnings({ lines }: ServerProcess): readonly string[] {
  const told = lines.map((line) => JSON.parse(line) as { readonly level: number; readonly msg: string });
  return told.filter(({ msg }) => msg.startsWith('Not ready')).map(({ msg }) => msg);
}

describe('a start', () => {
  it('with a folder that is not there says so, is not ready and answers 502, until the folder is mounted', async () => {
    const { folder, server } = await started((at) => ({ FOVEA_ORIGINALS: `file:${join(at, 'mount')}` }));
    expect(warnings(server)).toEqual([
      expect.stringMatching(/store of originals cannot be used.*ENOENT.*mount'; to do: make the folder, mount it/),
    ]);
    expect(await ask(server, '/-/ready')).toEqual([503, 'no-store']);
    expect(await ask(server, '/-/health')).toEqual([200, 'no-store']);
    expect(await ask(server, '/w_20/a.jpg')).toEqual([502, 'no-store']);
    expect(existsSync(join(folder, 'mount'))).toBe(false);
    await mkdir(join(folder, 'mount'));
    await writeFile(join(folder, 'mount', 'a.jpg'), await picture());
    await expect.poll(async () => (await ask(server, '/-/ready'))[0], { timeout: 10_000 }).toBe(200);
    expect((await ask(server, '/w_20/a.jpg'))[0]).toBe(200);
    expect((await ask(server, '/w_20/b.jpg'))[0]).toBe(404);
    expect(server.lines.some((line) => line.includes('the stores are there now'))).toBe(true);
  });

  it('without any folder makes those that nobody named', async () => {
    const folder = await makeWorkingFolder({});
    await removeFolder(join(folder, 'data'));
    onTestFinished(() => removeFolder(folder));
    const server = await startServer(folder, { FOVEA_RENDERERS: '1' });
    onTestFinished(async () => void (await server.end('SIGKILL')));
    expect(warnings(server)).toEqual([]);
    expect((await ask(server, '/-/ready'))[0]).toBe(200);
    expect((await ask(server, '/w_20/a.jpg'))[0]).toBe(404);
    expect(existsSync(join(folder, 'data', 'originals'))).toBe(true);
  });

  it.runIf(process.platform === 'linux')('with variants that nobody can write says so and is not ready', async () => {
    const { server } = await started(() => ({ FOVEA_VARIANTS: 'file:/proc/nope' }));
    expect(warnings(server)).toEqual([
      expect.stringMatching(/store of variants cannot be used.*ENOENT.*\/proc\/nope'; to do: make the folder/),
    ]);
    expect((await ask(server, '/-/ready'))[0]).toBe(503);
    // Memory keeps it: what is there to be shown is shown.
    expect((await ask(server, '/w_20/a.jpg'))[0]).toBe(200);
  });

  it('with a bucket that is not there says what S3 says, is not ready and answers 502', async () => {
    const s3 = await startS3FaultServer();
    onTestFinished(() => s3.close());
    const { server } = await started(() => ({
      ...{ ...credentials, FOVEA_S3_ENDPOINT: s3.endpoint },
      FOVEA_ORIGINALS: 's3://misspelt-bucket',
    }));
    expect(warnings(server)).toEqual([expect.stringMatching(/404 NoSuchBucket: .*; to do: make the bucket/)]);
    expect((await ask(server, '/-/ready'))[0]).toBe(503);
    expect(await ask(server, '/w_20/a.jpg')).toEqual([502, 'no-store']);
  });

  it('with a store that cannot be reached serves all the same, says so, and is not ready', async () => {
    const { server } = await started(() => ({
      ...{ ...credentials, FOVEA_S3_ENDPOINT: 'http://127.0.0.1:9' },
      FOVEA_ORIGINALS: 's3://pictures',
    }));
    expect(warnings(server)).toEqual([expect.stringMatching(/ECONNREFUSED.*; to do: check FOVEA_S3_ENDPOINT/)]);
    expect((await ask(server, '/-/ready'))[0]).toBe(503);
    expect((await ask(server, '/w_20/a.jpg'))[0]).toBe(502);
  });
});
