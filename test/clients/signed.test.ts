import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, expectAnswered } from './answered.ts';
import { clients, secrets } from './rows/signed.ts';
import { type RunningService, startService } from './running-service.ts';

/** Each at a host of its own, as four servers would have been: nothing else tells some of their URLs apart. */
const hosts = { imgproxy: 'ip.example', thumbor: 'th.example', imgix: 'ix.example', imagekit: 'ik.example' } as const;

let service: RunningService;
beforeAll(async () => {
  const names = Object.keys(hosts) as (keyof typeof hosts)[];
  service = await startService({
    spellings: [],
    dialects: names.map((name) => ({ name, hosts: [hosts[name]] })),
    dialectSecrets: secrets,
    sources: { 'https://pictures.example/': '', 's3://bucket/': '' },
  });
});
afterAll(() => service.close());

describe.each(Object.entries(clients))('%s', (_client, rows) => {
  it.each(rows.map((row) => [row.name, row.url, row] as const))('%s: %s', async (_name, _url, row) => {
    await expectAnswered(row, service);
  });

  it('is refused where somebody has changed what it has signed', async () => {
    const [{ url } = { url: '' }] = rows;
    const changed = url.replace(/(?<![\w-])(90|128)(?![\w-])|(?<=[-:=])(90|128)|128(?=x)/, '127');
    expect(changed).not.toBe(url);
    expect((await ask(changed, service)).status).toBe(401);
  });
});
