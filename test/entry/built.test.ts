import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtProgram } from '../support/program.ts';

/** What stays a package beside the program: native code, and what few processes load. */
const beside = ['sharp', '@aws-sdk/', 'sqs-consumer', 'pino', 'commander', 'cli-progress'];

describe('the built program', () => {
  it('has its packages in it, as far as each start would look for their files one by one', () => {
    const folder = builtProgram();
    const files = readdirSync(folder).filter((name) => name.endsWith('.js'));
    const imported = files.flatMap((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      return [...text.matchAll(/^(?:import|export)\b[^;]*?from\s*"([^"]+)"|^import\s*"([^"]+)"/gm)].map(
        ([, from = '', alone = '']) => from || alone,
      );
    });
    const packages = new Set(imported.filter((name) => !name.startsWith('.') && !isBuiltin(name)));
    expect(packages).toContain('sharp');
    expect([...packages].filter((name) => !beside.some((one) => name.startsWith(one)))).toEqual([]);
  });
});
