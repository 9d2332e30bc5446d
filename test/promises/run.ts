import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { machineFacts } from '../../bench/machine.ts';
import { type Row, rows } from './rows.ts';

// `npm run promises`: runs what stands for the promises and writes test/PROMISES.md of what it saw. Nothing in the column
// "measured" is written by hand. `npm run promises -- fire/poison` runs only the files that match, for a look.

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

/** Runs test files and tells how each test ended. */
function run(files: readonly string[], config: readonly string[]): readonly TestFile[] {
  if (files.length === 0) return [];
  const report = join(folder, `report-${files.length}-${config.length}.json`);
  const words = ['node_modules/vitest/vitest.mjs', 'run', ...config, '--reporter=default', '--reporter=json'];
  spawnSync(process.execPath, [...words, `--outputFile.json=${report}`, ...files], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, FOVEA_PROMISES: figuresFile },
  });
  if (!existsSync(report)) throw new Error(`vitest wrote no report on ${files.join(', ')}`);
  return reportSchema.parse(JSON.parse(readFileSync(report, 'utf8'))).testResults;
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
    const isFire = file.startsWith('fire/');
    const tests = result.assertionResults.filter(
      ({ fullName, status }) => status !== 'skipped' && (isFire || (row.tests ?? /./).test(fullName)),
    );
    const passed = tests.filter(({ status }) => status === 'passed').length;
    if (isFire && passed === tests.length) return [];
    return [`${passed} of ${tests.length} tests of ${file} pass`];
  });
}

function commandOf({ files }: Row): string {
  const commands = files.map((file) =>
    file.startsWith('fire/') ? `npm run test:fire -- test/${file}` : `npx vitest run test/${file}`,
  );
  return commands.map((command) => `\`${command}\``).join('<br>');
}

function table(results: readonly TestFile[]): string {
  const lines = rows.map((row) => {
    const measured = [...figuresOf(row.number), ...testsOf(row, results)];
    const missing = row.missing === undefined ? [] : [`*Not shown:* ${row.missing}.`];
    const cell = [...measured, ...missing].join('<br>').replaceAll('|', '\\|');
    return `| ${row.number} | ${row.promise} | ${row.goal} | ${cell} | ${commandOf(row)} |`;
  });
  return ['| # | promise | goal | measured | how |', '|---|---|---|---|---|', ...lines].join('\n');
}

const wanted = process.argv.slice(2);
const all = [...new Set(rows.flatMap(({ files }) => files))].filter(
  (file) => existsSync(join(root, 'test', file)) && (wanted.length === 0 || wanted.some((part) => file.includes(part))),
);
const paths = (files: readonly string[]) => files.map((file) => `test/${file}`);
try {
  const results = [
    ...run(paths(all.filter((file) => !file.startsWith('fire/'))), []),
    ...run(paths(all.filter((file) => file.startsWith('fire/'))), ['--config', 'test/fire/vitest.config.ts']),
  ];
  const day = new Date().toISOString().slice(0, 10);
  const text = `# Promises, and what was measured

Written by \`npm run promises\`: ${day}, ${machineFacts()}. Each figure is from that one run; "tests pass" means that the
tests named hold the goal, figure and all.

${table(results)}
`;
  writeFileSync(join(root, 'test', 'PROMISES.md'), text);
} finally {
  rmSync(folder, { recursive: true });
}
