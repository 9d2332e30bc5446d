import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A port that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  server.close();
  await once(server, 'close');
  return address.port;
}

export interface RunningProxy {
  readonly url: string;
  /** The target of every request that it has read and answered, `<BADREQ>` for those that it could not read. */
  readonly targets: readonly string[];
  end(): Promise<void>;
}

/** What a cautious operator writes: health checks of readiness, no second try of a request that was sent. */
function configuration(port: number, backends: readonly number[]): string {
  const servers = backends.map(
    (backend, index) => `  server s${index} 127.0.0.1:${backend} check inter 200ms fall 2 rise 1`,
  );
  return [
    'global',
    '  log stdout format raw local0',
    'defaults',
    '  mode http',
    '  log global',
    '  log-format %HU',
    '  timeout connect 2s',
    '  timeout client 40s',
    '  timeout server 40s',
    '  timeout queue 5s',
    // Without it a check has 200 ms here, and readiness does a real render.
    '  timeout check 2s',
    '  option redispatch',
    '  retries 2',
    '  option httpchk GET /-/ready',
    '  http-check expect status 200',
    'frontend front',
    `  bind 127.0.0.1:${port}`,
    '  default_backend back',
    'backend back',
    '  balance roundrobin',
    ...servers,
    '',
  ].join('\n');
}

/** Starts HAProxy before servers on these ports of loopback. */
export async function startProxy(folder: string, backends: readonly number[]): Promise<RunningProxy> {
  if (spawnSync('haproxy', ['-v']).status !== 0) throw new Error('This needs HAProxy: apt-get install haproxy');
  const port = await freePort();
  const file = join(folder, 'haproxy.cfg');
  await writeFile(file, configuration(port, backends));
  const child = spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const targets: string[] = [];
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => targets.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  // Until its first check it takes every server for a good one.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  for (let attempt = 0; ; attempt += 1) {
    const isReady = await fetch(`${url}/-/ready`).then(
      ({ status }) => status === 200,
      () => false,
    );
    if (isReady) break;
    if (attempt > 100) throw new Error(`HAProxy did not find a server that is ready.\n${said.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    targets,
    async end() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
