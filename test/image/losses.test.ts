import { spawn } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { isFailure } from '../../src/failure.ts';
import { HeldBack, inspect, type RendererOptions } from '../../src/image/index.ts';
import { createCpuTime } from '../../src/image/processes/cpu-time.ts';
import { createRefusals } from '../../src/image/verdicts/refusals.ts';
import { createVerdicts } from '../../src/image/verdicts/verdicts.ts';
import { from, quarters } from '../support/pictures.ts';
import { processGroup, renderProcesses } from '../support/process-group.ts';
import { startRenderer, type TestRenderer, transformOf } from '../support/renderer.ts';

// Each loss takes a deadline and the start of a process.
vi.setConfig({ testTimeout: 60_000 });
afterAll(() => vi.resetConfig());

let picture: Buffer;
const running: TestRenderer[] = [];

beforeAll(async () => {
  picture = await from(quarters(64, 32)).png().toBuffer();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ renderer }) => renderer.close()));
});

/** What hangs here does not compute, so nobody is to ask: as where the kernel does not tell. */
const unknownCpuTime = () => () => undefined;

async function start(options: Partial<RendererOptions> = {}): Promise<TestRenderer> {
  const started = startRenderer({ timeoutMs: 1_500, cpuTimeOf: unknownCpuTime, clock: () => 0, ...options });
  running.push(started);
  started.hang(true);
  return started;
}

const fingerprint = 'a photograph';

function draw(pool: TestRenderer, text: string, signal = new AbortController().signal) {
  return pool.draw(picture, text, { fingerprint, signal });
}

/** Resolves once the original is not on trial, or rejects with what is known. */
function check(pool: TestRenderer, text: string, signal = new AbortController().signal): Promise<void> {
  return pool.renderer.check({ fingerprint }, transformOf(text), signal);
}

/** Draws pictures which all come to the deadline, one after the other. */
async function lose(pool: TestRenderer, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) await expect(draw(pool, text)).rejects.toMatchObject({ kind: 'timeout' });
}

/** From now on no process hangs but those that do already. */
async function loseLast(pool: TestRenderer, text: string): Promise<void> {
  await pool.seen('started', killed(pool).length + 1);
  pool.hang(false);
  await lose(pool, text);
}

const poisons = ({ events }: TestRenderer) => events.filter(({ type }) => type === 'poison');
const killed = ({ events }: TestRenderer) =>
  events.filter((event) => event.type === 'render-process' && event.event === 'killed-deadline');

describe('a picture that was not finished in time', () => {
  it('is refused at once afterwards, with what and for how long, and no other picture of its original is', async () => {
    const pool = await start();
    await lose(pool, 'w_8');
    pool.hang(false);
    const began = performance.now();
    await expect(draw(pool, 'w_8')).rejects.toMatchObject({
      kind: 'corrupt',
      message:
        'This picture was not finished within 1500 ms; others of its original may be. It is not tried again for 10 minutes.',
      retryAfterSeconds: 600,
    });
    expect(performance.now() - began).toBeLessThan(500);
    expect(killed(pool)).toHaveLength(1);
  });

  it('is the same in every spelling, and another one of another original', async () => {
    const pool = await start();
    await lose(pool, 'w_8,h_8');
    pool.hang(false);
    await expect(draw(pool, 'h_8,w_8')).rejects.toMatchObject({ kind: 'corrupt' });
    expect(await pool.draw(picture, 'w_8,h_8', { fingerprint: 'another' })).toMatchObject({ width: 8 });
    expect(await draw(pool, 'w_9')).toMatchObject({ width: 9 });
  });

  it('is tried again when the time is over, and told until then how long that is', async () => {
    let nowMs = 0;
    const pool = await start({ poisonTtlMs: 600_000, clock: () => nowMs });
    await lose(pool, 'w_8');
    pool.hang(false);
    nowMs = 540_000;
    await expect(draw(pool, 'w_8')).rejects.toMatchObject({
      message: expect.stringMatching(/not tried again for 60 s\.$/),
      retryAfterSeconds: 60,
    });
    nowMs = 600_001;
    expect(await draw(pool, 'w_8')).toMatchObject({ width: 8 });
  });

  it('is not held against anything when its process did not compute for so long', async () => {
    // Asked of the kernel: a process that is stopped gets no processor, like one on a machine that has other work.
    const pool = startRenderer({ timeoutMs: 400 });
    running.push(pool);
    pool.hang(true);
    for (const count of [1, 2, 3]) {
      await expect(draw(pool, 'w_8')).rejects.toMatchObject({
        kind: 'timeout',
        message: 'The picture was not finished within 400 ms, in which the machine had other work.',
      });
      expect(killed(pool)).toHaveLength(count);
    }
    pool.hang(false);
    expect(await draw(pool, 'w_8')).toMatchObject({ width: 8 });
    expect(poisons(pool)).toEqual([]);
  });

  it('is not remembered for renders that were cancelled', async () => {
    const pool = await start({ timeoutMs: 15_000 });
    for (const count of [1, 2]) {
      await pool.seen('started', count);
      const leaving = new AbortController();
      const render = draw(pool, 'w_8', leaving.signal);
      await nextTurn();
      leaving.abort();
      await expect(render).rejects.toMatchObject({ kind: 'cancelled' });
      if (count === 2) pool.hang(false);
      await pool.seen('killed-cancelled', count);
    }
    expect(await draw(pool, 'w_8')).toMatchObject({ width: 8 });
  });
});

describe('an original of which two pictures were lost', () => {
  it('is tried once, and its other pictures are drawn when that is well; further losses are their own', async () => {
    const pool = await start();
    await lose(pool, 'w_8');
    await loseLast(pool, 'w_9');
    await check(pool, 'w_10');
    expect(await draw(pool, 'w_10')).toMatchObject({ width: 10 });
    pool.hang(true);
    for (const pid of renderProcesses(process.pid)) process.kill(pid, 'SIGSTOP');
    await lose(pool, 'w_11');
    await loseLast(pool, 'w_12');
    for (const lost of ['w_8', 'w_9', 'w_11', 'w_12']) {
      await expect(draw(pool, lost)).rejects.toMatchObject({ kind: 'corrupt' });
    }
    expect(await draw(pool, 'w_14')).toMatchObject({ width: 14 });
    expect(killed(pool)).toHaveLength(4);
    expect(poisons(pool)).toEqual([]);
  });

  it('is poison when the smallest picture of it comes to the deadline too', async () => {
    const pool = await start();
    await lose(pool, 'w_8', 'w_9');
    const refusal = {
      kind: 'corrupt',
      message: expect.stringMatching(/^Renders of this original .* 16 pixels .* not tried again for 10 minutes\.$/),
      retryAfterSeconds: 600,
    };
    await expect(check(pool, 'w_10')).rejects.toMatchObject(refusal);
    pool.hang(false);
    await expect(draw(pool, 'w_10')).rejects.toMatchObject(refusal);
    expect(killed(pool)).toHaveLength(3);
    expect(poisons(pool)).toEqual([{ type: 'poison', fingerprint }]);
    expect(await pool.draw(picture, 'w_10', { fingerprint: 'another' })).toMatchObject({ width: 10 });
  });

  it('has nothing else of it begun while it is tried, though there are processes', async () => {
    const pool = await start({ processes: 3 });
    await pool.seen('started', 3);
    const outcomes = Promise.allSettled(['w_8', 'w_9', 'w_10', 'w_11'].map((text) => draw(pool, text)));
    // Three are lost; the fourth waited in the line then, and is refused when the trial has ended.
    const statuses = (await outcomes).map((outcome) => outcome.status === 'rejected' && outcome.reason.kind);
    expect(statuses).toEqual(['timeout', 'timeout', 'timeout', 'corrupt']);
    expect(killed(pool)).toHaveLength(4);
  });

  it('holds back who comes meanwhile, without a slot, for as long as they will', async () => {
    const pool = await start();
    await lose(pool, 'w_8', 'w_9');
    await expect(draw(pool, 'w_10')).rejects.toBeInstanceOf(HeldBack);
    await expect(check(pool, 'w_10', AbortSignal.timeout(10))).rejects.toMatchObject({ kind: 'timeout' });
    const crowd = Array.from({ length: 250 }, () => check(pool, 'w_10').catch((error: unknown) => error));
    const kinds = (await Promise.all(crowd)).map((error) => (isFailure(error) ? error.kind : 'none'));
    expect([...new Set(kinds)].sort()).toEqual(['corrupt', 'overloaded']);
    expect(kinds.filter((kind) => kind === 'overloaded')).toHaveLength(50);
  });

  it('is tried behind all who wait', async () => {
    const pool = await start();
    await lose(pool, 'w_8');
    await pool.seen('started', 2);
    pool.hang(false);
    const last = lose(pool, 'w_9');
    const finished: string[] = [];
    const others = ['w_20', 'w_21', 'w_22'].map((text) =>
      pool.draw(picture, text, { fingerprint: 'another' }).then(() => finished.push(text)),
    );
    await last;
    const tried = check(pool, 'w_10').then(() => finished.push('trial'));
    await Promise.all([...others, tried]);
    expect(finished).toEqual(['w_20', 'w_21', 'w_22', 'trial']);
  });

  it('has a trial that the machine had no time for repeated at the next loss', async () => {
    let computed = 0;
    const pool = await start({ clock: () => performance.now(), cpuTimeOf: () => () => computed++ * 1e6 });
    await lose(pool, 'w_8', 'w_9');
    // It does not get on while the trial runs.
    computed = Number.NaN;
    await check(pool, 'w_10');
    expect(killed(pool)).toHaveLength(3);
    expect(poisons(pool)).toEqual([]);
    computed = 0;
    await loseLast(pool, 'w_10');
    await check(pool, 'w_11');
    expect(await draw(pool, 'w_11')).toMatchObject({ width: 11 });
  });
});

describe('an original whose renders crash', () => {
  async function crash(pool: TestRenderer, text: string, signal: NodeJS.Signals) {
    const outcome = draw(pool, text).catch((error: unknown) => error);
    await nextTurn();
    for (const pid of renderProcesses(process.pid)) {
      process.kill(pid, signal);
      // One that is stopped dies of nothing else.
      if (signal !== 'SIGKILL') process.kill(pid, 'SIGCONT');
    }
    return outcome;
  }

  it('has the picture refused that did, and is poison at the second crash', async () => {
    // The first process of a namespace is ended by no signal from outside but SIGKILL.
    const pool = await start({ timeoutMs: 15_000, cage: { allowed: ['landlock', 'filter'] } });
    await pool.seen('started');
    expect(await crash(pool, 'w_8', 'SIGABRT')).toMatchObject({
      kind: 'corrupt',
      message: expect.stringMatching(/crashed/),
    });
    await pool.seen('started', 2);
    await expect(draw(pool, 'w_8')).rejects.toMatchObject({ kind: 'corrupt', retryAfterSeconds: 600 });
    expect(poisons(pool)).toEqual([]);
    expect(await crash(pool, 'w_9', 'SIGABRT')).toMatchObject({ kind: 'corrupt' });
    pool.hang(false);
    await expect(draw(pool, 'w_10')).rejects.toMatchObject({
      kind: 'corrupt',
      message: 'Of this original 2 renders have crashed. It is not tried again for 10 minutes.',
    });
    expect(poisons(pool)).toHaveLength(1);
  });

  it('is known to be poison before another picture of it is begun that waited for the memory of the crashed one', async () => {
    const maxMemoryBytes = 280 * 1024 ** 2;
    const cage = { allowed: ['landlock', 'filter'] } as const;
    const pool = await start({ timeoutMs: 15_000, processes: 2, maxMemoryBytes, cage });
    await pool.seen('started', 2);
    expect(await crash(pool, 'w_8', 'SIGABRT')).toMatchObject({ kind: 'corrupt' });
    await pool.seen('started', 4);
    const outcomes = Promise.allSettled([3_000, 2_999].map((side) => draw(pool, `c_scale,w_${side},h_${side},f_jpg`)));
    await nextTurn();
    // Whichever of the two has the first, the other one is idle when that is lost.
    for (const [index, pid] of renderProcesses(process.pid).entries()) {
      process.kill(pid, 'SIGABRT');
      process.kill(pid, 'SIGCONT');
      await pool.seen('started', 5 + index);
    }
    const messages = (await outcomes).map((outcome) => outcome.status === 'rejected' && outcome.reason.message);
    expect(messages).toEqual([
      'The process that made this picture crashed.',
      'Of this original 2 renders have crashed. It is not tried again for 10 minutes.',
    ]);
  });

  it('has a crash counted when nobody waits any more', async () => {
    const pool = await start({ timeoutMs: 15_000, cage: { allowed: ['landlock', 'filter'] } });
    await pool.seen('started');
    const leaving = new AbortController();
    const render = draw(pool, 'w_8', leaving.signal);
    await nextTurn();
    leaving.abort();
    await expect(render).rejects.toMatchObject({ kind: 'cancelled' });
    const [pid = 0] = renderProcesses(process.pid);
    process.kill(pid, 'SIGABRT');
    process.kill(pid, 'SIGCONT');
    await pool.seen('died');
    pool.hang(false);
    await pool.seen('started', 2);
    await expect(draw(pool, 'w_8')).rejects.toMatchObject({ kind: 'corrupt' });
  });

  it('may have one tried again that the system ended for want of memory', async () => {
    const pool = await start({ timeoutMs: 15_000 });
    await pool.seen('started');
    expect(await crash(pool, 'w_8', 'SIGKILL')).toMatchObject({ kind: 'overloaded', retryAfterSeconds: 1 });
    pool.hang(false);
    await pool.seen('started', 2);
    for (const pid of renderProcesses(process.pid)) process.kill(pid, 'SIGCONT');
    expect(await draw(pool, 'w_8')).toMatchObject({ width: 8 });
  });
});

describe('what is remembered', () => {
  it('is bounded by its bytes, however long the names are', () => {
    const verdicts = createVerdicts({ ttlMs: 600_000, clock: () => 0 });
    const attempt = (index: number) => ({ fingerprint: `${index}`.padEnd(1_000, 'x'), picture: 'y'.repeat(1_000) });
    const loss = { how: 'deadline', timeoutMs: 1, cpuShare: undefined } as const;
    const known = (index: number) => {
      try {
        verdicts.check(attempt(index));
        return false;
      } catch {
        return true;
      }
    };
    for (let index = 0; index < 25_000; index += 1) verdicts.addLoss(attempt(index), loss);
    const kept = Array.from({ length: 25_000 }, (_, index) => known(index)).filter(Boolean).length;
    expect(kept).toBeGreaterThan(1_000);
    // A picture takes some 500 bytes, of 8 MiB.
    expect(kept).toBeLessThan(20_000);
    expect([known(0), known(24_999)]).toEqual([false, true]);
  });

  it('of refusals is bounded so too, and says the same for ten minutes', async () => {
    let nowMs = 0;
    const refusals = createRefusals({ ttlMs: 600_000, clock: () => nowMs });
    const whole = await inspect(picture);
    const attempt = (index: number) => ({ fingerprint: `${index}`.padEnd(1_000, 'x'), picture: 'y'.repeat(1_000) });
    const known = (index: number) => {
      try {
        refusals.check(attempt(index));
        return 'nothing';
      } catch (error) {
        return isFailure(error, 'too_large') ? error.message : error;
      }
    };
    for (let index = 0; index < 20_000; index += 1) {
      refusals.add(attempt(index), { kind: 'too_large', message: 'Too large.' }, { whole });
    }
    expect(
      Array.from({ length: 20_000 }, (_, index) => known(index)).filter((said) => said !== 'nothing').length,
    ).toBeLessThan(15_000);
    expect([known(0), known(19_999)]).toEqual(['nothing', 'Too large.']);
    nowMs = 600_001;
    expect(known(19_999)).toBe('nothing');
  });
});

it.runIf(process.platform === 'linux')(
  'the kernel tells what a process has computed, with those that it started',
  async () => {
    const work = 'while (process.cpuUsage().user < 3e5); console.log(process.cpuUsage()); setInterval(() => {}, 1e3)';
    const child = spawn('/bin/sh', ['-c', '"$0" -e "$1"; :', process.execPath, work], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const told = await new Promise<string>((resolve) =>
      child.stdout.once('data', (data: Buffer) => resolve(data.toString())),
    );
    const taken = createCpuTime(child.pid ?? 0)() ?? 0;
    const [, user, system] = /user: (\d+), system: (\d+)/.exec(told) ?? [];
    const [grandchild = 0] = processGroup(child.pid ?? 0).flatMap(({ pid }) => (pid === child.pid ? [] : [pid]));
    process.kill(grandchild, 'SIGKILL');
    expect(taken).toBeGreaterThanOrEqual((Number(user) + Number(system)) / 1000 - 50);
    expect(createCpuTime(2 ** 22 + 1)()).toBeUndefined();
  },
);
