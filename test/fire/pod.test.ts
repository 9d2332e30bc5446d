import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { from, noise } from '../support/pictures.ts';
import { type Pod, preparePod } from '../support/pod.ts';
import { processGroup } from '../support/process-group.ts';
import { type S3FaultServer, startS3FaultServer } from '../support/s3-fault-server.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';

// The server under the conditions of infra/kubernetes/deployment.yaml. It needs Linux, bubblewrap and user namespaces; root,
// for the limit of memory.

/** What the kubelet puts into every container of a namespace that has a Service called `fovea`. */
const links = {
  FOVEA_SERVICE_HOST: '10.96.0.12',
  FOVEA_SERVICE_PORT: '80',
  FOVEA_SERVICE_PORT_HTTP: '80',
  FOVEA_PORT: 'tcp://10.96.0.12:80',
  FOVEA_PORT_80_TCP: 'tcp://10.96.0.12:80',
  FOVEA_PORT_80_TCP_PROTO: 'tcp',
  FOVEA_PORT_80_TCP_PORT: '80',
  FOVEA_PORT_80_TCP_ADDR: '10.96.0.12',
};
const secret = 'a-secret-of-the-tests-that-is-long-enough';

let pod: Pod;
let store: S3FaultServer;
let server: ServerProcess | undefined;

beforeEach(async () => {
  pod = preparePod();
  store = await startS3FaultServer();
});

afterEach(async () => {
  await server?.end('SIGKILL');
  server = undefined;
  await store.close();
  await pod.remove();
});

function start(more: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const stores = {
    FOVEA_S3_ENDPOINT: store.endpoint,
    FOVEA_ORIGINALS: `s3://${store.bucket}/originals`,
    FOVEA_VARIANTS: `s3://${store.bucket}/variants`,
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'y',
  };
  const environment = { ...pod.environment, ...links, ...stores, PORT: '0', FOVEA_DRAIN_SECONDS: '0', ...more };
  return startServer('/', environment, { before: pod.enter });
}

/** The first process of the container, as this machine numbers it. */
function firstOf(group: number): number {
  const found = processGroup(group).find(({ pid }) =>
    /^[^\0]*node\0(.*\0)?[^\0]*server\.js\0/s.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8')),
  );
  if (found === undefined) throw new Error('the server has no process');
  return found.pid;
}

describe('a pod', () => {
  it('serves as any user of the group 0, with no capability, on a root that nobody can write', async () => {
    const bytes = await from(noise(800, 600)).jpeg().toBuffer();
    store.seed('originals/cat.jpg', { bytes, headers: { etag: '"1"', 'last-modified': new Date(0).toUTCString() } });
    server = await start({ FOVEA_SIGNING_SECRETS: secret, FOVEA_ADMIN_TOKEN: secret });
    const { url, child, lines } = server;
    const pid = firstOf(child.pid ?? 0);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    for (const line of [/^NSpid:.*\t1$/m, /^CapEff:\t0+$/m, /^CapBnd:\t0+$/m, /^NoNewPrivs:\t1$/m])
      expect(status).toMatch(line);
    const writable = readFileSync(`/proc/${pid}/mounts`, 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .filter(([, path = '', , options = '']) => /^rw\b/.test(options) && !/^\/(dev|proc)\b/.test(path));
    expect(writable.map(([, path]) => path)).toEqual(['/tmp']);

    await expect
      .poll(async () => (await fetch(`${url}/-/ready`)).text(), { timeout: 5000, message: lines.join('\n') })
      .toBe('ready\n');
    const answers = await Promise.all(
      ['/w_320/cat.jpg', '/t_card/cat.jpg', '/c_limit,w_640,f_auto,q_auto/cat.jpg', '/cat.jpg'].map((target) =>
        fetch(url + target),
      ),
    );
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    expect(lines[0]).toMatch(/is held by (Landlock|a filter of system calls)/);

    process.kill(pid, 'SIGTERM');
    await expect.poll(() => child.exitCode).toBe(0);
    expect([...store.objects.keys()].filter((key) => /^variants\/cat\.jpg\/\.fovea\/[^-]/.test(key))).toHaveLength(3);
    expect(pod.group?.killed() ?? 0).toBe(0);
  });

  it('does not start with the secrets that the manifests show', async () => {
    expect(pod.secrets.toSorted()).toEqual(['FOVEA_ADMIN_TOKEN', 'FOVEA_SIGNING_SECRETS']);
    const refusal = await start({}).catch((error: unknown) => String(error));
    for (const name of pod.secrets) expect(refusal).toContain(name);
  });
});
