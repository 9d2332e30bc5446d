import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { findHeadersRead, headerGuards } from '../support/request-headers.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const guarded = Object.keys(headerGuards);
const withGuard = (guard: string) => guarded.filter((name) => headerGuards[name] === guard);

/** With everything on that looks at headers. */
async function open(environment: Readonly<Record<string, string>>) {
  const originals = createMemoryStore();
  await originals.put('cat.jpg', Buffer.from('a cat'));
  const { file } = readConfig({});
  const ladder = { ...file.ladder, snap: true };
  return createPixelFreeService({ originals, environment, config: { file: { ...file, ladder, clientHints: true } } });
}

const paths = [
  '/c_limit,w_333/cat.jpg',
  '/c_limit,w_320,f_auto,q_auto/cat.jpg',
  '/c_limit,w_auto/cat.jpg',
  '/c_limit,w_320,dpr_auto/cat.jpg',
  '/cat.jpg',
  '/w_320/none.jpg',
];

/** Values that would matter, were they believed. */
const values: Readonly<Record<string, readonly string[]>> = {
  accept: ['image/avif', 'image/webp', '*/*'],
  'save-data': ['on'],
  'sec-fetch-dest': ['image', 'document'],
  'x-fovea-accept': ['avif', 'webp-lite', 'none'],
  'x-forwarded-for': ['203.0.113.7'],
  forwarded: ['for=203.0.113.7;host=img.example;proto=https'],
  host: ['img.example'],
  authorization: ['Bearer x'],
  'content-type': ['multipart/form-data; boundary=x'],
};
const valuesOf = (name: string) => values[name] ?? ['1', '16', '600'];

interface Told {
  readonly vary: string;
  readonly cacheControl: string;
  /** Everything that a cache would keep and hand to the next. */
  readonly kept: string;
}

async function tell(ask: Awaited<ReturnType<typeof open>>['ask'], path: string, headers: Record<string, string>) {
  const answer = await ask(path, { headers });
  const own = ['x-request-id', 'server-timing', 'cache-status'];
  const lines = [...answer.headers].filter(([name]) => !own.includes(name));
  const body = (await answer.text()).replace(/"requestId":"[^"]+"/, '');
  return {
    vary: (answer.headers.get('vary') ?? '').toLowerCase(),
    cacheControl: answer.headers.get('cache-control') ?? '',
    kept: JSON.stringify([answer.status, lines, body]),
  } satisfies Told;
}

describe('headers of requests', () => {
  it('are all listed with what guards them, and nothing is listed that is not read', () => {
    const { names } = findHeadersRead();
    expect([...names].sort()).toEqual([...guarded].sort());
  });

  it('are read by their names, but where all are looked at for whether somebody passed a request on', () => {
    expect([...findHeadersRead().others].sort()).toEqual(
      [
        'context.ts: Object.keys(incoming.headers)',
        'context.ts: header(name)',
        'context.ts: headers.keys(',
        'image-requests.ts: header(name)',
        'observe.ts: header(name)',
        'lane.ts: Object.keys(request.headers)',
        // By the names that the whole way asks for, and those that keep a request out of the lane.
        'lane.ts: request.headers[name]',
        'lane.ts: request.headers[name]',
      ].sort(),
    );
  });
});

describe.each([
  ['nobody has said what unsigned URLs may ask', { FOVEA_UNSIGNED: '' }],
  ['unsigned URLs may ask anything', { FOVEA_UNSIGNED: 'any' }],
  ['unsigned URLs are held to the ladder', { FOVEA_UNSIGNED: 'ladder' }],
])('a header of a stranger’s, where %s,', (_, environment) => {
  it.each(guarded.filter((name) => headerGuards[name] !== 'condition'))(
    '%s, changes no answer that a cache would hand to others',
    async (name) => {
      const { ask, service } = await open(environment);
      for (const path of paths) {
        const plain = await tell(ask, path, {});
        for (const value of valuesOf(name)) {
          const told = await tell(ask, path, { [name]: value });
          if (told.kept === plain.kept) continue;
          const isVaried = [told, plain].every(({ vary }) => vary.split(', ').includes(name));
          const isPrivate = told.cacheControl === 'no-store';
          expect([path, value, isVaried || isPrivate]).toEqual([path, value, true]);
          // Each is guarded as the list says.
          if (headerGuards[name] === 'vary') expect([path, value, isVaried]).toEqual([path, value, true]);
        }
      }
      await service.close();
    },
  );
});

describe('a header that Vary names', () => {
  it.each(withGuard('vary'))('%s, does change answers', async (name) => {
    const { ask, service } = await open({ FOVEA_UNSIGNED: 'any' });
    const told = async (headers: Record<string, string>) =>
      Promise.all(paths.map(async (path) => (await tell(ask, path, headers)).kept));
    const plain = await told({});
    const others = await Promise.all(valuesOf(name).map((value) => told({ [name]: value })));
    expect(others.some((one) => JSON.stringify(one) !== JSON.stringify(plain))).toBe(true);
    await service.close();
  });
});

describe('x-fovea-accept', () => {
  const path = '/c_limit,w_320,f_auto,q_auto/cat.jpg';
  const renderedFor = async (environment: Readonly<Record<string, string>>) => {
    const { ask, renderer, telemetry } = await open({ FOVEA_UNSIGNED: 'any', ...environment });
    const headers = { accept: 'image/webp', 'x-fovea-accept': 'avif-lite' };
    for (let times = 0; times < 3; times += 1) await ask(path, { headers });
    const warnings = telemetry.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
    return { renders: renderer.renders, warnings };
  };

  it('counts before Accept and Save-Data when a trusted proxy has sent it', async () => {
    const { renders, warnings } = await renderedFor({ FOVEA_TRUSTED_PROXIES: 'lambda' });
    expect(renders).toEqual(['c_limit,w_320/f_auto:avif,q_auto:eco']);
    expect(warnings).toEqual([]);
  });

  it('is passed over when anybody else has, which is told once', async () => {
    const { renders, warnings } = await renderedFor({ FOVEA_TRUSTED_PROXIES: '10.0.0.0/8' });
    expect(renders).toEqual(['c_limit,w_320/f_auto:webp,q_auto:good']);
    expect(warnings).toEqual([expect.stringContaining('FOVEA_TRUSTED_PROXIES')]);
  });
});
