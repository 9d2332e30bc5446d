import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const vclPath = fileURLToPath(new URL('../../infra/local/varnish.vcl', import.meta.url));

/** A Varnish on loopback. */
export interface Varnish {
  readonly url: string;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a TCP address');
  return address.port;
}

async function untilReady(url: string, daemon: ChildProcess, log: () => string): Promise<void> {
  for (const until = performance.now() + 30_000; performance.now() < until; ) {
    if (daemon.exitCode !== null) break;
    const response = await fetch(url).catch(() => undefined);
    // Until its first look at the origin has come back, it answers that nobody is there.
    if (response !== undefined && response.status < 500) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Varnish did not start: ${log()}`);
}

/** Starts Varnish with the VCL that we ship, in front of an origin that listens on loopback. */
export async function startVarnish(port: number, originPort: number): Promise<Varnish> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-varnish-'));
  const vcl = (await readFile(vclPath, 'utf8'))
    .replace('.host = "origin"', '.host = "127.0.0.1"')
    .replace('.port = "3000"', `.port = "${originPort}"`);
  const path = join(folder, 'origin.vcl');
  await writeFile(path, vcl);
  const listen = ['-a', `127.0.0.1:${port}`, '-T', 'none'];
  const daemon = spawn('varnishd', ['-j', 'none', '-F', ...listen, '-f', path, '-n', folder, '-s', 'malloc,64m']);
  let log = '';
  for (const stream of [daemon.stdout, daemon.stderr]) stream.on('data', (text) => (log += String(text)));
  const exited = once(daemon, 'exit');
  const stop = async () => {
    daemon.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilReady(`${url}/w_1/nobody.jpg`, daemon, () => log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}
