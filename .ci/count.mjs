// Sums the checks of a CI run: vitest's JSON reports and the lines that `check` in .ci/run wrote.
// Usage: node count.mjs DIR. Prints what failed, then "N passed, N failed"; exits with 1 unless all passed.
import { readdirSync, readFileSync } from 'node:fs';

const folder = process.argv[2];
let passed = 0;
const failures = [];

/** A test that did not run has shown nothing: it counts as failed. */
function countReport(name) {
  const suite = name.replace(/\.json$/, '');
  const { testResults } = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));
  for (const { name: file, status, message, assertionResults } of testResults) {
    for (const { fullName, status: outcome } of assertionResults) {
      if (outcome === 'passed') passed += 1;
      else failures.push(`${suite}: ${fullName} (${outcome})`);
    }
    const noneFailed = assertionResults.every(({ status: outcome }) => outcome === 'passed');
    if (status !== 'passed' && noneFailed) failures.push(`${suite}: ${file}: ${message}`);
  }
  if (testResults.length === 0) failures.push(`${suite}: no tests ran`);
}

for (const name of readdirSync(folder)) if (name.endsWith('.json')) countReport(name);
for (const line of readFileSync(`${folder}/checks`, 'utf8').split('\n')) {
  const [outcome, name] = line.split(/: (.*)/s);
  if (outcome === 'ok') passed += 1;
  else if (outcome === 'not ok') failures.push(name);
  // A suite that ended with an error: that is told already, unless all its tests passed or it left no report.
  else if (outcome === 'ended badly' && !failures.some((failure) => failure.startsWith(`${name}: `))) {
    failures.push(`${name}: the run failed, though no test did`);
  }
}
const lines = [...failures.map((failure) => `FAILED ${failure}`), `${passed} passed, ${failures.length} failed`];
process.stdout.write(`${lines.join('\n')}\n`);
process.exitCode = failures.length === 0 && passed > 0 ? 0 : 1;
