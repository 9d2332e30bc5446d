import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sign } from '../../src/signing.ts';
import { recordFigure } from '../support/figures.ts';
import { type Answer, ask, metric, type Stack, startStack, until } from './stack.ts';

const edges = ['varnish', 'nginx'] as const;

const secret = 'a signing secret of the edges: long enough';

let stack: Stack;
beforeAll(async () => {
  // What is kept is soon too old, so that staleness shows; one render at a time and none waiting, so that refusals do.
  stack = await startStack({
    FOVEA_CACHE_CONTROL: 'public, max-age=1',
    FOVEA_RENDERERS: '1',
    FOVEA_QUEUE_MAX: '0',
    FOVEA_VARIANTS: 'none',
    FOVEA_SIGNING_SECRETS: secret,
  });
});
afterAll(() => stack?.stop());

/** True for an answer that the origin had a part in. */
function wasAsked(edge: string): (answer: Answer) => boolean {
  return ({ headers }) => new RegExp(`${edge}; (fwd=miss|.*REVALIDATED)`).test(headers['cache-status'] ?? '');
}

describe.each(edges)('%s', (edge) => {
  it('keeps no refusal of an origin that is full', async () => {
    const refusedByOrigin = () => metric(stack, 'fovea_requests_total', /status="503"/);
    const before = await refusedByOrigin();
    const paths = Array.from(
      { length: 40 },
      (_, index) => `/w_${(edge === 'nginx' ? 900 : 800) + index},f_avif/seeding.jpg`,
    );
    const answers = await Promise.all(paths.map((path) => ask(stack[edge], path)));
    const refused = paths.filter((_, index) => answers[index]?.status === 503);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of answers.filter(({ status }) => status === 503)) {
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    // Asked for again while it is still full: a refusal that the edge had kept would not be counted by the origin.
    const again = await Promise.all(refused.map((path) => ask(stack[edge], path)));
    const refusals = [...answers, ...again].filter(({ status }) => status === 503).length;
    const kept = Math.max(0, refusals - ((await refusedByOrigin()) - before));
    recordFigure(
      25,
      `${edge}: ${kept} of ${refusals} refusals (503) of a full origin, each asked for twice, were kept`,
    );
    expect(kept).toBe(0);
    for (const path of refused.slice(0, 3)) {
      await until(
        () => ask(stack[edge], path),
        ({ status }) => status === 200,
      );
    }
  });

  it('keeps no failure: each is asked for again', async () => {
    const path = `/w_31${edges.indexOf(edge)}/seeding.jpg`;
    await stack.stopOrigin();
    const failures = [await ask(stack[edge], path), await ask(stack[edge], path)];
    for (const { status, headers } of failures) {
      expect(status).toBeGreaterThanOrEqual(500);
      expect(headers['cache-control']).toBe('no-store');
    }
    await stack.startOrigin();
    await until(
      () => ask(stack[edge], path),
      ({ status }) => status === 200,
    );
  });

  it('shows nothing past the end of its URL, not even through an outage', async () => {
    const end = Math.floor(Date.now() / 1000) + 4;
    const text = `x-${end}/w_33${edges.indexOf(edge)}/seeding.jpg`;
    const path = `/s--${sign(text, secret, 'sha256-long')}--/${text}`;
    expect((await ask(stack[edge], path)).status).toBe(200);
    await stack.stopOrigin();
    const answer = await until(
      () => ask(stack[edge], path),
      () => Date.now() / 1000 > end + 1,
    );
    expect(answer.status).toBeGreaterThanOrEqual(500);
    await stack.startOrigin();
    await until(
      () => ask(stack[edge], `/w_34${edges.indexOf(edge)}/seeding.jpg`),
      ({ status }) => status === 200,
    );
  });

  it('shows what it has through an outage, long past its time, and the new after it', async () => {
    const path = `/w_32${edges.indexOf(edge)}/seeding.jpg`;
    const fresh = await ask(stack[edge], path);
    expect(fresh.status).toBe(200);
    const old = await until(() => ask(stack[edge], path), wasAsked(edge));
    expect(old.status).toBe(200);
    await stack.stopOrigin();
    // Far longer than it may be kept: every answer in between has to be the picture.
    const end = performance.now() + 4000;
    let answers = 0;
    await until(
      () => ask(stack[edge], path),
      ({ status, headers, body }) => {
        expect([status, headers['content-type'], body.equals(fresh.body)]).toEqual([200, 'image/jpeg', true]);
        answers += 1;
        return performance.now() > end;
      },
    );
    expect(answers).toBeGreaterThan(10);
    await stack.startOrigin();
    const renewed = await until(() => ask(stack[edge], path), wasAsked(edge));
    expect(renewed.body.equals(fresh.body)).toBe(true);
  });
});
