import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, table } from './machine.ts';
import { readPhotographs } from './photographs.ts';
import { cpuMsOfTree, startFovea } from './processes.ts';

/*
 * `npm run bench:against -- REF [ROUNDS]`: what a render costs now against a commit of before, in CPU time of all
 * processes. Both programs run side by side and take turns, round by round, at the same pictures in widths that neither
 * has made, so that a machine that slows down slows both. Prints the table; writes nothing.
 */
interface Job {
  readonly photograph: string;
  readonly text: (width: number) => string;
  /** Renders of a round: about half a second of CPU, since the kernel counts in hundredths. */
  readonly renders: number;
}

const jobs: readonly Job[] = [
  { photograph: 'seeding.jpg', text: (width) => `c_scale,w_${width},f_jpg`, renders: 24 },
  { photograph: 'p8.jpg', text: (width) => `c_scale,w_${width},f_jpg`, renders: 8 },
  { photograph: 'p8prog.jpg', text: (width) => `c_scale,w_${width},f_webp`, renders: 3 },
  { photograph: 'p8rot6.jpg', text: (width) => `w_${width},h_${width},f_webp`, renders: 8 },
  { photograph: 'p8.png', text: (width) => `c_scale,w_${width},f_png`, renders: 3 },
  { photograph: 'p8.webp', text: (width) => `c_scale,w_${width},f_jpg`, renders: 3 },
  { photograph: 'p8.avif', text: (width) => `c_scale,w_${width},f_jpg`, renders: 2 },
  { photograph: 'anim.gif', text: (width) => `c_scale,w_${width},f_webp`, renders: 3 },
  { photograph: 'anim.gif', text: (width) => `c_scale,w_${width},f_gif`, renders: 1 },
  { photograph: 'anim.webp', text: (width) => `c_scale,w_${width},f_webp`, renders: 3 },
];

const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds the program of a commit beside its files, with the packages that are here. */
function buildOf(reference: string, folder: string): string {
  const tree = join(folder, 'before');
  execFileSync('git', ['worktree', 'add', '--quiet', '--detach', tree, reference], { cwd: root });
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: tree, stdio: 'inherit' });
  return join(tree, 'dist');
}

type Program = Awaited<ReturnType<typeof startFovea>>;

/** CPU milliseconds that a program takes for a round of a job. */
async function take(program: Program, { photograph, text, renders }: Job, firstWidth: number): Promise<number> {
  const before = cpuMsOfTree(program.pid);
  for (let index = 0; index < renders; index += 1) {
    const response = await fetch(`${program.url}/${text(firstWidth + index)}/${photograph}`);
    if (response.status !== 200) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  }
  return cpuMsOfTree(program.pid) - before;
}

/** Ratios of pairs; the second of a pair is the first of the next, so that neither always comes into warm caches. */
async function compare(now: Program, before: Program, job: Job, rounds: number): Promise<readonly number[]> {
  const ratios: number[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const width = 200 + (round + 1) * job.renders;
    const inTurn = round % 2 === 0 ? [now, before] : [before, now];
    const taken = new Map<Program, number>();
    for (const program of inTurn) taken.set(program, await take(program, job, width));
    // The first round starts processes.
    if (round >= 0) ratios.push((taken.get(now) ?? Number.NaN) / (taken.get(before) ?? Number.NaN));
  }
  return ratios;
}

/** The values in the middle half: what an outlier of a busy machine does not move. */
function middle(values: readonly number[]): string {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(3);
  return `${at(0.25)}–${at(0.75)}`;
}

const [reference, rounds = '20'] = process.argv.slice(2);
if (reference === undefined)
  throw new Error('Say which commit to compare with: npm run bench:against -- REF [ROUNDS].');
const folder = mkdtempSync(join(tmpdir(), 'fovea-against-'));
const photographs = readPhotographs([...new Set(jobs.map(({ photograph }) => photograph))]);
const programs: Program[] = [];
try {
  const dist = buildOf(reference, folder);
  for (const { name, bytes } of photographs) writeFileSync(join(folder, name), bytes);
  const now = await startFovea(folder, join(folder, 'variants-now'));
  programs.push(now);
  const before = await startFovea(folder, join(folder, 'variants-before'), dist);
  programs.push(before);
  const rows: string[][] = [['render', 'CPU, now / before: median', 'middle half', 'pairs']];
  const all: number[] = [];
  for (const job of jobs.filter(({ photograph }) => photographs.some(({ name }) => name === photograph))) {
    const ratios = await compare(now, before, job, Number(rounds));
    all.push(median(ratios));
    rows.push([
      `${job.photograph} → ${job.text(0).replace('w_0', 'w_…').replace('h_0', 'h_…')}`,
      median(ratios).toFixed(3),
      middle(ratios),
      `${ratios.length}`,
    ]);
    console.log((rows.at(-1) ?? []).join(' | '));
  }
  const mean = Math.exp(all.reduce((sum, ratio) => sum + Math.log(ratio), 0) / all.length);
  rows.push(['geometric mean of the medians', mean.toFixed(3), '', `${all.length}`]);
  console.log(`\n${table(rows)}`);
} finally {
  for (const program of programs) await program.stop();
  execFileSync('git', ['worktree', 'remove', '--force', join(folder, 'before')], { cwd: root });
  rmSync(folder, { recursive: true, force: true });
}
