import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, ask, type Question, type Stack, startStack } from './stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    FOVEA_SIGNING_SECRETS: 'not-a-secret-but-long-enough-to-be-one',
    FOVEA_MAX_INPUT_MB: '1',
  });
  await writeFile(join(stack.originals, 'broken.jpg'), Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 1, 2, 3]));
  await writeFile(join(stack.originals, 'text.jpg'), 'this is no picture');
  await writeFile(join(stack.originals, 'big.jpg'), Buffer.alloc(1_100_000, 0xff));
});
afterAll(() => stack?.stop());

interface Kind {
  readonly name: string;
  readonly path: string;
  readonly question?: Question;
  readonly status: number;
  readonly vary?: string;
}

/** What the form of a failure hangs on. */
const form = 'Accept, Sec-Fetch-Dest';

const kinds: readonly Kind[] = [
  { name: 'an original', path: '/seeding.jpg', status: 200 },
  { name: 'a variant', path: '/w_40/seeding.jpg', status: 200 },
  { name: 'a negotiated variant', path: '/w_41,f_auto/seeding.jpg', status: 200, vary: 'Accept' },
  { name: 'a variant in Cloudinary’s spelling', path: '/image/upload/w_42/v1/seeding.jpg', status: 200 },
  { name: 'a variant of another format', path: '/w_43,f_webp/seeding.jpg', status: 200 },
  { name: 'a missing picture', path: '/w_40/none.jpg', status: 404, vary: form },
  { name: 'a missing picture, negotiated', path: '/w_40,f_auto/none.jpg', status: 404, vary: form },
  { name: 'a mistake', path: '/w_0/seeding.jpg', status: 400, vary: form },
  { name: 'a wrong signature', path: '/s--AAAAAAAA--/w_40/seeding.jpg', status: 401, vary: form },
  { name: 'something that is no picture', path: '/w_40/text.jpg', status: 415, vary: form },
  { name: 'a broken picture', path: '/w_40/broken.jpg', status: 422, vary: form },
  { name: 'a picture that is too large', path: '/w_40/big.jpg', status: 413, vary: form },
  { name: 'another method', path: '/w_40/seeding.jpg', question: { method: 'DELETE' }, status: 405 },
  { name: 'a path of ours that is none', path: '/-/nothing', status: 404 },
];

function lifetime({ headers }: Answer): number {
  return Number(/max-age=(\d+)/.exec(headers['cache-control'] ?? '')?.[1] ?? 0);
}

function checkPicture(answer: Answer): void {
  const { headers, body } = answer;
  expect(headers['etag']).toMatch(/^"[\x21\x23-\x7e]+"$/);
  expect(Date.parse(headers['last-modified'] ?? '')).toBeLessThanOrEqual(Date.parse(headers['date'] ?? ''));
  expect(Number(headers['content-length'])).toBe(body.length);
  expect(headers['content-type']).toMatch(/^image\/(jpeg|png|webp|avif|gif)$/);
  expect(lifetime(answer)).toBe(31_536_000);
  expect(headers['cross-origin-resource-policy']).toBe('cross-origin');
  expect(headers['content-disposition']).toMatch(/^inline; filename="seeding\.\w+"$/);
}

function checkFailure({ status, headers, body }: Answer): void {
  expect(headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(body.toString())).toMatchObject({ status });
  expect(body.toString()).not.toContain(stack.originals);
}

describe.each(['origin', 'varnish', 'nginx'] as const)('through %s', (door) => {
  it.each(kinds)('$name says how long it is good for, and what it depends on', async (kind) => {
    const answer = await ask(stack[door], kind.path, kind.question);
    expect(answer.status).toBe(kind.status);
    const cacheControl = answer.headers['cache-control'] ?? '';
    expect(cacheControl).toMatch(/^(no-store|public, max-age=\d+(, immutable)?)$/);
    expect(answer.headers['vary']).toBe(kind.vary);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(Number.isNaN(Date.parse(answer.headers['date'] ?? ''))).toBe(false);
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(answer.headers['server'] ?? '').not.toMatch(/\d/);
    if (kind.status === 200) checkPicture(answer);
    else {
      checkFailure(answer);
      expect(lifetime(answer)).toBeLessThanOrEqual(60);
      if (kind.status === 401) expect(cacheControl).toBe('no-store');
    }
  });

  it.each(kinds.filter(({ status }) => status === 200))('$name is not sent twice to who has it', async (kind) => {
    const whole = await ask(stack[door], kind.path);
    const etag = whole.headers['etag'] ?? '';
    // Varnish 7 compares with the whole field: a list costs it a picture too many, and is never wrong.
    const lists = door === 'varnish' ? [] : [`"other", ${etag}`, '*'];
    for (const condition of [etag, `W/${etag}`, ...lists]) {
      const answer = await ask(stack[door], kind.path, { headers: { 'if-none-match': condition } });
      expect([answer.status, answer.body.length], condition).toEqual([304, 0]);
      for (const name of ['etag', 'cache-control', 'vary', 'last-modified']) {
        expect(answer.headers[name], `${name} of a 304 for ${condition}`).toBe(whole.headers[name]);
      }
    }
    const changed = await ask(stack[door], kind.path, { headers: { 'if-none-match': '"other"' } });
    expect(changed.status).toBe(200);
  });

  it.each(kinds.filter(({ status }) => status === 200))('$name has the same headers for HEAD', async (kind) => {
    const whole = await ask(stack[door], kind.path);
    const head = await ask(stack[door], kind.path, { method: 'HEAD' });
    expect([head.status, head.body.length]).toEqual([200, 0]);
    for (const name of ['content-type', 'content-length', 'etag', 'last-modified', 'cache-control', 'vary']) {
      expect(head.headers[name], name).toBe(whole.headers[name]);
    }
  });
});
