import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Failure, type FailureKind, failureKinds } from '../../src/failure.ts';
import { createCommandLine } from '../support/command-line.ts';

const names = [
  'serve',
  'worker',
  'upload',
  'presign',
  'sign',
  'warm',
  'purge',
  'gc',
  'info',
  'describe',
  'explain',
  'doctor',
];

const { version: packageVersion } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

describe('the command line', () => {
  test('shows every command on its help page', async () => {
    const { code, stdout, stderr } = await createCommandLine().fovea(['--help']);
    for (const name of names) expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
    expect(stdout).toContain('Exit codes: 0 done');
    expect([code, stderr]).toEqual([0, '']);
  });

  test.each(['--version', '-V'])('prints the version alone for %s', async (flag) => {
    const { code, stdout, stderr } = await createCommandLine().fovea([flag]);
    expect([code, stdout, stderr]).toEqual([0, `${packageVersion}\n`, '']);
    expect(packageVersion).toMatch(/^\d+\.\d+\.\d+/);
  });

  test.each(names)('has examples and --json on the page of %s, and opens nothing for it', async (name) => {
    const open = () => Promise.reject(new Error('opened'));
    const { code, stdout } = await createCommandLine({ programs: { open } }).fovea([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\\n {2}\\$ .*fovea ${name}`));
    expect(stdout).toContain('--json');
  });

  test.each([
    [['nosuch'], 'unknown command'],
    [['warm', '--nosuch'], 'unknown option'],
    [['info'], 'missing required argument'],
    [['info', 'a', 'b'], 'too many arguments'],
    [['presign', 'a.jpg', '--bytes', 'many'], '--bytes: expected a whole number'],
    [['warm', '--transform'], 'argument missing'],
    [[], 'Usage: fovea'],
  ])('refuses %j with exit code 2', async (words, message) => {
    const { code, stdout, stderr } = await createCommandLine().fovea(words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  const codes: Readonly<Record<FailureKind, number>> = {
    invalid: 2,
    unauthorised: 3,
    expired: 3,
    not_found: 4,
    too_large: 5,
    unsupported: 5,
    corrupt: 5,
    overloaded: 6,
    upstream: 6,
    timeout: 6,
    cancelled: 130,
  };
  test.each(failureKinds)('ends with the exit code of %s', async (kind) => {
    const open = () => Promise.reject(new Failure(kind, 'what went wrong'));
    const { code, stderr } = await createCommandLine({ programs: { open } }).fovea(['info', 'a.jpg']);
    expect([code, stderr]).toEqual([codes[kind], 'fovea: what went wrong\n']);
  });

  test('ends with 70 for a bug, and shows where it is', async () => {
    const open = () => Promise.reject(new TypeError('x is not a function'));
    const { code, stderr } = await createCommandLine({ programs: { open } }).fovea(['info', 'a.jpg']);
    expect(code).toBe(70);
    expect(stderr).toMatch(/a bug: TypeError: x is not a function\n\s+at /);
  });

  test('tells all that is wrong with the configuration, and ends with 2', async () => {
    const command = createCommandLine({ environment: { PORT: 'many', FOVEA_NOSUCH: '1' } });
    const { code, stderr } = await command.fovea(['info', 'a.jpg']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/PORT/);
    expect(stderr).toMatch(/FOVEA_NOSUCH/);
  });

  test.each([
    ['serve', 'serve'],
    ['worker', 'work'],
  ] as const)('lasts for %s as long as that does', async (name, program) => {
    const started: string[] = [];
    const programs = { [program]: async () => void started.push(name) };
    expect((await createCommandLine({ programs }).fovea([name])).code).toBe(0);
    expect(started).toEqual([name]);
  });
});
