import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { build } from 'esbuild';
import { buildFolder, buildOptions, serverWords } from '../test/support/program.ts';
import { spread, table } from './machine.ts';
import { cpuMsOfTree, environmentOf, startFovea, startProcess } from './processes.ts';

/**
 * Answers from memory and 304s, against bare node:http that sends the same body and the same headers. autocannon shares
 * the machine with the server: trust the ratios and the CPU time of a request more than the requests of a second.
 */
const repeats = 5;
const seconds = 2;
const connections = 50;
/** Requests before those that count. */
const warmUps = 30_000;
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

/** What fovea, node:http and hono took, one right after the other. */
type Round = readonly [Taken, Taken, Taken];

function rowOf(name: string, rounds: readonly Round[]): string[] {
  const show = (figure: (round: Round) => number, digits = 0) => spread(rounds.map(figure), digits);
  return [
    name,
    show(([fovea]) => fovea.perSecond),
    show(([, bare]) => bare.perSecond),
    show(([fovea, bare]) => fovea.perSecond / bare.perSecond, 2),
    show(([fovea]) => fovea.p99Ms),
    show(([fovea]) => fovea.cpuMicroseconds),
    show(([, bare]) => bare.cpuMicroseconds),
    show(([fovea, bare]) => fovea.cpuMicroseconds / bare.cpuMicroseconds, 2),
    show(([fovea, , hono]) => fovea.cpuMicroseconds / hono.cpuMicroseconds, 2),
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

interface Targets {
  readonly bare: Target;
  readonly hono: Target;
  /** As anybody starts it, with a line in its log for each request. */
  readonly logging: Target;
  readonly silent: Target;
}

async function measureAll({ bare, hono, logging, silent }: Targets, etag: string): Promise<string> {
  const cases = [
    { name: '200 from memory', target: logging, headers: {}, status: 200 },
    { name: '200, no log', target: silent, headers: {}, status: 200 },
    { name: '304', target: logging, headers: { 'if-none-match': etag }, status: 304 },
    { name: '304, no log', target: silent, headers: { 'if-none-match': etag }, status: 304 },
  ] as const;
  const rows: string[][] = [];
  for (const { name, target, headers, status } of cases) {
    const rounds: Round[] = [];
    // All are compiled by then: on a machine that does other things besides, a time would not tell.
    for (const { url } of [target, bare, hono]) {
      await autocannon({ url: url + path, connections, amount: warmUps, headers: { ...headers } });
    }
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      rounds.push([
        await shoot(target, headers, status),
        await shoot(bare, headers, status),
        await shoot(hono, headers, status),
      ]);
    }
    rows.push(rowOf(name, rounds));
  }
  const head = [
    ...['answer', 'fovea, req/s', 'node:http, req/s', 'ratio', 'fovea p99, ms'],
    ...['fovea, CPU µs', 'node:http, CPU µs', 'CPU to node:http', 'CPU to hono'],
  ];
  return table([head, ...rows]);
}

const scriptOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The table of hits. */
export async function measureHits(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
  cpSync(scriptOf('../data/originals/seeding.jpg'), join(folder, 'seeding.jpg'));
  const file = join(folder, 'recorded.json');
  const running: { stop(): Promise<void> }[] = [];
  try {
    const logging = await startFovea(folder, join(folder, 'variants'));
    running.push(logging);
    const silent = await startSilent(environmentOf(folder, join(folder, 'variants')));
    running.push(silent);
    const etag = await record(silent.url + path, file);
    if ((await record(logging.url + path, file)) !== etag) throw new Error('the two servers send other bytes');
    const bare = await startScript('bare-http.ts', [file], {});
    running.push(bare);
    const hono = await startScript('bare-hono-hits.ts', [file], {});
    running.push(hono);
    return await measureAll({ bare, hono, logging, silent }, etag);
  } finally {
    for (const one of running) await one.stop();
    rmSync(folder, { recursive: true });
  }
}

async function startScript(name: string, words: readonly string[], environment: Readonly<Record<string, string>>) {
  return startListening([...process.execArgv, scriptOf(name), ...words], environment);
}

/** Built as the program is: what loads a script as it stands adds to what it costs. */
async function startSilent(environment: Readonly<Record<string, string>>) {
  const folder = buildFolder('bench');
  await build(buildOptions(folder));
  await build({ ...buildOptions(folder), entryPoints: [{ out: 'silent', in: scriptOf('silent-server.ts') }] });
  const words = serverWords(folder).slice(0, -1);
  const server = await startListening([...words, join(folder, 'silent.js')], environment);
  return {
    ...server,
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

async function startListening(words: readonly string[], environment: Readonly<Record<string, string>>) {
  const ready = /(?:listening|serves silently) on (http:\S+)/;
  const program = await startProcess(words, environment, ready);
  return { ...program, url: ready.exec(program.greeting)?.[1] ?? '' };
}
