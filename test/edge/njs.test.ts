import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { acceptCases } from '../support/accept-cases.ts';

const run = promisify(execFile);

it('njs, whose language is that of CloudFront’s functions, answers every case as it should be', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-njs-'));
  try {
    const source = await readFile(new URL('../../infra/edge/viewer-request.js', import.meta.url), 'utf8');
    const events = acceptCases.map(({ path, accept, saveData }) => ({
      request: {
        method: 'GET',
        uri: path,
        querystring: { utm: { value: '1' } },
        headers: {
          ...(accept !== null && { accept: { value: accept } }),
          ...(saveData !== null && { 'save-data': { value: saveData } }),
        },
      },
    }));
    const script = join(folder, 'all.js');
    const calls = events.map((event) => `console.log(JSON.stringify(handler(${JSON.stringify(event)})));`);
    await writeFile(script, `${source}\n${calls.join('\n')}\n`);
    const { stdout } = await run('njs', [script], { maxBuffer: 16 * 1024 * 1024 });
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers).toHaveLength(acceptCases.length);
    for (const [index, { path, token }] of acceptCases.entries()) {
      expect(answers[index]).toMatchObject({
        uri: path,
        querystring: {},
        headers: { 'x-fovea-accept': { value: token } },
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
