import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { renderProcesses } from '../support/process-group.ts';
import { builtProgram } from '../support/program.ts';
import { makeWorkingFolder, removeFolder } from '../support/server-process.ts';
import { picture } from '../support/uploads.ts';

let folder = '';
beforeAll(async () => {
  folder = await makeWorkingFolder({ 'a.jpg': await picture(), 'b.jpg': await picture('jpeg', 50) });
});
afterAll(async () => {
  await removeFolder(folder);
});

function start(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const env = { PATH: process.env['PATH'], PORT: '0', FOVEA_RENDERERS: '1', FOVEA_DRAIN_SECONDS: '0', ...environment };
  return spawn(process.execPath, [join(builtProgram(), 'cli.js'), ...words], { cwd: folder, env });
}

async function ended(child: ChildProcessWithoutNullStreams) {
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { stdout, stderr, code };
}

describe('the built command', () => {
  test('shows its help, and refuses what it does not know', async () => {
    expect(await ended(start(['--help']))).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage: fovea') });
    expect(await ended(start(['nosuch']))).toMatchObject({ code: 2, stdout: '' });
  });

  test('reads the environment, and ends with 2 when it is not understood', async () => {
    const { code, stderr } = await ended(start(['info', 'a.jpg'], { FOVEA_NOSUCH: '1' }));
    expect([code, stderr]).toEqual([2, expect.stringContaining('FOVEA_NOSUCH')]);
    const signed = await ended(
      start(['sign', '/w_1/a.jpg'], { FOVEA_SIGNING_SECRETS: 'a signing secret of the tests: long enough' }),
    );
    expect(signed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\/s--[\w-]{8}--\/w_1\/a\.jpg\n$/) });
  });

  test('renders in processes of its own, and ends with 130 and where to go on at Ctrl-C', async () => {
    const child = start(['warm', '-', '--transform', 'w_10', '--json']);
    const first = once(createInterface({ input: child.stdout }), 'line');
    const stderr = text(child.stderr);
    // stdin stays open: it waits for more when the signal comes.
    child.stdin.write('a.jpg\n');
    expect(await first).toEqual(['{"key":"a.jpg","rendered":1,"present":0}']);
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect([code, await stderr]).toEqual([130, expect.stringContaining('--start-after "a.jpg"')]);
  });

  test('serves as npm start does, until SIGTERM', async () => {
    const child = start(['serve'], { FOVEA_KEEP_ALIVE_SECONDS: '620' });
    let url = '';
    for await (const line of createInterface({ input: child.stdout })) {
      url = /Health: (\S+),/.exec(line)?.[1] ?? '';
      if (url !== '') break;
    }
    expect((await fetch(url)).headers.get('keep-alive')).toBe('timeout=620');
    child.kill('SIGTERM');
    expect((await once(child, 'close'))[0]).toBe(0);
  });

  test('reads its configuration again at SIGHUP, hosts of pictures too, and goes on', async () => {
    const path = join(folder, 'reloaded.json');
    await writeFile(path, '{}');
    const child = start(['serve'], { FOVEA_CONFIG: path });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const seen = async (pattern: RegExp) => {
      for (;;) {
        const { value, done } = await lines.next();
        const found = pattern.exec(String(value));
        if (found !== null || done === true) return found?.[1] ?? '';
      }
    };
    const url = await seen(/Health: (\S+)\/-\/health/);
    const ask = async () => (await fetch(`${url}/image/fetch/w_10/http://127.0.0.1:9/a.jpg`)).status;
    expect(await ask()).toBe(400);
    await writeFile(path, '{ "fetchHosts": ["http://127.0.0.1:9"] }');
    child.kill('SIGHUP');
    expect(await seen(/(read again: .*)"/)).toContain('fetchHosts');
    // Known now, and no address that anything is fetched from.
    const known = await fetch(`${url}/image/fetch/w_10/http://127.0.0.1:9/a.jpg`);
    expect(await known.text()).toContain('no public address');
    child.kill('SIGTERM');
    expect((await once(child, 'close'))[0]).toBe(0);
  });

  test.runIf(process.platform === 'linux')('finds a folder that nobody can make, and ends', async () => {
    const { code, stdout } = await ended(start(['doctor'], { FOVEA_VARIANTS: 'file:/proc/nope' }));
    expect([code, stdout]).toEqual([
      6,
      expect.stringMatching(/^failed {2}store of variants: .*ENOENT.*make the folder/m),
    ]);
    expect(stdout).toMatch(/^ok {5} render gif/m);
  });

  test.runIf(process.platform === 'linux')('draws behind the server, however nice that is', async () => {
    const env = { PATH: process.env['PATH'], PORT: '0', FOVEA_RENDERERS: '1', FOVEA_DRAIN_SECONDS: '0' };
    const words = ['-n', '12', process.execPath, join(builtProgram(), 'cli.js'), 'serve'];
    const child = spawn('nice', words, { cwd: folder, env });
    for await (const line of createInterface({ input: child.stdout })) if (line.includes('/-/health')) break;
    const [drawing = 0] = renderProcesses(child.pid ?? 0);
    expect(getPriority(drawing)).toBeGreaterThan(getPriority(child.pid));
    child.kill('SIGTERM');
    await once(child, 'close');
  });

  test('works on as a worker that is told to read its configuration while it looks for its stores', async () => {
    const held: ServerResponse[] = [];
    const aws = createServer((_, response) => void held.push(response)).listen(0, '127.0.0.1');
    await once(aws, 'listening');
    onTestFinished(() => void aws.close());
    const url = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
    const env = {
      ...{ PATH: process.env['PATH'], FOVEA_RENDERERS: '1', FOVEA_VARIANTS: 'none', FOVEA_ORIGINALS: 's3://pictures' },
      ...{ FOVEA_S3_ENDPOINT: url, FOVEA_SQS_ENDPOINT: url, FOVEA_EVENTS_QUEUE: `${url}/1/events` },
      ...{ AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' },
    };
    const child = spawn(process.execPath, [join(builtProgram(), 'worker.js')], { cwd: folder, env });
    const code = once(child, 'close');
    await once(aws, 'request');
    child.kill('SIGHUP');
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (line.includes('was read again')) for (const response of held.splice(0)) response.writeHead(404).end();
      if (line.includes('works on the events')) child.kill('SIGTERM');
    }
    aws.closeAllConnections();
    expect([(await code)[0], lines.join()]).toEqual([0, expect.stringMatching(/was read again.*works on the events/)]);
  });

  test('wants a queue for its worker', async () => {
    const { code, stderr } = await ended(start(['worker']));
    expect([code, stderr]).toEqual([2, 'fovea: The worker needs FOVEA_EVENTS_QUEUE.\n']);
  });
});
