import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { getPriority } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RendererOptions } from '../../src/image/index.ts';
import { createCpuTime } from '../../src/image/processes/cpu-time.ts';
import type { Claim } from '../../src/shares.ts';
import { from, noise, paint, quarters } from '../support/pictures.ts';
import { processGroup, renderProcesses } from '../support/process-group.ts';
import { builtArguments, startRenderer, type TestRenderer } from '../support/renderer.ts';

let picture: Buffer;
const running: TestRenderer[] = [];

beforeAll(async () => {
  picture = await from(quarters(64, 32)).png().toBuffer();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ renderer }) => renderer.close()));
});

/** A deadline that a stopped process passes, and the first small render of a new one does not, on a busy machine either. */
const timeoutMs = 3_000;

function start(options: Partial<RendererOptions> = {}): TestRenderer {
  const started = startRenderer(options);
  running.push(started);
  return started;
}

/** A process that has started and does nothing any more, as one deep inside a decoder: only SIGKILL reaches it. */
async function stopped(pool: TestRenderer, count = 1): Promise<number> {
  const { pid } = await pool.seen('started', count);
  if (pid === undefined) throw new Error('A started process has a pid.');
  process.kill(pid, 'SIGSTOP');
  return pid;
}

function isSpawner(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('spawner-process');
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

describe('a render that overruns', () => {
  it('is killed at the deadline, and the next one is drawn', async () => {
    const pool = start({ timeoutMs });
    const pid = await stopped(pool);
    await expect(pool.draw(picture, 'w_8')).rejects.toMatchObject({ kind: 'timeout' });
    expect(await pool.seen('killed-deadline')).toMatchObject({ pid });
    expect(await pool.draw(picture, 'w_8', { fingerprint: 'another' })).toMatchObject({ width: 8, height: 4 });
    expect(isAlive(pid)).toBe(false);
  });

  it('is ended inside the encoder too', async () => {
    const pool = start({ timeoutMs: 5_000 });
    const { pid = 0 } = await pool.seen('started');
    const computedMs = createCpuTime(pid);
    const before = computedMs() ?? 0;
    // Within what may be reckoned for it; most of its time goes into encoding.
    const heavy = await from(noise(2_000, 1_900)).png({ compressionLevel: 0 }).toBuffer();
    const render = pool.draw(heavy, 'f_avif').catch((error: unknown) => error);
    await expect.poll(() => (computedMs() ?? 0) - before, { interval: 20 }).toBeGreaterThan(400);
    // A quick machine would be done before the deadline.
    process.kill(pid, 'SIGSTOP');
    expect(await render).toMatchObject({ kind: 'timeout' });
    expect(await pool.draw(picture, 'w_8')).toMatchObject({ width: 8 });
  });

  it('does not have its wait for a process counted', async () => {
    const pool = start({ timeoutMs });
    await stopped(pool);
    const [first, second] = await Promise.allSettled([pool.draw(picture, 'w_8'), pool.draw(picture, 'w_16')]);
    expect(first).toMatchObject({ status: 'rejected', reason: { kind: 'timeout' } });
    expect(second).toMatchObject({ status: 'fulfilled', value: { width: 16 } });
  });
});

describe('renders that wait for a process', () => {
  it.each(['client', 'original'] as const)(
    'take turns by %s: whoever comes goes before the rest of a crowd',
    async (party) => {
      const pool = start();
      const pid = await stopped(pool);
      const drawn: string[] = [];
      const draw = async (name: string, width: number, claim: Claim) => {
        await pool.draw(picture, `w_${width}`, { claim });
        drawn.push(name);
      };
      const crowd = [8, 9, 10].map((width) => draw(`heavy ${width}`, width, { [party]: 'heavy' }));
      const visitors = [11, 12].map((width) => draw(`visitor ${width}`, width, { [party]: 'visitor' }));
      // All are in the line once their bytes have been looked at, which waits for nothing.
      await nextTurn();
      process.kill(pid, 'SIGCONT');
      await Promise.all([...crowd, ...visitors]);
      expect(drawn).toEqual(['heavy 8', 'visitor 11', 'heavy 9', 'visitor 12', 'heavy 10']);
    },
  );
});

describe('a render that nobody waits for any more', () => {
  it('is given up at once, and killed when it does not end soon', async () => {
    const pool = start();
    const pid = await stopped(pool);
    const leaving = new AbortController();
    const render = pool.draw(picture, 'w_8', { signal: leaving.signal });
    await nextTurn();
    leaving.abort();
    await expect(render).rejects.toMatchObject({ kind: 'cancelled' });
    expect(await pool.seen('killed-cancelled')).toMatchObject({ pid });
    expect(await pool.draw(picture, 'w_8')).toMatchObject({ width: 8 });
  });

  it('may end by itself, since a new process would cost more', async () => {
    const pool = start();
    await pool.seen('started');
    const leaving = new AbortController();
    const render = pool.draw(picture, 'w_8', { signal: leaving.signal });
    await nextTurn();
    leaving.abort();
    await expect(render).rejects.toMatchObject({ kind: 'cancelled' });
    expect(await pool.draw(picture, 'w_16')).toMatchObject({ width: 16 });
    expect(pool.events.filter(({ type }) => type === 'render-process')).toHaveLength(1);
  });

  it('leaves the queue without touching a process', async () => {
    const pool = start();
    const pid = await stopped(pool);
    const first = pool.draw(picture, 'w_8');
    const leaving = new AbortController();
    const second = pool.draw(picture, 'w_8', { signal: leaving.signal });
    await nextTurn();
    leaving.abort();
    await expect(second).rejects.toMatchObject({ kind: 'cancelled' });
    process.kill(pid, 'SIGCONT');
    expect(await first).toMatchObject({ width: 8 });
  });

  it('is not begun when the signal came before', async () => {
    const pool = start();
    await expect(pool.draw(picture, 'w_8', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'cancelled',
    });
  });
});

describe('a process that dies', () => {
  it('rejects its render and is replaced', async () => {
    const pool = start();
    const pid = await stopped(pool);
    const render = pool.draw(picture, 'w_8');
    await nextTurn();
    process.kill(pid, 'SIGKILL');
    await expect(render).rejects.toMatchObject({ kind: 'overloaded' });
    expect(await pool.seen('died')).toMatchObject({ pid, detail: 'SIGKILL' });
    expect(await pool.draw(picture, 'w_8')).toMatchObject({ width: 8 });
  });

  it('is replaced when it dies while idle', async () => {
    const pool = start();
    const { pid } = await pool.seen('started');
    process.kill(pid ?? 0, 'SIGKILL');
    expect((await pool.seen('started', 2)).pid).not.toBe(pid);
    expect(await pool.draw(picture, 'w_8')).toMatchObject({ width: 8 });
  });

  it('together with others is replaced half of them at a time, so that hits have a core meanwhile', async () => {
    const children = () => renderProcesses(process.pid);
    const pool = start({ processes: 2, startPatienceMs: 600_000 });
    await pool.seen('started', 2);
    const lost = children();
    for (const pid of lost) process.kill(pid, 'SIGKILL');
    const fresh = () => children().filter((pid) => !lost.includes(pid));
    let isBack = false;
    const back = pool.seen('started', 3).then(() => {
      isBack = true;
    });
    for (let most = 0; !isBack; await nextTurn()) {
      most = Math.max(most, fresh().length);
      expect(most).toBeLessThanOrEqual(1);
    }
    await back;
    await pool.seen('started', 4);
    expect(fresh()).toHaveLength(2);
  });

  it('goes with its spawner, and comes back with another', async () => {
    const pool = start({ processes: 2 });
    await pool.seen('started', 2);
    const lost = renderProcesses(process.pid);
    const spawner = processGroup(process.pid).find(({ pid }) => isSpawner(pid))?.pid ?? 0;
    expect(lost).not.toContain(spawner);
    const heavy = await from(noise(2_000, 1_600)).png({ compressionLevel: 0 }).toBuffer();
    const render = pool.draw(heavy, 'f_avif');
    await nextTurn();
    process.kill(spawner, 'SIGKILL');
    await expect(render).rejects.toMatchObject({ kind: 'overloaded' });
    // The end of the other may not have been heard of yet.
    const again = () => pool.draw(picture, 'w_8').catch((reason: unknown) => reason);
    await expect.poll(again).toMatchObject({ width: 8 });
    await expect.poll(() => lost.filter(isAlive)).toEqual([]);
  });

  it('while starting is tried again with longer and longer pauses, and nobody waits for it', async () => {
    const began = performance.now();
    const pool = start({
      processArguments: {
        ...builtArguments(),
        renderProcess: ['-e', 'console.error("x".repeat(100_000)); process.exitCode = 3'],
      },
    });
    await expect(pool.draw(picture, 'w_8')).rejects.toMatchObject({ kind: 'overloaded', retryAfterSeconds: 1 });
    await expect(pool.renderer.build()).rejects.toMatchObject({ kind: 'overloaded' });
    const { detail } = await pool.seen('died', 3);
    expect(performance.now() - began).toBeGreaterThan(300);
    expect(detail).toMatch(/^exit code 3: x+/);
    expect(detail?.length).toBeLessThan(2_100);
  });
});

describe('a process is replaced before it wears out', () => {
  it('after so many renders', async () => {
    const pool = start({ maxRendersPerProcess: 2 });
    for (let count = 0; count < 5; count += 1) await pool.draw(picture, 'w_8');
    const { pid } = await pool.seen('recycled', 2);
    expect(pool.events.filter((event) => event.type === 'render-process' && event.event === 'died')).toEqual([]);
    await expect.poll(() => isAlive(pid ?? 0)).toBe(false);
  });

  it('when it has grown and there is nothing to do', async () => {
    const pool = start({ giveBackAfterMs: 100 });
    await pool.draw(picture, 'c_scale,w_4000,h_4000,f_jpg/e_blur:200/r_20,f_png');
    expect((await pool.seen('recycled')).detail).toBe('after a burst');
    expect(await pool.draw(picture, 'w_8')).toMatchObject({ width: 8 });
  });

  it('when it keeps too much memory', async () => {
    const pool = start({ maxProcessRssBytes: 1 });
    await pool.draw(picture, 'w_8');
    expect((await pool.seen('recycled')).detail).toMatch(/resident bytes/);
    expect(await pool.draw(picture, 'w_8')).toMatchObject({ width: 8 });
  });
});

describe('many renders', () => {
  it('at once share the processes there are', async () => {
    const pool = start({ processes: 2 });
    await pool.seen('started', 2);
    const sizes = Array.from({ length: 50 }, (_, index) => index + 1);
    const drawn = await Promise.all(sizes.map((width) => pool.draw(picture, `c_scale,w_${width},h_7`)));
    expect(drawn.map(({ width }) => width)).toEqual(sizes);
    expect(pool.events.filter((event) => event.type === 'render-process')).toHaveLength(2);
    expect(Math.max(...drawn.map(({ timings }) => timings.waitMs))).toBeGreaterThan(0);
  });

  it('come first who came first', async () => {
    const pool = start();
    const finished: number[] = [];
    await Promise.all(
      [1, 2, 3, 4, 5].map((width) => pool.draw(picture, `w_${width}`).then(() => finished.push(width))),
    );
    expect(finished).toEqual([1, 2, 3, 4, 5]);
  });

  it('past the bound are refused at once', async () => {
    const pool = start({ maxWaiting: 1 });
    const pid = await stopped(pool);
    const first = pool.draw(picture, 'w_1');
    await nextTurn();
    const second = pool.draw(picture, 'w_2');
    await nextTurn();
    await expect(pool.draw(picture, 'w_3')).rejects.toMatchObject({ kind: 'overloaded', retryAfterSeconds: 1 });
    process.kill(pid, 'SIGCONT');
    expect([(await first).width, (await second).width]).toEqual([1, 2]);
  });

  it('come after a probe', async () => {
    const pool = start();
    const pid = await stopped(pool);
    const finished: string[] = [];
    const first = pool.draw(picture, 'w_1').then(() => finished.push('first'));
    await nextTurn();
    const second = pool.draw(picture, 'w_2').then(() => finished.push('second'));
    const probe = pool.renderer.probe(new AbortController().signal).then(() => finished.push('probe'));
    await nextTurn();
    process.kill(pid, 'SIGCONT');
    await Promise.all([first, second, probe]);
    expect(finished).toEqual(['first', 'probe', 'second']);
  });

  it('fail no probe while what is drawn ends in time, and fail it once nothing does', async () => {
    const began = performance.now();
    let later = 0;
    const pool = start({ timeoutMs: 60_000, clock: () => performance.now() - began + later });
    const pid = await stopped(pool);
    const first = pool.draw(picture, 'w_1');
    await nextTurn();
    await expect(pool.renderer.probe(AbortSignal.timeout(50))).resolves.toBeUndefined();
    later = 62_000;
    await expect(pool.renderer.probe(AbortSignal.timeout(50))).rejects.toMatchObject({ kind: 'timeout' });
    later = 0;
    process.kill(pid, 'SIGCONT');
    expect((await first).width).toBe(1);
  });

  it('that hang are no load: a probe that has begun and does not end fails', async () => {
    const pool = start();
    const pid = await stopped(pool);
    await expect(pool.renderer.probe(AbortSignal.timeout(50))).rejects.toMatchObject({ kind: 'timeout' });
    process.kill(pid, 'SIGCONT');
  });
});

describe('renders that do not fit into memory together', () => {
  const mebibyte = 1024 ** 2;
  // Two processes take 160 MB idle; a JPEG of nine megapixels some 80 more, a small one some 25.
  const options = { processes: 2, maxMemoryBytes: 280 * mebibyte };
  const large = 'c_scale,w_3000,h_3000,f_jpg';

  it('wait for each other, and let small ones pass', async () => {
    const pool = start(options);
    await pool.seen('started', 2);
    const pids = pool.events.flatMap((event) => (event.type === 'render-process' ? [event.pid ?? 0] : []));
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    const finished: string[] = [];
    const first = pool.draw(picture, large).then(() => finished.push('first'));
    const second = pool.draw(picture, large).then(() => finished.push('second'));
    const small = pool.draw(picture, 'w_8').then(() => finished.push('small'));
    await nextTurn();
    // One process has the first; the other must have the small one, which then ends long before.
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    await Promise.all([first, second, small]);
    expect(finished).toEqual(['small', 'first', 'second']);
  });

  it('are refused where even an empty house has no room', async () => {
    await expect(start(options).draw(picture, 'c_scale,w_6000,h_6000,f_jpg')).rejects.toMatchObject({
      kind: 'too_large',
      message: expect.stringMatching(
        /^Making this picture .* \d+ MB of memory; a render has 120 MB.*FOVEA_RENDER_MEMORY_MB/,
      ),
    });
  });

  it('are not held up for ever by what an idle process has kept', async () => {
    const pool = start({ processes: 1, maxMemoryBytes: 170 * mebibyte });
    await pool.draw(picture, 'w_8');
    // Run from source a process keeps more than the 80 MB it is reckoned with, and 82 more do not fit beside that.
    expect(await pool.draw(picture, large)).toMatchObject({ width: 3_000 });
  });
});

describe('closing', () => {
  it('ends renders under way and waiting, and every process', async () => {
    const pool = start();
    const pid = await stopped(pool);
    const renders = [pool.draw(picture, 'w_1'), pool.draw(picture, 'w_2')];
    await nextTurn();
    const outcomes = Promise.allSettled(renders);
    await pool.renderer.close();
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { kind: 'cancelled' } });
    expect(isAlive(pid)).toBe(false);
    await expect(pool.draw(picture, 'w_3')).rejects.toMatchObject({ kind: 'cancelled' });
  });
});

describe('a render process', () => {
  it('says what it encodes with', async () => {
    expect(await start().renderer.build()).toMatch(/fovea encodes \d+.*sharp \d+\.\d+\.\d+.*vips \d+/);
  });

  it.runIf(process.platform === 'linux')(
    'has next to no environment, and is the first to go when memory runs out',
    async () => {
      const { pid } = await start().seen('started');
      const variables = readFileSync(`/proc/${pid}/environ`, 'utf8')
        .split('\0')
        .filter((variable) => variable !== '');
      // Bubblewrap says where it has put it.
      const told = variables.filter((variable) => variable !== 'PWD=/');
      expect(told.map((variable) => variable.split('=')[0]).sort()).toEqual(['FONTCONFIG_FILE', 'MALLOC_ARENA_MAX']);
      expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim()).toBe('800');
    },
  );

  it.runIf(process.platform === 'linux')(
    'gets a core after the server, and is of its session, where alone that counts',
    async () => {
      const { pid = 0 } = await start().seen('started');
      const sessionOf = (of: number) => readFileSync(`/proc/${of}/stat`, 'utf8').split(') ')[1]?.split(' ')[3];
      // Nothing comes after 19: whoever runs these tests as nice as that gets its cores with the others.
      expect(getPriority(pid)).toBe(Math.min(19, getPriority() + 10));
      expect(sessionOf(pid)).toBe(sessionOf(process.pid));
    },
  );

  it.runIf(process.platform === 'linux')('can write no file and no core, and holds none of ours open', async () => {
    const { pid } = await start().seen('started');
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    expect(limits).toMatch(/^Max file size +0 +0 /m);
    expect(limits).toMatch(/^Max core file size +0 +0 /m);
    expect(limits).toMatch(/^Max open files +64 +64 /m);
    const descriptors = (of: number | undefined) =>
      readdirSync(`/proc/${of}/fd`).flatMap((name) => {
        try {
          return [readlinkSync(`/proc/${of}/fd/${name}`)];
        } catch {
          return []; // Closed since it was listed.
        }
      });
    // Where there is no /dev, Node keeps the root of its cage open in its stead.
    const isFile = (name: string) => name.startsWith('/') && name !== '/' && !name.startsWith('/dev/');
    // Its three pipes and sockets to us are the other ends of ours; a file or a listener would have the same name in both.
    // While it starts it reads its own program.
    await expect.poll(() => descriptors(pid).filter(isFile)).toEqual([]);
    const ours = new Set(descriptors(process.pid).filter((name) => name.startsWith('socket:')));
    expect(descriptors(pid).filter((name) => ours.has(name))).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('ends in the middle of a render when its parent is killed', async () => {
    const script = fileURLToPath(new URL('../support/render-and-wait.ts', import.meta.url));
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const parent = spawn(process.execPath, ['--import', tsx, script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await new Promise<string>((resolve) =>
      parent.stdout.once('data', (data: Buffer) => resolve(data.toString())),
    );
    const pid = Number(line);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid)).toBe(false);
  });
});

it('a renderer that nobody closed does not keep its process from ending', async () => {
  const script = fileURLToPath(new URL('../support/render-once.ts', import.meta.url));
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const child = spawn(process.execPath, ['--import', tsx, script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect([code, output]).toEqual([0, '8 × 4\n']);
});

it('a picture of many megabytes comes back whole', async () => {
  const original = await from(noise(1_500, 1_200)).png({ compressionLevel: 1 }).toBuffer();
  const { bytes } = await start().draw(original, 'f_png');
  expect(bytes.length).toBeGreaterThan(4_000_000);
  const pixels = await sharp(bytes).raw().toBuffer();
  expect(pixels.equals(noise(1_500, 1_200).data)).toBe(true);
});

it('a picture of one pixel is drawn', async () => {
  const dot = await from(paint(1, 1, () => [1, 2, 3]))
    .png()
    .toBuffer();
  expect(await start().draw(dot, 'c_scale,w_3,h_2')).toMatchObject({ width: 3, height: 2, format: 'png' });
});
