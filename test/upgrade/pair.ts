import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { builtProgram } from '../support/program.ts';
import { startS3FaultServer } from '../support/s3-fault-server.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../support/server-process.ts';
import { lastReleaseProgram } from './last-release.ts';

export const sides = ['the last release', 'this program'] as const;
export type Side = (typeof sides)[number];
export const other = { 'the last release': sides[1], 'this program': sides[0] } as const satisfies Record<Side, Side>;
const programs = { 'the last release': lastReleaseProgram, 'this program': builtProgram } as const;

const adminToken = 'the-admin-token-of-the-tests';
export const admin = { Authorization: `Bearer ${adminToken}` };

/** Stores of a kind, empty, in a working folder. */
interface Stores {
  readonly environment: Readonly<Record<string, string>>;
  /** Writes an original past both programs. */
  put(key: string, bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

export const stores = {
  'a folder': async (folder: string): Promise<Stores> => ({
    environment: {},
    put: async (key, bytes) => {
      const file = join(folder, 'data', 'originals', key);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
    },
    close: async () => undefined,
  }),
  S3: async (): Promise<Stores> => {
    const server = await startS3FaultServer();
    let written = 0;
    return {
      environment: {
        FOVEA_S3_ENDPOINT: server.endpoint,
        FOVEA_ORIGINALS: `s3://${server.bucket}/originals`,
        FOVEA_VARIANTS: `s3://${server.bucket}/variants`,
        AWS_ACCESS_KEY_ID: 'x',
        AWS_SECRET_ACCESS_KEY: 'y',
        AWS_REGION: 'us-east-1',
      },
      put: async (key, bytes) => {
        written += 1;
        const headers = { etag: `"${written}"`, 'last-modified': new Date().toUTCString() };
        server.seed(`originals/${key}`, { bytes, headers });
      },
      close: () => server.close(),
    };
  },
} as const;

/** Both programs, at work on one store. */
export interface Pair {
  readonly servers: Readonly<Record<Side, ServerProcess>>;
  readonly put: Stores['put'];
  /** Runs a command of one of them on the same stores; what it prints. */
  command(side: Side, ...words: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** `apart`: with variants kept in memory alone, so that neither sees what the other has made. */
export async function startPair(kind: keyof typeof stores, { apart = false } = {}): Promise<Pair> {
  const folder = await makeWorkingFolder({});
  const store = await stores[kind](folder);
  const environment = {
    FOVEA_ADMIN_TOKEN: adminToken,
    FOVEA_SIGNING_SECRETS: 'a-secret-of-the-tests-that-is-long-enough',
    FOVEA_RENDERERS: '1',
    ...store.environment,
    ...(apart ? { FOVEA_VARIANTS: 'none' } : {}),
  };
  const start = (side: Side) => startServer(folder, environment, { program: programs[side]() });
  const started = await Promise.allSettled(sides.map(start));
  const servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const close = async () => {
    await Promise.all(servers.map((server) => server.end('SIGKILL')));
    await store.close();
    await removeFolder(folder);
  };
  const [before, now] = servers;
  if (before === undefined || now === undefined) {
    // One that has started alone would stay.
    await close();
    throw started.find((one) => one.status === 'rejected')?.reason;
  }
  return {
    servers: { 'the last release': before, 'this program': now },
    put: store.put,
    command: async (side, ...words) => {
      const env = { PATH: process.env['PATH'], FOVEA_UNSIGNED: 'any', ...environment };
      const cli = join(programs[side](), 'cli.js');
      return (await promisify(execFile)(process.execPath, [cli, ...words], { cwd: folder, env })).stdout;
    },
    close,
  };
}
