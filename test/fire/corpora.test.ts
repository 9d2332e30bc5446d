import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import PQueue from 'p-queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { megabytes, recordFigure } from '../support/figures.ts';
import { complaintsAbout } from '../support/hostile/attack.ts';
import { timedGet } from '../support/load.ts';
import { watchMemory } from '../support/process-group.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../support/server-process.ts';

// What others have collected, by the thousand: test data of decoders, finds of fuzzers, art of games. corpora.sh fetches
// it into FOVEA_CORPORA, once.

const corpora = process.env['FOVEA_CORPORA'] ?? join(tmpdir(), 'fovea-corpora');
const leastFiles = 20_000;
const budgetBytes = 1.5 * 1024 ** 3;
const transformations = ['jpg', 'png', 'webp', 'gif', 'avif', 'auto'].map((format) => `w_320,f_${format}`);

/** Of a package's files that no fuzzer has been at, so many at most: the 5,000th icon tells nothing new. */
const mostOrdinary = 1_200;

const extension =
  /\.(a?png|avif|bmp|cr2|crw|cur|dib|dng|exr|exv|gif|hei[cf]|icns|ico|j2k|jfif|jp[2cegx]|jpe?g|jxl|nef|orf|pcx|psb|psd|qoi|raf|rw2|svgz?|tga|tiff?|webp|xcf)$/i;

/** What fuzzers wrote, and what programs once died of: often without an extension. */
const foundByFuzzers =
  /\/((ns-)?afl-\w+|broken|\w*corpus|crashers|fail|fuzztest_\w+|oss-fuzz|randomly-modified)\/|\/exiv2-[^/]+\/test\/data\/[^.]+$/;

interface CorpusFile {
  /** Begins with its package. */
  readonly name: string;
  readonly digest: string;
}

const pathOf = ({ name }: CorpusFile) => join(corpora, name);
const packageOf = ({ name }: CorpusFile) => name.split('/', 1)[0] ?? '';
const isFuzzed = ({ name }: CorpusFile) => foundByFuzzers.test(name);

/** Distinct files in the order of their digests, which mixes the packages the same way every time. */
async function collect(): Promise<readonly CorpusFile[]> {
  const script = fileURLToPath(new URL('corpora.sh', import.meta.url));
  // What it says is told where files are missing: some packages more or less are no matter.
  const { stderr } = await promisify(execFile)(script, [corpora]).catch((error: unknown) => ({ stderr: `${error}` }));
  const entries = await readdir(corpora, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(corpora, join(parentPath, name)))
    .filter((name) => extension.test(name) || foundByFuzzers.test(name))
    .sort();
  const distinct = new Map<string, CorpusFile>();
  for (const name of names) {
    const digest = createHash('sha256')
      .update(await readFile(join(corpora, name)))
      .digest('hex');
    if (!distinct.has(digest)) distinct.set(digest, { name, digest });
  }
  const ordinary = new Map<string, number>();
  const files = [...distinct.values()]
    .sort((a, b) => (a.digest < b.digest ? -1 : 1))
    .filter((file) => {
      if (isFuzzed(file)) return true;
      const count = (ordinary.get(packageOf(file)) ?? 0) + 1;
      ordinary.set(packageOf(file), count);
      return count <= mostOrdinary;
    });
  if (files.length < leastFiles) {
    throw new Error(
      `Only ${files.length} of ${leastFiles} files of public corpora are in ${corpora}: test/fire/corpora.sh fetches them, which needs Debian, npm and a network. It says: ${stderr.trim().split('\n').at(-1)}`,
    );
  }
  return files;
}

interface Asked {
  readonly status: number;
  readonly tookMs: number;
  readonly complaints: readonly string[];
}

let folder: string;
let server: ServerProcess;
let files: readonly CorpusFile[];
let peakBytes: number;
const asked: Asked[] = [];

/** The answer's bytes are looked at and let go: all of them together would not fit into memory. */
async function ask(file: CorpusFile, transformation: string, checks: PQueue): Promise<void> {
  const key = `${file.digest}.bin`;
  const original = join(folder, 'data', 'originals', key);
  await copyFile(pathOf(file), original);
  const url = `${server.url}/${transformation}/${key}`;
  const { headers, ...answer } = await timedGet(url, { accept: 'image/webp,*/*' }).catch((error: unknown) => {
    throw new Error(`No answer for ${file.name} as ${transformation}`, { cause: error });
  });
  await rm(original);
  await checks.onSizeLessThan(20);
  void checks.add(async () => {
    const hostile = { name: file.name, fate: 'either', make: () => readFile(pathOf(file)) } as const;
    const contentType = headers['content-type'] ?? '';
    const complaints = await complaintsAbout({ ...answer, file: hostile, transformation, contentType });
    asked.push({ status: answer.status, tookMs: answer.tookMs, complaints });
  });
}

beforeAll(async () => {
  files = await collect();
  folder = await makeWorkingFolder({});
  server = await startServer(folder, { FOVEA_RENDERERS: '2' });
  const { pid } = server.child;
  if (pid === undefined) throw new Error('A server that runs has a pid.');
  const memory = watchMemory(pid);
  const requests = new PQueue({ concurrency: 4 });
  const checks = new PQueue({ concurrency: 2 });
  await requests.addAll(
    files.map((file, index) => () => ask(file, transformations[index % transformations.length] ?? '', checks)),
  );
  await checks.onIdle();
  memory.stop();
  peakBytes = memory.peakBytes();
}, 3_600_000);

afterAll(async () => {
  await server?.end('SIGKILL');
  if (folder !== undefined) await removeFolder(folder);
});

/** As `200: 18,000, 415: 2,000`, the most frequent first. */
function counted(statuses: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  const inOrder = [...counts].sort(([, a], [, b]) => b - a);
  return inOrder.map(([status, count]) => `${status}: ${count}`).join(', ');
}

it('every file is answered in time, by a picture that is one or by a refusal, and the server lives', () => {
  const drawn = asked.filter(({ status }) => status === 200);
  const slowest = Math.max(...asked.map(({ tookMs }) => tookMs));
  const killed = server.lines.filter((line) => line.includes('"render-process-killed-deadline"'));
  const died = server.lines.filter((line) => line.includes('"render-process-died"'));
  expect(asked.flatMap(({ complaints }) => complaints)).toEqual([]);
  expect(asked).toHaveLength(files.length);
  expect([server.child.exitCode, server.child.signalCode]).toEqual([null, null]);
  recordFigure(
    1,
    `${files.length} fetched files of ${new Set(files.map(packageOf)).size} packages, ${files.filter(isFuzzed).length} of them from fuzzers, 4 at a time: 0 deaths, the slowest after ${Math.round(slowest)} ms (${counted(asked.map(({ status }) => status))}); render processes killed at the deadline: ${killed.length}, died: ${died.length}`,
  );
  recordFigure(15, `all ${drawn.length} pictures made of fetched files decode as declared`);
});

it('the process group stays inside its memory', () => {
  recordFigure(4, `${megabytes(peakBytes)} MB at most over ${files.length} fetched files`);
  expect(megabytes(peakBytes)).toBeLessThan(megabytes(budgetBytes));
});
