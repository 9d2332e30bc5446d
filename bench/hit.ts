import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { spread, table } from './machine.ts';
import { cpuMsOfTree, startFovea, startProcess } from './processes.ts';

/**
 * Answers from memory and 304s, against bare node:http that sends the same body and the same headers. autocannon shares
 * the machine with the server: trust the ratios and the CPU time of a request more than the requests of a second.
 */
const repeats = 5;
const seconds = 4;
const connections = 50;
const path = '/c_limit,w_400,f_jpg,q_80/seeding.jpg';

interface Taken {
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly cpuMicroseconds: number;
}

interface Target {
  readonly url: string;
  readonly pid: number;
}

async function shoot({ url, pid }: Target, headers: Readonly<Record<string, string>>, status: number): Promise<Taken> {
  const before = cpuMsOfTree(pid);
  const result = await autocannon({ url: url + path, connections, duration: seconds, headers: { ...headers } });
  const cpuMs = cpuMsOfTree(pid) - before;
  const answered = Object.entries(result.statusCodeStats ?? {});
  if (result.errors > 0 || answered.length !== 1 || answered[0]?.[0] !== String(status)) {
    throw new Error(`expected ${status} only, got ${JSON.stringify(answered)} and ${result.errors} errors`);
  }
  const { total } = result.requests;
  return { perSecond: total / seconds, p99Ms: result.latency.p99, cpuMicroseconds: (cpuMs * 1000) / total };
}

function rowOf(name: string, fovea: readonly Taken[], bare: readonly Taken[]): string[] {
  const pairs = (figure: (taken: Taken) => number) =>
    fovea.flatMap((taken, index) => {
      const other = bare[index];
      return other === undefined ? [] : [figure(taken) / figure(other)];
    });
  return [
    name,
    spread(fovea.map(({ perSecond }) => perSecond)),
    spread(bare.map(({ perSecond }) => perSecond)),
    spread(
      pairs(({ perSecond }) => perSecond),
      2,
    ),
    spread(fovea.map(({ p99Ms }) => p99Ms)),
    spread(fovea.map(({ cpuMicroseconds }) => cpuMicroseconds)),
    spread(bare.map(({ cpuMicroseconds }) => cpuMicroseconds)),
  ];
}

/** Headers that a server sets of itself, on both sides alike. */
const ofTheServer = ['date', 'connection', 'keep-alive', 'transfer-encoding'];

async function headersOf(response: Response): Promise<Record<string, string>> {
  return Object.fromEntries([...response.headers].filter(([name]) => !ofTheServer.includes(name)));
}

/** What bare node:http has to send: what fovea sends for this picture from memory. */
async function record(url: string, file: string): Promise<string> {
  await (await fetch(url)).arrayBuffer();
  const hit = await fetch(url);
  const body = Buffer.from(await hit.arrayBuffer()).toString('base64');
  const etag = hit.headers.get('etag') ?? '';
  const notModified = await fetch(url, { headers: { 'if-none-match': etag } });
  if (!hit.headers.get('cache-status')?.includes('memory') || notModified.status !== 304) {
    throw new Error(`${url} is not answered from memory, or not by 304`);
  }
  const recorded = { headers: await headersOf(hit), notModifiedHeaders: await headersOf(notModified), body, etag };
  writeFileSync(file, JSON.stringify(recorded));
  return etag;
}

async function measureBoth(fovea: Target, bare: Target, etag: string): Promise<string> {
  const cases = [
    { name: '200 from memory', headers: {}, status: 200 },
    { name: '304', headers: { 'if-none-match': etag }, status: 304 },
  ] as const;
  const rows: string[][] = [];
  for (const { name, headers, status } of cases) {
    const taken: Record<'fovea' | 'bare', Taken[]> = { fovea: [], bare: [] };
    // One round that nobody counts: both are compiled by then.
    for (let repeat = 0; repeat <= repeats; repeat += 1) {
      const pair = [await shoot(fovea, headers, status), await shoot(bare, headers, status)] as const;
      if (repeat === 0) continue;
      taken.fovea.push(pair[0]);
      taken.bare.push(pair[1]);
    }
    rows.push(rowOf(name, taken.fovea, taken.bare));
  }
  const head = [
    'answer',
    'fovea, req/s',
    'node:http, req/s',
    'ratio',
    'fovea p99, ms',
    'fovea, CPU µs',
    'node:http, CPU µs',
  ];
  return table([head, ...rows]);
}

/** The table of hits. */
export async function measureHits(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
  cpSync(fileURLToPath(new URL('../data/originals/seeding.jpg', import.meta.url)), join(folder, 'seeding.jpg'));
  const fovea = await startFovea(folder, join(folder, 'variants'));
  try {
    const file = join(folder, 'recorded.json');
    const etag = await record(fovea.url + path, file);
    const script = fileURLToPath(new URL('bare-http.ts', import.meta.url));
    const bare = await startProcess([...process.execArgv, script, file], {}, /listening on/);
    const url = bare.greeting.replace('listening on ', '');
    try {
      return await measureBoth(fovea, { url, pid: bare.pid }, etag);
    } finally {
      await bare.stop();
    }
  } finally {
    await fovea.stop();
    rmSync(folder, { recursive: true });
  }
}
