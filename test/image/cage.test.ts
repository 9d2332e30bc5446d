import { readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RendererOptions } from '../../src/image/index.ts';
import { rungNames } from '../../src/image/processes/cage/rungs.ts';
import { syscallFilter } from '../../src/image/processes/cage/syscall-filter.ts';
import { boxFont } from '../support/font.ts';
import { from, quarters } from '../support/pictures.ts';
import { builtArguments, startRenderer, type TestRenderer } from '../support/renderer.ts';

const leakyParent = fileURLToPath(new URL('../support/hostile/leaky-parent.mjs', import.meta.url));

interface Call {
  readonly number: number;
  readonly machine?: number;
  readonly given?: readonly number[];
}

const x64 = 0xc000003e;
const arm64 = 0xc00000b7;

/** Carries out a filter as the kernel does (Documentation/userspace-api/seccomp_filter.rst, bpf(4)). */
function judge(filter: Buffer, { number, machine = x64, given = [] }: Call): string {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(machine, 4);
  for (const [index, value] of given.entries()) data.writeBigUInt64LE(BigInt(value), 16 + 8 * index);
  let accumulator = 0;
  for (let at = 0; at < filter.length; at += 8) {
    const [code, value] = [filter.readUInt16LE(at), filter.readUInt32LE(at + 4)];
    const [held, not] = [filter.readUInt8(at + 2), filter.readUInt8(at + 3)];
    const jump = (holds: boolean) => {
      at += 8 * (holds ? held : not);
    };
    if (code === 0x20) accumulator = data.readUInt32LE(value);
    else if (code === 0x15) jump(accumulator === value);
    else if (code === 0x35) jump(accumulator >= value);
    else if (code === 0x45) jump((accumulator & value) !== 0);
    else if (code === 0x06) return answers.get(value) ?? `${value}`;
    else throw new Error(`a filter has no code ${code}`);
  }
  throw new Error('a filter ends with an answer');
}

const answers = new Map([
  [0x7fff0000, 'allowed'],
  [0x00050001, 'EPERM'],
  [0x00050026, 'ENOSYS'],
  [0x80000000, 'killed'],
]);

describe('the filter of system calls', () => {
  const onX64 = syscallFilter('x64', 77);
  const onArm64 = syscallFilter('arm64', 77);

  it.each<[string, Call, string]>([
    ['read', { number: 0 }, 'allowed'],
    ['mmap', { number: 9 }, 'allowed'],
    ['execve, with which a process begins', { number: 59 }, 'allowed'],
    ['futex', { number: 202 }, 'allowed'],
    ['open for reading', { number: 2, given: [1, 0o2000000] }, 'allowed'],
    ['open for writing', { number: 2, given: [1, 0o1] }, 'EPERM'],
    ['openat for reading', { number: 257, given: [1, 2, 0o2200000] }, 'allowed'],
    ['openat for reading and writing', { number: 257, given: [1, 2, 0o2] }, 'EPERM'],
    ['openat that makes a file', { number: 257, given: [1, 2, 0o100] }, 'EPERM'],
    ['openat2, whose flags cannot be seen', { number: 437 }, 'ENOSYS'],
    ['clone of a thread', { number: 56, given: [0x3d0f00] }, 'allowed'],
    ['clone of a process', { number: 56, given: [0x1200011] }, 'EPERM'],
    ['clone3', { number: 435 }, 'ENOSYS'],
    ['io_uring_setup', { number: 425 }, 'ENOSYS'],
    ['fork', { number: 57 }, 'EPERM'],
    ['socket', { number: 41 }, 'EPERM'],
    ['connect', { number: 42 }, 'EPERM'],
    ['ptrace', { number: 101 }, 'EPERM'],
    ['process_vm_readv', { number: 310 }, 'EPERM'],
    ['kill of itself', { number: 62, given: [77, 9] }, 'allowed'],
    ['kill of another', { number: 62, given: [78, 9] }, 'EPERM'],
    ['kill of a group', { number: 62, given: [0, 9] }, 'EPERM'],
    ['tgkill of itself', { number: 234, given: [77, 80, 6] }, 'allowed'],
    ['tgkill of another', { number: 234, given: [78, 78, 6] }, 'EPERM'],
    ['prlimit64 that asks', { number: 302, given: [0, 7, 0, 1] }, 'allowed'],
    ['prlimit64 that sets', { number: 302, given: [0, 7, 4096, 0] }, 'EPERM'],
    ['prlimit64 whose pointer is high', { number: 302, given: [0, 7, 2 ** 40, 0] }, 'EPERM'],
    ['setrlimit', { number: 160 }, 'EPERM'],
    ['ioctl FIONBIO', { number: 16, given: [3, 0x5421] }, 'allowed'],
    ['ioctl TIOCSTI', { number: 16, given: [3, 0x5412] }, 'EPERM'],
    ['ioctl TIOCLINUX', { number: 16, given: [3, 0x541c] }, 'EPERM'],
    ['fcntl F_GETFL', { number: 72, given: [3, 3] }, 'allowed'],
    ['fcntl F_SETOWN', { number: 72, given: [3, 8] }, 'EPERM'],
    ['fcntl F_SETSIG', { number: 72, given: [3, 10] }, 'EPERM'],
    ['fcntl F_SETOWN_EX', { number: 72, given: [3, 15] }, 'EPERM'],
    ['ioctl FIOSETOWN', { number: 16, given: [3, 0x8901] }, 'EPERM'],
    ['socket by its x32 number', { number: 0x40000000 + 41 }, 'EPERM'],
    ['any call as an old 32-bit program', { number: 4, machine: 0x40000003 }, 'killed'],
  ])('on x86-64 answers %s', (_name, call, answer) => {
    expect(judge(onX64, call)).toBe(answer);
  });

  it.each<[string, Call, string]>([
    ['read', { number: 63 }, 'allowed'],
    ['socket', { number: 198 }, 'EPERM'],
    ['openat for reading', { number: 56, given: [1, 2, 0] }, 'allowed'],
    ['openat for writing', { number: 56, given: [1, 2, 0o1] }, 'EPERM'],
    ['clone of a thread', { number: 220, given: [0x3d0f00] }, 'allowed'],
    ['clone of a process', { number: 220, given: [17] }, 'EPERM'],
    ['kill of another', { number: 129, given: [78, 9] }, 'EPERM'],
    ['io_setup, where x86-64 has none of ours', { number: 0 }, 'allowed'],
  ])('on arm64 answers %s', (_name, call, answer) => {
    expect(judge(onArm64, { machine: arm64, ...call })).toBe(answer);
  });
});

describe('a cage', () => {
  let folder: string;
  let picture: Buffer;
  const running: TestRenderer[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fovea-test-cage-'));
    await writeFile(join(folder, 'box.ttf'), boxFont({ family: 'Test Box', width: 500, height: 700 }));
    picture = await from(quarters(64, 64)).png().toBuffer();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map(({ renderer }) => renderer.close()));
  });
  afterAll(() => rm(folder, { recursive: true }));

  function start(options: Partial<RendererOptions>): TestRenderer {
    const started = startRenderer({ fontsFolder: folder, ...options });
    running.push(started);
    return started;
  }

  const warningsOf = ({ events }: TestRenderer) =>
    events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));

  it.each(rungNames)('of the kind %s changes no byte of a picture, text and all', async (name) => {
    const caged = start({ cage: { allowed: [name] } });
    const bare = start({ cage: { allowed: [] } });
    for (const text of ['w_32,f_avif', 'l_text:Test%20Box_20:Word/fl_layer_apply/f_png']) {
      const [one, other] = [await caged.draw(picture, text), await bare.draw(picture, text)];
      expect(Buffer.compare(one.bytes, other.bytes)).toBe(0);
    }
    expect(await bare.renderer.cage()).toBe('resource limits only');
    expect(warningsOf(caged)).toEqual([]);
  });

  it.each(rungNames)('of the kind %s lets it be known when a process crashes in it', async (name) => {
    const pool = start({
      cage: { allowed: [name] },
      processArguments: { ...builtArguments(), renderProcess: ['-e', 'process.abort()'] },
    });
    pool.renderer.build().catch(() => undefined);
    expect((await pool.seen('died')).detail).toMatch(/^SIG(ABRT|SEGV)/);
  });

  it.runIf(process.platform === 'linux').each(rungNames)(
    'of the kind %s has none of the descriptors that a parent of the server left open',
    async (name) => {
      const built = builtArguments();
      const file = join(folder, 'box.ttf');
      const pool = start({
        cage: { allowed: [name] },
        processArguments: { ...built, spawner: [leakyParent, file, folder, ...built.spawner] },
      });
      pool.renderer.build().catch(() => undefined);
      const { pid } = await pool.seen('started');
      const open = readdirSync(`/proc/${pid}/fd`);
      // Node has some of its own beyond the first two of those; none as high as the third.
      expect(open).toContain('3');
      expect(open).not.toContain('300');
      const targets = open.map((descriptor) => readlinkSync(`/proc/${pid}/fd/${descriptor}`));
      expect(targets.filter((target) => target === file || target === folder)).toEqual([]);
    },
  );

  it('in which render processes do not start is left for the next, and that is said', async () => {
    // What it needs is not told, so where only that can be read it cannot start.
    const pool = start({ processes: 2, processArguments: { ...builtArguments(), readable: [] } });
    expect(await pool.draw(picture, 'w_8')).toMatchObject({ width: 8 });
    const cage = await pool.renderer.cage();
    expect(cage).not.toMatch(/bubblewrap|Landlock/);
    for (const warning of warningsOf(pool))
      expect(warning).toMatch(/did not start in their cage \(.*\); now they have: /);
    if (cage !== 'resource limits only') expect(warningsOf(pool).at(-1)).toContain(cage);
  });

  it('is left for none where nothing is known of what is read, as from source', async () => {
    const pool = start({ processArguments: { ...builtArguments(), readable: undefined } });
    expect(await pool.renderer.cage()).toBe('resource limits only');
  });
});
