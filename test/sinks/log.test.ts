import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createTelemetry } from '../../src/sinks/index.ts';
import { createLineBuffer } from '../../src/sinks/line-buffer.ts';
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

function linesOf(level: 'info' | 'warn' | 'silent', ...events: readonly TelemetryEvent[]): readonly string[] {
  const lines: string[] = [];
  const telemetry = createTelemetry({ logTo: { write: (line) => lines.push(line) }, level });
  for (const event of events) telemetry.report(event);
  return lines;
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
});
