import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { readPages } from '../readme/pages.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** What a workflow runs: each `run:`, those folded over several lines too, as one line. */
function commandsOf(workflow: string): readonly string[] {
  return [...workflow.matchAll(/^( *)- run: (?:>-\n((?:\1 {4}.*\n)+)|(.*)\n)/gm)].map(([, , folded, line]) =>
    (folded ?? line ?? '').trim().replace(/\s+/g, ' '),
  );
}

const workflow = read('.github/workflows/ci.yml');
const commands = commandsOf(workflow);
const words = (text: string) => text.split(/[\s()]+/).filter((word) => word !== '');

it('editors, nvm and the image take a Node that the package allows', () => {
  const [, oldest = ''] = /^>=(\d+)\./.exec(packageJson.engines.node) ?? [];
  expect(read('.nvmrc').trim()).toBe(oldest);
  const images = [...read('Dockerfile').matchAll(/^FROM node:(\d+)-/gm)].map(([, major]) => Number(major));
  expect(images.length).toBeGreaterThan(0);
  for (const major of images) expect(major).toBeGreaterThanOrEqual(Number(oldest));
  const tried = /node: \[(.*)\]/.exec(workflow)?.[1]?.split(', ').map(Number);
  expect(tried).toEqual(expect.arrayContaining([Number(oldest), ...images]));
});

describe('the workflow', () => {
  it('is read whole', () => {
    expect(commands.length).toBe(workflow.match(/\brun:/g)?.length);
  });

  it('runs only scripts and programs that there are', () => {
    const missing = commands.filter((command) => {
      const [, given = ''] = /--prefix (\S+)/.exec(command) ?? [];
      const script = /^npm (?:run )?(?:--\S+ (?:(?:infra|site)\S* )?)*(?!ci\b)([\w:]+)/.exec(command)?.[1];
      const file: { scripts: Record<string, string> } = JSON.parse(read(join(given, 'package.json')));
      if (script !== undefined) return !(script in file.scripts);
      return command.startsWith('.') && !existsSync(join(root, words(command)[0] ?? ''));
    });
    expect(missing).toEqual([]);
  });

  it('does what .ci/run does: each suite, with the same files, on the same packages', () => {
    const ci = read('.ci/run');
    const plain = (line: string) => line.replace(/ --(silent|retry=1)\b| --(?= |$)/g, '').trim();
    const suites = [...ci.matchAll(/^ *(?:check|suite) (?:'[^']*'|\S+) (npm .*)$/gm)].map(([, line = '']) =>
      plain(line),
    );
    expect(suites.length).toBeGreaterThan(12);
    expect(commands.map(plain)).toEqual(expect.arrayContaining(suites));
    const packages = words(/^packages=\(([^)]*)\)/m.exec(ci)?.[1] ?? '');
    const installed = commands.filter((command) => command.startsWith('apt-get install'));
    expect(installed.length).toBeGreaterThan(0);
    for (const command of installed) expect(words(command).slice(4)).toEqual(packages);
  });

  it('pins actions by their full version, and is given no secret', () => {
    const actions = [...workflow.matchAll(/uses: (.*)/g)].map(([, action]) => action);
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action).toMatch(/^actions\/[\w-]+@v\d+\.\d+\.\d+$/);
    expect(workflow).not.toContain('secrets.');
    expect(workflow).toMatch(/^permissions:\n {2}contents: read\n\n/m);
  });
});

it('the changelog keeps to the form that it names, and the version is the package’s', () => {
  const releases = read('CHANGELOG.md').split(/^## /m).slice(1);
  const kinds = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];
  const versions = releases.map((release) => /^\[([^\]]+)\](?: - \d{4}-\d\d-\d\d)?\n/.exec(release)?.[1]);
  expect(versions[0]).toBe('Unreleased');
  if (versions[1] !== undefined) expect(versions[1]).toBe(packageJson.version);
  for (const release of releases) {
    const chapters = [...release.matchAll(/^### (.*)$/gm)].map(([, kind = '']) => kind);
    expect(chapters).toEqual(kinds.filter((kind) => chapters.includes(kind)));
  }
});

it('the changelog says what is not released yet, and knows its settings', () => {
  const changelog = read('CHANGELOG.md');
  expect(changelog).toMatch(/^## \[Unreleased\]$/m);
  const told = readPages()
    .map(({ text }) => text)
    .join('');
  const names = [...changelog.matchAll(/`(FOVEA_\w+|\w+(?=`))/g)].map(([, name = '']) => name);
  const settings = names.filter((name) => name.startsWith('FOVEA_') || /[a-z][A-Z]/.test(name));
  expect(settings.length).toBeGreaterThan(5);
  expect(settings.filter((name) => !told.includes(`\`${name}\``))).toEqual([]);
});
