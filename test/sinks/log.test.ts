import { execFile, execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTelemetry } from '../../src/sinks/index.ts';
import { createLineBuffer } from '../../src/sinks/line-buffer.ts';
import { openLogFile } from '../../src/sinks/log-file.ts';
import type { TelemetryEvent } from '../../src/telemetry.ts';

const request: TelemetryEvent = {
  type: 'request',
  requestId: '0d1e',
  method: 'GET',
  route: 'image',
  path: '/w_1/a.jpg',
  status: 200,
  bytes: 12,
  durationMs: 0.25,
};

type Options = Omit<Parameters<typeof createTelemetry>[0], 'logTo'>;

function linesOf(given: Options['level'] | Options, ...events: readonly TelemetryEvent[]): readonly string[] {
  const lines: string[] = [];
  const options = typeof given === 'string' ? { level: given } : given;
  const telemetry = createTelemetry({ logTo: { write: (line) => lines.push(line) }, ...options });
  for (const event of events) telemetry.report(event);
  return lines;
}

/** A log whose lines are read as they come. */
function logging(options: Partial<Options> = {}) {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const logTo = { write: (line: string) => lines.push(JSON.parse(line)) };
  return { lines, report: createTelemetry({ logTo, level: 'info', ...options }).report };
}

describe('the line of a request', () => {
  it('is JSON with its fields in their order, as those of other events are', () => {
    const audit = { type: 'audit', requestId: '0d1e', act: 'purge', who: 'admin', from: '::1', count: 1 } as const;
    const [line = '', other = ''] = linesOf('info', request, { ...audit, outcome: 'done' });
    expect(line).toMatch(
      /^\{"level":30,"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","event":"request","requestId":"0d1e","method":"GET","route":"image","path":"\/w_1\/a\.jpg","status":200,"bytes":12,"durationMs":0\.25\}\n$/,
    );
    expect(Object.keys(JSON.parse(other)).slice(0, 4)).toEqual(Object.keys(JSON.parse(line)).slice(0, 4));
    expect(Math.abs(Date.now() - Date.parse(JSON.parse(line).time))).toBeLessThan(60_000);
  });

  it('says whatever a path and a detail hold', () => {
    const path = '/"\\\n\u0000\u007fé\u2028\ud800{}~ !';
    const [line = ''] = linesOf('info', { ...request, path, detail: 'not "there"\r' });
    expect(line.trimEnd()).not.toContain('\n');
    expect(JSON.parse(line)).toMatchObject({ path, detail: 'not "there"\r' });
    expect(Object.keys(JSON.parse(line)).at(-1)).toBe('detail');
  });

  it('is not written where nothing below a warning is', () => {
    expect(linesOf('warn', request)).toEqual([]);
    expect(linesOf('silent', request)).toEqual([]);
  });
});

/** Whatever a terminal or a reader of lines may take for more than text. */
const forging = 'a\r\n{"level":50}\u001b[2K\u009b1mb\u007f\u2028c\u202ed';
/** Of C0, DEL, C1, the ends of lines of Unicode, and what turns the direction of writing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const odd = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/;

describe('what comes from strangers', () => {
  const visitor = { client: '203.0.113.9', referer: `https://x.test/${forging}`, userAgent: forging };
  const events: readonly TelemetryEvent[] = [
    { ...request, visitor, path: forging, detail: forging, picture: { tier: 'memory', format: 'avif' } },
    { type: 'warning', message: forging },
    { type: 'bug', where: 'http', error: new Error(forging) },
  ];

  it('begins no line and commands no terminal, and is read as it came', () => {
    const lines = linesOf('info', ...events);
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line.trimEnd()).not.toMatch(odd);
    const [first, second] = lines.map((line) => JSON.parse(line));
    expect(first).toMatchObject({ ...visitor, path: forging, detail: forging, tier: 'memory', format: 'avif' });
    expect(second).toMatchObject({ level: 40, msg: forging });
  });

  it('does not in words for a terminal either', () => {
    const lines = linesOf({ level: 'info', format: 'pretty' }, ...events);
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} info {2}200 GET a\\x0d\\x0a/);
    expect(lines[0]).toContain('12 B memory avif client=203.0.113.9');
    // Ours are the colours of a level, and the ends of lines before what a stack has.
    for (const line of lines) {
      const text = ['\x1b[31m', '\x1b[33m', '\x1b[0m'].reduce((rest, colour) => rest.replaceAll(colour, ''), line);
      expect(text.replaceAll(/\n( {4}at |$)/g, '$1')).not.toMatch(odd);
    }
  });

  it('tells of no person where nobody wants that', () => {
    const [line = ''] = linesOf({ level: 'info', tellsVisitors: false }, ...events);
    expect(Object.keys(JSON.parse(line))).not.toEqual(expect.arrayContaining(['client']));
    expect(line).not.toMatch(/203\.0\.113\.9|x\.test|userAgent/);
  });
});

describe('what is said again', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const fault = (code: string): TelemetryEvent => {
    const error = Object.assign(new Error(`no ${Math.random()}`), { code });
    return { type: 'tier-fault', tier: 'variants', operation: 'get', error };
  };
  const minute = 60_000;

  it('for the same cause is a line at once and a count after a minute, ten more, and each hour', () => {
    const { lines, report } = logging();
    const every = (seconds: number, times: number) => {
      for (let time = 0; time < times; time += 1) {
        report(fault('EIO'));
        vi.advanceTimersByTime(seconds * 1000);
      }
    };
    every(1, 3 * 3600);
    const counts = lines.map(({ again }) => again);
    expect(counts.slice(0, 3)).toEqual([undefined, 59, 600]);
    expect(counts.length).toBeLessThanOrEqual(6);
    expect(lines[1]).toMatchObject({ event: 'tier-fault', msg: 'store fault', inSeconds: 60 });
  });

  it('after an interval of silence is said at once again, and for another cause in any case', () => {
    const { lines, report } = logging();
    for (const code of ['EIO', 'ENOSPC', 'EIO']) report(fault(code));
    vi.advanceTimersByTime(minute);
    expect(lines.map(({ again }) => again)).toEqual([undefined, undefined, 1]);
    vi.advanceTimersByTime(20 * minute);
    report(fault('EIO'));
    expect(lines).toHaveLength(4);
  });

  it('has so many causes and no more', () => {
    const { lines, report } = logging();
    for (let index = 0; index < 1_000; index += 1) report(fault(`E${index}`));
    expect(lines).toHaveLength(201);
    vi.advanceTimersByTime(minute);
    expect(lines.at(-1)).toMatchObject({ again: 799 });
  });

  it('of health and readiness is a line an hour, and one for each answer that is another than the one before', () => {
    const { lines, report } = logging();
    const checks = (status: number, times: number) => {
      for (let time = 0; time < times; time += 1) {
        report({ ...request, route: 'ready', path: '/-/ready', status });
        vi.advanceTimersByTime(5_000);
      }
    };
    checks(200, 10);
    expect(lines).toEqual([]);
    checks(503, 10);
    checks(200, 700);
    expect(lines.slice(0, 2)).toMatchObject([{ status: 503 }, { status: 200 }]);
    vi.advanceTimersByTime(60 * minute);
    const counted = lines.slice(2).filter(({ event }) => event === 'health-checks');
    expect(counted.reduce((sum, { again }) => sum + Number(again), 0)).toBe(718);
    expect(lines.length).toBeLessThan(8);
    const all = logging({ health: 'all' });
    for (let time = 0; time < 3; time += 1) all.report({ ...request, route: 'health' });
    expect(all.lines).toHaveLength(3);
  });
});

describe('lines wait together', () => {
  it('for milliseconds, until there are many, or until somebody has them written', async () => {
    const written: string[] = [];
    const lines = createLineBuffer((text) => written.push(text));
    lines.add('a\n');
    lines.add('b\n');
    expect(written).toEqual([]);
    await expect.poll(() => written).toEqual(['a\nb\n']);
    lines.add('c\n');
    lines.empty();
    lines.empty();
    expect(written).toEqual(['a\nb\n', 'c\n']);
    for (let times = 0; times < 9; times += 1) lines.add('x'.repeat(1_000));
    // No more than a pipe takes at once, so that nothing is written into the midst of a line.
    expect(written.slice(2).map(({ length }) => length)).toEqual([4_000, 4_000]);
  });

  it('for no other thread where a pipe is to be written to, which keeps what has no room in it for later', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'fovea-log-'));
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    const reader = openSync(path.join(folder, 'pipe'), constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path.join(folder, 'pipe'), 'w');
    const file = openLogFile(writer);
    for (const line of ['one\n', 'two\n']) file.write(line);
    expect(readAll(reader)).toBe('one\ntwo\n');
    const lines = Array.from({ length: 40 }, (_, index) => `${index}`.padStart(4_000));
    for (const line of lines) file.write(line);
    let said = '';
    await expect.poll(() => (said += readAll(reader)), { timeout: 10_000 }).toBe(lines.join(''));
    await file.settled();
    for (const descriptor of [reader, writer]) closeSync(descriptor);
    rmSync(folder, { recursive: true });
  });

  const script = fileURLToPath(new URL('../support/log-writer.ts', import.meta.url));
  const writer = [process.execPath, '--import', 'tsx', script, '1000'] as const;
  /** What Node opens to a child is a socket; containers and shells give a pipe, which a slow reader fills. */
  const ways = { 'a socket': writer, 'a pipe': ['sh', '-c', '"$@" | cat', 'sh', ...writer] } as const;
  type Way = keyof typeof ways;
  const told = (way: Way, ending: string) =>
    new Promise<{ code: unknown; complaints: string; lines: readonly string[] }>((resolve) => {
      const [program, ...words] = ways[way];
      execFile(program, [...words, ending], { maxBuffer: 16 * 1024 ** 2 }, (error, said, complaints) =>
        resolve({ code: error?.code ?? 0, complaints, lines: said.split('\n').slice(0, -1) }),
      );
    });
  const endings = ['exit', 'throw', 'flush', 'return'] as const;

  it.each(endings.flatMap((ending) => (['a socket', 'a pipe'] as const).map((way) => [ending, way] as const)))(
    'and none is lost or broken by a process that ends: %s, by way of %s',
    async (ending, way) => {
      const { code, complaints, lines: said } = await told(way, ending);
      if (ending !== 'throw') expect([code, complaints]).toEqual([0, '']);
      const lines = said.map((line) => JSON.parse(line));
      const ids = lines.flatMap(({ requestId }) => (requestId === undefined ? [] : [Number(requestId)]));
      expect(ids).toEqual(Array.from({ length: 1000 }, (_, index) => index));
      expect(lines[500]).toMatchObject({ level: 40, msg: 'half of it' });
    },
    30_000,
  );

  it('and a reader that has gone neither ends the process nor keeps it', async () => {
    const script = '("$@"; echo "ended with $?" >&2) | true';
    const words = ['-c', script, 'sh', ...writer, 'exit'];
    const complaints = await new Promise<string>((resolve) => {
      execFile('sh', words, (_error, _said, complained) => resolve(complained));
    });
    expect(complaints).toBe('ended with 0\n');
  }, 30_000);
});

/** What a pipe has. */
function readAll(descriptor: number): string {
  const most = Buffer.alloc(1024 * 1024);
  try {
    return most.toString('latin1', 0, readSync(descriptor, most));
  } catch {
    return ''; // It is empty.
  }
}
