import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { createCommandLine } from '../support/command-line.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const environment = {
  FOVEA_SIGNING_SECRETS: 'the first secret is long enough to be one,an older one is long enough to be one',
  FOVEA_UNSIGNED: 'none',
};

/** What a server with the same secrets answers to each of these. */
async function statusesOf(paths: readonly string[]): Promise<readonly number[]> {
  const { ask, service } = await createPixelFreeService({ environment });
  const statuses = await Promise.all(paths.map(async (path) => (await ask(path)).status));
  await service.close();
  return statuses;
}

describe('fovea sign', () => {
  test.each([
    '/w_400,h_300/cats/tom.jpg',
    '/w_400/c_fit,h_20/cats/tom.jpg',
    '/cats/tom.jpg',
    '/image/upload/w_400/v12/cats/tom.jpg',
    '/image/private/w_400/cats/tom.jpg',
    '/w_400/f%C3%BCr%20alle.jpg',
  ])('makes %s a URL that a server takes', async (path) => {
    const { fovea } = createCommandLine({ environment });
    const [short, long] = [await fovea(['sign', path]), await fovea(['sign', '--long', path])];
    expect(short.stdout).toMatch(/\/s--[\w-]{8}--\//);
    expect(long.stdout).toMatch(/\/s--[\w-]{32}--\//);
    // 404: allowed, and not there.
    expect(await statusesOf([path, short.stdout.trim(), long.stdout.trim()])).toEqual([401, 404, 404]);
  });

  test('signs for a time, and no other time is taken for it', async () => {
    const { fovea } = createCommandLine({ environment });
    const signed = (await fovea(['sign', '--expires', '1h', '/w_400/a.jpg'])).stdout.trim();
    const [, end = ''] = /^\/s--[\w-]{8}--\/x-(\d+)\/w_400\/a\.jpg$/.exec(signed) ?? [];
    expect(Math.abs(Number(end) - (Date.now() / 1000 + 3600))).toBeLessThan(60);
    expect(await statusesOf([signed, signed.replace(end, String(Number(end) + 1))])).toEqual([404, 401]);
  });

  test('prints a new secret, another one each time, that the configuration takes', async () => {
    const { fovea } = createCommandLine({
      programs: { open: () => Promise.reject(new Error('needs no configuration')) },
    });
    const [one, other] = [await fovea(['sign', '--new-secret']), await fovea(['sign', '--new-secret', '--json'])];
    expect(one).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[\w-]{43}\n$/), stderr: '' });
    expect(other.json).toEqual([{ secret: expect.stringMatching(/^[\w-]{43}$/) }]);
    expect(other.stdout).not.toContain(one.stdout.trim());
    const secret = one.stdout.trim();
    expect(readConfig({ FOVEA_SIGNING_SECRETS: secret }).signingSecrets).toEqual([secret]);
  });

  test('asks for the mode where a signature would make another picture of a size without one', async () => {
    const { fovea } = createCommandLine({ environment });
    for (const path of ['/image/upload/w_400,h_300/a.jpg', '/image/upload/l_logo,w_40,h_30/fl_layer_apply/a.jpg']) {
      const { code, stdout, stderr } = await fovea(['sign', path]);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('means c_fill wherever it is signed');
      expect((await fovea(['sign', path.replace('w_', 'c_scale,w_')])).code).toBe(0);
    }
    for (const path of ['/w_400,h_300/a.jpg', '/image/upload/l_logo,w_40/fl_layer_apply,g_west/c_fit,w_9,h_9/a.jpg']) {
      expect((await fovea(['sign', path])).code).toBe(0);
    }
  });

  test('keeps the host, and signs many from stdin', async () => {
    const { fovea } = createCommandLine({ environment });
    const urls = ['https://img.example/w_1/a.jpg', '/w_2/b.jpg'];
    const { json } = await fovea(['sign', '-', '--json'], { stdin: urls.join('\n') });
    expect(json).toEqual(urls.map((url) => ({ url, signed: expect.stringContaining('/s--') })));
    expect(json[0]).toMatchObject({
      signed: expect.stringMatching(/^https:\/\/img\.example\/s--[\w-]{8}--\/w_1\/a\.jpg$/),
    });
  });

  test('goes on past a URL that cannot be signed, and says which it was', async () => {
    const { fovea } = createCommandLine({ environment });
    const urls = ['/w_1/a.jpg', '/w_0/b.jpg', 'nonsense', '/w_2/c.jpg'];
    const { code, stdout, stderr } = await fovea(['sign', '-'], { stdin: urls.join('\n') });
    expect(code).toBe(2);
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringMatching(/\/w_1\/a\.jpg$/),
      expect.stringMatching(/\/w_2\/c\.jpg$/),
    ]);
    expect(stderr).toMatch(/^\/w_0\/b\.jpg: Invalid w_0.*\nnonsense: The request target.*\n.*2 failed/);
  });

  test.each([
    ['without a secret', '/w_1/a.jpg', {}, 'FOVEA_SIGNING_SECRETS'],
    ['what is signed', '/s--AAAAAAAA--/w_1/a.jpg', environment, 'signed already'],
    ['what is no URL of ours', '/w_many/a.jpg', environment, 'w_many'],
    ['a word', 'tom.jpg', environment, 'path'],
  ])('refuses to sign %s with exit code 2', async (_, url, its, message) => {
    const { code, stdout, stderr } = await createCommandLine({ environment: its }).fovea(['sign', url]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  test.each([[[]], [['--new-secret', '/w_1/a.jpg']]])('refuses %j with exit code 2', async (words) => {
    expect(await createCommandLine({ environment }).fovea(['sign', ...words])).toMatchObject({ code: 2, stdout: '' });
  });
});
