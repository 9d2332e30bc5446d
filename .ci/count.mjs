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
  if (line.startsWith('ok ')) passed += 1;
  else if (line !== '') failures.push(line);
}
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length === 0 && passed > 0 ? 0 : 1);
