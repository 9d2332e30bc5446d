import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { machineFacts } from '../../bench/machine.ts';
import { type Row, rows } from './rows.ts';

// `npm run promises`: runs what stands for the promises and writes test/PROMISES.md of what it saw. Nothing in the column
// "measured" is written by hand. `npm run promises -- fire/poison` runs only the files that match, writes the rows that need
// no other anew, with the day, and leaves the rest of the table.

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fovea-promises-'));
const figuresFile = join(folder, 'figures.jsonl');

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});
type TestFile = z.infer<typeof reportSchema>['testResults'][number];

/** The files of a folder under `test/`: what runs them, and how people do. */
interface Suite {
  readonly folder: string;
  readonly config: readonly string[];
  readonly command: string;
  /** Its files note figures: of their tests only failures are told. */
  readonly notesFigures: boolean;
  /** It needs programs that npm does not bring; where they are missing, its rows say that it did not run. */
  readonly isOptional: boolean;
}

/** The last takes what no other does, and runs first. */
const suites: readonly Suite[] = [
  {
    folder: 'e2e/',
    config: ['--config', 'test/e2e/vitest.config.ts'],
    command: 'npm run test:e2e --',
    notesFigures: true,
    isOptional: true,
  },
  {
    folder: 'edge/',
    config: ['--config', 'test/edge/vitest.config.ts'],
    command: 'npm run test:edge --',
    notesFigures: true,
    isOptional: true,
  },
  {
    folder: 'fire/',
    config: ['--config', 'test/fire/vitest.config.ts'],
    command: 'npm run test:fire --',
    notesFigures: true,
    isOptional: false,
  },
  { folder: '', config: [], command: 'npx vitest run', notesFigures: false, isOptional: false },
];

function suiteOf(file: string): Suite | undefined {
  return suites.find(({ folder }) => file.startsWith(folder));
}

/** Runs the test files of a suite and tells how each test ended. */
function run(suite: Suite, files: readonly string[]): readonly TestFile[] {
  if (files.length === 0) return [];
  const report = join(folder, `report-${suites.indexOf(suite)}.json`);
  const words = ['node_modules/vitest/vitest.mjs', 'run', ...suite.config, '--reporter=default', '--reporter=json'];
  spawnSync(process.execPath, [...words, `--outputFile.json=${report}`, ...files.map((file) => `test/${file}`)], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, FOVEA_PROMISES: figuresFile },
  });
  if (existsSync(report)) return reportSchema.parse(JSON.parse(readFileSync(report, 'utf8'))).testResults;
  if (suite.isOptional) return [];
  throw new Error(`vitest wrote no report on ${files.join(', ')}`);
}

function figuresOf(number: number): readonly string[] {
  if (!existsSync(figuresFile)) return [];
  const figure = z.object({ row: z.number(), text: z.string() });
  const lines = readFileSync(figuresFile, 'utf8').trim().split('\n');
  return lines.map((line) => figure.parse(JSON.parse(line))).flatMap(({ row, text }) => (row === number ? [text] : []));
}

/** What the tests of a row's files came to, file by file: those that note figures tell by their failures alone. */
function testsOf(row: Row, results: readonly TestFile[]): readonly string[] {
  return row.files.flatMap((file) => {
    const result = results.find(({ name }) => relative(root, name) === `test/${file}`);
    if (result === undefined)
      return existsSync(join(root, 'test', file)) ? [`${file}: not run`] : [`${file}: not there yet`];
    const notesFigures = suiteOf(file)?.notesFigures === true;
    const tests = result.assertionResults.filter(
      ({ fullName, status }) => status !== 'skipped' && (notesFigures || (row.tests ?? /./).test(fullName)),
    );
    // A file whose set-up failed has no test that ran.
    if (tests.length === 0) return [`${file}: not run`];
    const passed = tests.filter(({ status }) => status === 'passed').length;
    if (notesFigures && passed === tests.length) return [];
    return [`${passed} of ${tests.length} tests of ${file} pass`];
  });
}

function commandOf({ files }: Row): string {
  return files.map((file) => `\`${suiteOf(file)?.command} test/${file}\``).join('<br>');
}

/** `remarks` come first in what was measured. */
function lineOf(row: Row, results: readonly TestFile[], remarks: readonly string[]): string {
  const measured = [...remarks, ...figuresOf(row.number), ...testsOf(row, results)];
  const missing = row.missing === undefined ? [] : [`*Not shown:* ${row.missing}.`];
  const cell = [...measured, ...missing].join('<br>').replaceAll('|', '\\|');
  return `| ${row.number} | ${row.promise} | ${row.goal} | ${cell} | ${commandOf(row)} |`;
}

const day = new Date().toISOString().slice(0, 10);

/** The whole of it, from one run. */
function document(results: readonly TestFile[]): string {
  return `# Promises, and what was measured

Written by \`npm run promises\`: ${day}, ${machineFacts()}. Each figure is from that one
run, or from a later one where its row says "anew"; "tests pass" means that the tests named hold the goal, figure and all.

| # | promise | goal | measured | how |
|---|---|---|---|---|
${rows.map((row) => lineOf(row, results, [])).join('\n')}
`;
}

/** What is there, with the rows anew whose files have all been run. */
function amended(before: string, ran: readonly string[], results: readonly TestFile[]): string {
  const facts = machineFacts();
  const [head = ''] = before.split('|', 1);
  const when = head.includes(facts) ? day : `${day}, ${facts}`;
  return rows
    .filter(({ files }) => files.every((file) => ran.includes(file)))
    .reduce((text, row) => {
      const line = lineOf(row, results, [`*Anew ${when}:*`]);
      const place = new RegExp(`^\\| ${row.number} \\|.*$`, 'm');
      // A new promise comes last.
      return place.test(text) ? text.replace(place, () => line) : `${text.trimEnd()}\n${line}\n`;
    }, before);
}

const wanted = process.argv.slice(2);
const all = [...new Set(rows.flatMap(({ files }) => files))].filter(
  (file) => existsSync(join(root, 'test', file)) && (wanted.length === 0 || wanted.some((part) => file.includes(part))),
);
const unknown = wanted.find((part) => !all.some((file) => file.includes(part)));
if (unknown !== undefined) throw new Error(`No file that stands for a promise has ${unknown} in its name.`);
try {
  const results = suites.toReversed().flatMap((suite) =>
    run(
      suite,
      all.filter((file) => suiteOf(file) === suite),
    ),
  );
  const file = join(root, 'test', 'PROMISES.md');
  writeFileSync(file, wanted.length === 0 ? document(results) : amended(readFileSync(file, 'utf8'), all, results));
} finally {
  rmSync(folder, { recursive: true });
}
