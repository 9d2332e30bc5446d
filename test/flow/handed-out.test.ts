import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Config, readConfig } from '../../src/config/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService, type TestService } from '../support/test-service.ts';
import { picture } from '../support/uploads.ts';

const adminToken = 'the admin token of the tests';
const jpeg = await picture();
const origin = 'http://fovea.test';

const presets = {
  card: 'c_fill,w_640,h_360',
  marked: 'c_fill,w_300/l_2026:logo.jpg,g_south_east',
  named: 'c_fill,w_300,fl_attachment:mine',
};
const files = {
  'a short ladder': { presets, ladder: { widths: [600, 300], snap: false } },
  'a ladder that snaps': { presets, ladder: { widths: [333], snap: true } },
  'no presets': {},
  'protected folders': { presets, protected: { private: ['2026/'], authenticated: ['members/'] } },
  'queries of other programs': { presets, spellings: ['imgix', 'query'] as Config['file']['spellings'] },
};
const keys = ['2026/a.jpg', 'members/a.jpg', 't_shirts/ü.jpg', 'w_3/v1/a.jpg'];
/** `unsaid`: from this machine anything, and by way of others the ladder. */
const policies = ['unsaid', 'any', 'ladder', 'presets', 'none'] as const;
const cases = policies.flatMap((policy) =>
  Object.entries(files).flatMap(([name, file]) =>
    ['', 'a signing secret that has its 32 bytes']
      // A server that could answer nothing does not start.
      .filter((secret) => secret !== '' || (policy !== 'none' && (policy !== 'presets' || 'presets' in file)))
      .map((secret) => ({ policy, name, file, secret })),
  ),
);

async function start({ policy, file, secret }: Omit<(typeof cases)[number], 'name'>, given: readonly string[] = []) {
  const originals = createMemoryStore();
  for (const key of given) await originals.put(key, jpeg);
  return createPixelFreeService({
    originals,
    config: {
      adminToken,
      unsigned: policy === 'unsaid' ? 'any' : policy,
      unsignedGiven: policy === 'unsaid' ? undefined : policy,
      signingSecrets: secret === '' ? [] : [secret],
      file: { ...readConfig({}).file, ...file },
    },
  });
}

/** Asked as by a browser behind a proxy: what is handed out has to serve whoever gets it. */
async function statusOf({ ask }: TestService, url: string): Promise<string> {
  expect(url.startsWith(origin)).toBe(true);
  const headers = { 'X-Forwarded-For': '192.0.2.1', Accept: 'image/avif,image/webp', 'Save-Data': 'on' };
  return `${(await ask(url.slice(origin.length), { headers })).status} ${url}`;
}

const answer = z.object({ files: z.array(z.object({ urls: z.record(z.string(), z.string()) })) });

async function upload({ ask }: TestService): Promise<readonly string[]> {
  const body = new FormData();
  for (const key of [...keys, '2026/logo.jpg']) {
    body.append('key', key);
    body.append('image', new Blob([new Uint8Array(jpeg)], { type: 'image/jpeg' }), 'photo');
  }
  const response = await ask('/-/images', { method: 'POST', headers: { Authorization: `Bearer ${adminToken}` }, body });
  return answer.parse(await response.json()).files.flatMap(({ urls }) => Object.values(urls));
}

/** The lines that say what to try, and the URLs in them. */
async function invited({ service, telemetry }: TestService) {
  await service.welcome(origin);
  const line = telemetry.events.flatMap((event) => (event.type === 'lifecycle' ? [event.message] : []))[1] ?? '';
  return { line, urls: line.startsWith('Try ') ? line.slice('Try '.length).split(' and ') : [] };
}

describe('every URL that is handed out is answered', () => {
  test.each(cases)('after an upload, under $policy with $name, secret "$secret"', async (given) => {
    const service = await start(given);
    const urls = await upload(service);
    if (given.secret !== '') expect(urls.length).toBeGreaterThanOrEqual(2 * (keys.length + 1));
    for (const url of urls) expect(await statusOf(service, url)).toBe(`200 ${url}`);
  });

  test.each(cases)('in the log, under $policy with $name, secret "$secret"', async (given) => {
    const service = await start(given, ['.hidden/a.jpg', '._a.jpg', 'a b/ü.jpg', '2026/logo.jpg', 'notes.txt']);
    const { line, urls } = await invited(service);
    const isClosed = given.policy === 'none' || (given.policy === 'presets' && given.name === 'no presets');
    expect(urls.length > 0).toBe(!isClosed);
    for (const url of urls) expect(await statusOf(service, url)).toBe(`200 ${url}`);
    if (isClosed) expect(line).toContain('fovea sign http://fovea.test/w_400,h_300/<its name>');
    expect(line).not.toContain('s--');
  });

  test('and before there is one, what the log says to put and try', async () => {
    const given = { policy: 'ladder', file: files['a short ladder'], secret: '' } as const;
    const { line } = await invited(await start(given));
    const [, name = '', url = ''] = /, as (\S+), and try (\S+)$/.exec(line) ?? [];
    expect(await statusOf(await start(given, [name]), url)).toBe(`200 ${url}`);
  });
});
