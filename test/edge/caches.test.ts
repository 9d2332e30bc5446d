import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acceptCases } from '../support/accept-cases.ts';
import { type Answer, ask, metric, type Stack, startStack } from './stack.ts';

const edges = ['varnish', 'nginx'] as const;
const avif = { accept: 'image/avif,image/webp,*/*' };

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

/** What the bytes are, whatever the header says. */
function sniffed({ body }: Answer): string {
  if (body.subarray(8, 12).toString('latin1') === 'WEBP') return 'image/webp';
  if (body.subarray(4, 12).toString('latin1') === 'ftypavif') return 'image/avif';
  return body[0] === 0xff && body[1] === 0xd8 ? 'image/jpeg' : 'unknown';
}

function renders(): Promise<number> {
  return metric(stack, 'fovea_tier_hits_total', /tier="render"/);
}

describe.each(edges)('behind %s', (edge) => {
  const other = { varnish: 1, nginx: 2 }[edge];

  it('fifty visitors of one cold picture cost one request and one render', async () => {
    const before = await metric(stack, 'fovea_requests_total', /route="image"/);
    const rendersBefore = await renders();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => ask(stack[edge], `/w_15${other},f_auto/seeding.jpg`, { headers: avif })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ headers }) => headers['etag'])).size).toBe(1);
    expect(new Set(answers.map(({ body }) => body.toString('base64'))).size).toBe(1);
    expect((await metric(stack, 'fovea_requests_total', /route="image"/)) - before).toBe(1);
    expect((await renders()) - rendersBefore).toBe(1);
  });

  it('nobody gets a format that they did not ask for, cached or not', async () => {
    const path = `/w_6${other},f_auto,q_auto/seeding.jpg`;
    const types = { avif: 'image/avif', webp: 'image/webp', none: 'image/jpeg' };
    // Twice, in another order: whatever is cached for one must not be shown to the next.
    for (const cases of [acceptCases, acceptCases.toReversed()]) {
      for (const { accept, saveData, token } of cases) {
        const headers = { ...(accept !== null && { accept }), ...(saveData !== null && { 'save-data': saveData }) };
        const answer = await ask(stack[edge], path, { headers });
        const wanted = types[token.replace('-lite', '') as keyof typeof types];
        expect([answer.headers['content-type'], sniffed(answer)], `${accept}`).toEqual([wanted, wanted]);
      }
    }
  });

  it('ordinary browsers share one answer of each kind', async () => {
    const path = `/w_7${other},f_auto/seeding.jpg`;
    const browsers = [
      'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8',
      'image/jxl,image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8',
      'image/webp,*/*',
      'image/webp,image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5',
      '*/*',
      'image/png,image/*;q=0.8,*/*;q=0.5',
    ];
    const before = await metric(stack, 'fovea_requests_total', /route="image"/);
    for (const accept of browsers) await ask(stack[edge], path, { headers: { accept } });
    expect((await metric(stack, 'fovea_requests_total', /route="image"/)) - before).toBe(3);
  });

  it('a visitor cannot say for itself what was reduced', async () => {
    const headers = { accept: '*/*', 'x-fovea-accept': 'avif' };
    const answer = await ask(stack[edge], `/w_8${other},f_auto/seeding.jpg`, { headers });
    expect(sniffed(answer)).toBe('image/jpeg');
  });

  it('the query neither splits the cache nor reaches the origin', async () => {
    const path = `/w_9${other}/seeding.jpg`;
    await ask(stack[edge], `${path}?a=1`);
    const again = await ask(stack[edge], `${path}?b=2`);
    expect(again.headers['cache-status']).toContain(`${edge}; hit`);
  });

  it('a visitor who holds the picture gets 304 from the edge', async () => {
    const path = `/w_10${other}/seeding.jpg`;
    const etag = (await ask(stack[edge], path)).headers['etag'] ?? '';
    const before = await metric(stack, 'fovea_requests_total', /route="image"/);
    const answer = await ask(stack[edge], path, { headers: { 'if-none-match': etag } });
    expect([answer.status, answer.headers['etag'], answer.body.length]).toEqual([304, etag, 0]);
    expect((await metric(stack, 'fovea_requests_total', /route="image"/)) - before).toBe(0);
  });

  it.each(['/-/metrics', '/-/health', '/-/purge', '/-', '//-/metrics', '/%2D/metrics', '/-%2Fmetrics'])(
    'keeps %s inside, even from who has the token',
    async (path) => {
      const answer = await ask(stack[edge], path, { headers: { authorization: `Bearer ${stack.token}` } });
      expect([400, 404]).toContain(answer.status);
      expect(answer.body.toString()).not.toMatch(/fovea_|^ok/);
    },
  );

  it('shows no tags to anybody', async () => {
    const { headers } = await ask(stack[edge], `/w_9${other}/seeding.jpg`);
    expect(headers).not.toHaveProperty('x-amz-meta-cache-tag');
    expect(headers).not.toHaveProperty('xkey');
  });
});

describe('a purge', () => {
  it('by tag reaches every variant of one original at the edge, and no other', async () => {
    const paths = ['/w_201/seeding.jpg', '/w_202,f_auto/seeding.jpg', '/seeding.jpg'];
    for (const path of [...paths, '/w_203/nobody.jpg']) await ask(stack.varnish, path, { headers: avif });
    const [tag] = ((await ask(stack.origin, '/w_201/seeding.jpg')).headers['x-amz-meta-cache-tag'] ?? '').split(',');
    const unrelated = await ask(stack.varnish, '/', { method: 'PURGE', headers: { xkey: 'o:somethingelse' } });
    expect(unrelated.status).toBe(200);
    for (const path of paths) {
      const { headers } = await ask(stack.varnish, path, { headers: avif });
      expect(headers['cache-status']).toContain('varnish; hit');
    }
    const purged = await ask(stack.varnish, '/', { method: 'PURGE', headers: { xkey: `${tag} o:another` } });
    expect(purged.status).toBe(200);
    for (const path of paths) {
      const { headers } = await ask(stack.varnish, path, { headers: avif });
      expect(headers['cache-status']).toContain('varnish; fwd=miss');
    }
  });

  it('asked of the origin reaches the edge too', async () => {
    const path = '/w_210,f_auto/seeding.jpg';
    for (const state of ['fwd=miss', 'hit']) {
      const { headers } = await ask(stack.varnish, path, { headers: avif });
      expect(headers['cache-status']).toContain(`varnish; ${state}`);
    }
    const response = await fetch(`${stack.origin}/-/purge`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ keys: ['seeding.jpg'] }),
    });
    expect(response.ok).toBe(true);
    const { headers } = await ask(stack.varnish, path, { headers: avif });
    expect(headers['cache-status']).toBe('fovea; fwd=miss; stored; detail=render, varnish; fwd=miss');
  });

  it('needs tags', async () => {
    expect((await ask(stack.varnish, '/', { method: 'PURGE' })).status).toBe(400);
  });
});

describe('client hints, which the origin heeds,', () => {
  const path = '/c_limit,w_auto,q_auto,f_auto/seeding.jpg';
  let hinted: Stack;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fovea-hints-'));
    const file = join(folder, 'fovea.json');
    await writeFile(file, JSON.stringify({ clientHints: true }));
    hinted = await startStack({ FOVEA_CONFIG: file });
  });
  afterAll(async () => {
    await hinted?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(edges)('of one client do not decide what others get behind %s', async (edge) => {
    const plain = await ask(hinted.origin, path, { headers: { accept: 'image/webp' } });
    for (const hint of ['width', 'sec-ch-width', 'viewport-width', 'dpr']) {
      await ask(hinted[edge], path, { headers: { accept: 'image/webp', [hint]: '16' } });
    }
    // An Accept that the edge cannot reduce for sure, so that Save-Data goes on as it came.
    const unsure = { accept: 'image/webp;q=0.9' };
    await ask(hinted[edge], path, { headers: { ...unsure, 'save-data': 'on' } });
    for (const headers of [{ accept: 'image/webp' }, unsure]) {
      const answer = await ask(hinted[edge], path, { headers });
      expect([answer.status, answer.headers['content-type'], answer.body.equals(plain.body)]).toEqual([
        200,
        'image/webp',
        true,
      ]);
    }
  });
});
