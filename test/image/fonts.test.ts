import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createFonts } from '../../src/image/plan/fonts.ts';

let temporary: string;

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'fovea-test-'));
  vi.stubEnv('TMPDIR', temporary);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

function configurationFile(folder?: string): string {
  const file = createFonts(folder).configurationFile;
  if (file === undefined) throw new Error('no file was written');
  return file;
}

it('servers that read the same folders share one file, however many were killed', () => {
  const file = configurationFile();
  for (let start = 0; start < 5; start += 1) expect(configurationFile()).toBe(file);
  expect(readdirSync(temporary)).toHaveLength(1);
  expect(readdirSync(dirname(file))).toEqual(['fonts.conf']);
  expect(readFileSync(file, 'utf8')).toContain('<dir>/usr/share/fonts</dir>');
});

it('one that reads another folder has its own', () => {
  expect(configurationFile('/srv/fonts')).not.toBe(configurationFile());
  expect(readFileSync(configurationFile('/srv/fonts'), 'utf8')).toContain('<dir>/srv/fonts</dir>');
});

it('a file that was cut off is written anew', () => {
  const file = configurationFile();
  const whole = readFileSync(file, 'utf8');
  writeFileSync(file, whole.slice(0, 20));
  expect(configurationFile()).toBe(file);
  expect(readFileSync(file, 'utf8')).toBe(whole);
});

it('there is no text where others could write the file', () => {
  const folder = dirname(configurationFile());
  chmodSync(folder, 0o777);
  expect(createFonts(undefined).configurationFile).toBeUndefined();
  rmSync(folder, { recursive: true });
  const theirs = join(temporary, 'theirs');
  mkdirSync(theirs, { mode: 0o700 });
  symlinkSync(theirs, folder);
  expect(createFonts(undefined).configurationFile).toBeUndefined();
  expect(readdirSync(theirs)).toEqual([]);
});
