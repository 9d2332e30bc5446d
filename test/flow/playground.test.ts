import { describe, expect, it } from 'vitest';
import { offeredParameters, type ParameterName, parameterNames, parameters } from '../../src/grammar/index.ts';
import { isProblem } from '../../src/grammar/parameters/values.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const adminToken = 'the admin token of the tests';
const asAdmin = { Authorization: `Bearer ${adminToken}` };

async function house(keys: readonly string[] = ['cat.jpg']) {
  const originals = createMemoryStore();
  for (const key of keys) await originals.put(key, Buffer.from('a cat'), { contentType: 'image/jpeg' });
  return { originals, ...(await createPixelFreeService({ originals, config: { adminToken } })) };
}

describe.each([
  ['/-/playground', 'app'],
  ['/-/demo', 'demo'],
] as const)('the page %s', (path, name) => {
  it('is the same for everybody, names no original, and runs and asks nothing of other hosts', async () => {
    const { ask } = await house(['secret-plan.jpg']);
    const answer = await ask(path);
    const page = await answer.text();
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page).not.toContain('secret-plan');
    expect([...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, at]) => at)).toEqual([
      '/favicon.ico',
      `/-/playground/${name}.css`,
      `/-/playground/${name}.js`,
    ]);
    const policy = answer.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(answer.headers.get('content-length')).toBe(String(Buffer.byteLength(page)));
  });

  it('is linked from the page at /', async () => {
    const { ask } = await house();
    expect(await (await ask('/', { headers: { accept: 'text/html' } })).text()).toContain(`href="${path}"`);
  });
});

describe('what these pages load', () => {
  it('is of its own names, and of no others', async () => {
    const { ask } = await house();
    const options = await ask('/-/playground/options.json');
    expect([options.status, options.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    const etag = options.headers.get('etag') ?? '';
    const again = await ask('/-/playground/options.json', { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    for (const name of ['server.js', '..%2fserver.js', 'constructor', 'app.ts']) {
      expect([name, (await ask(`/-/playground/${name}`)).status]).toEqual([name, 404]);
    }
  });
});

describe('GET /-/explain', () => {
  it.each([
    ['/w_300/e_grayscale,f_jpg/cat.jpg', 'w_300/e_grayscale,f_jpg'],
    ['/_ipx/w_120,f_webp/cat.jpg', 'w_120'],
    ['/cat.jpg', ''],
    ['/w_0/cat.jpg', 'w_0'],
  ])('tells the transformation of %s in our own language, which the page sets its controls by', async (url, said) => {
    const { ask } = await house();
    const answer = await ask(`/-/explain?url=${encodeURIComponent(url)}`);
    const { transformation } = (await answer.json()) as { transformation: string };
    expect(transformation).toContain(said);
    if (said === '') expect(transformation).toBe('');
  });
});

/** What a control lets somebody set: every value that it has by itself. */
function valuesOf(name: ParameterName): readonly string[] {
  const offered = offeredParameters.find((one) => one.name === name);
  const control = offered?.control;
  switch (control?.kind) {
    case 'number':
      return [control.min, control.max].map((value) => value.toFixed(2).replace(/\.?0+$/, ''));
    case 'effect':
      return control.effects.flatMap(({ begins: effect, amount }) =>
        amount === undefined
          ? [effect]
          : [effect, ...[amount.min, amount.max, amount.standard].map((n) => `${effect}:${n}`)],
      );
    case 'choice':
    case 'switches':
    case 'colour':
    case 'place':
      return control.values;
    default:
      return [];
  }
}

describe('the options of the playground', () => {
  it('are all parameters of the grammar, each with its words and example', () => {
    expect(offeredParameters.map(({ name }) => name)).toEqual(parameterNames);
    for (const { name, key, doc, example } of offeredParameters) {
      expect([name, key, doc, example]).toEqual([
        name,
        parameters[name].key,
        parameters[name].doc,
        parameters[name].example,
      ]);
      expect(example.startsWith(`${key}_`)).toBe(true);
    }
  });

  it.each(parameterNames)('%s offers only what the grammar takes', (name) => {
    const refused = valuesOf(name).filter((value) => {
      const parsed: unknown = parameters[name].parse(value, value);
      return parsed === undefined || isProblem(parsed);
    });
    expect(refused).toEqual([]);
  });
});

describe('GET /-/originals', () => {
  const keysIn = async (answer: Response) => {
    const { originals, next } = (await answer.json()) as { originals: { key: string; bytes: number }[]; next?: string };
    return { keys: originals.map(({ key }) => key), next };
  };

  it('tells keys and sizes to the holder of the admin token alone', async () => {
    const { ask } = await house();
    expect((await ask('/-/originals')).status).toBe(401);
    const answer = await ask('/-/originals', { headers: asAdmin });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toEqual({
      originals: [{ key: 'cat.jpg', bytes: 5, lastModified: expect.any(String) }],
    });
  });

  it('tells those that begin so, without what lies beside originals', async () => {
    const { ask } = await house([
      '+early.jpg',
      '.fovea-staging/b/manifest.json',
      'cats/a.jpg',
      'cats/a.jpg/.fovea/w_100',
      'cats/b.jpg',
      'dog.jpg',
    ]);
    const of = async (query: string) => (await keysIn(await ask(`/-/originals${query}`, { headers: asAdmin }))).keys;
    expect(await of('')).toEqual(['+early.jpg', 'cats/a.jpg', 'cats/b.jpg', 'dog.jpg']);
    expect(await of('?prefix=cats/')).toEqual(['cats/a.jpg', 'cats/b.jpg']);
    expect(await of('?prefix=.fovea-staging/')).toEqual([]);
    expect(await of('?prefix=none')).toEqual([]);
    expect((await ask(`/-/originals?prefix=${'a'.repeat(1025)}`, { headers: asAdmin })).status).toBe(400);
  });

  it('goes page by page through all of them, each once', async () => {
    const all = Array.from({ length: 250 }, (_, index) => `p/${String(index).padStart(3, '0')}.jpg`);
    const { ask } = await house(['.fovea-staging/b/1', ...all]);
    const seen: string[] = [];
    let page: string | undefined = '';
    const sizes: number[] = [];
    while (page !== undefined) {
      const answer: Response = await ask(`/-/originals?page=${encodeURIComponent(page)}`, { headers: asAdmin });
      const told = await keysIn(answer);
      seen.push(...told.keys);
      sizes.push(told.keys.length);
      page = told.next;
    }
    expect(seen).toEqual(all);
    expect(sizes).toEqual([100, 100, 50]);
  });
});

describe('PUT /-/focus/<key>', () => {
  const put = (body: unknown, headers: Record<string, string> = asAdmin) => ({
    method: 'PUT',
    headers,
    body: JSON.stringify(body),
  });

  it('keeps a point with the original and takes it back, and is in the log of acts', async () => {
    const { ask, originals, telemetry } = await house(['a folder/cat.jpg']);
    const at = '/-/focus/a%20folder/cat.jpg';
    const answer = await ask(at, put({ x: 0.25, y: 0.75 }));
    expect(await answer.json()).toEqual({ key: 'a folder/cat.jpg', focus: { x: 0.25, y: 0.75 } });
    expect((await originals.head('a folder/cat.jpg'))?.metadata).toMatchObject({ focal: '0.25,0.75' });
    expect(telemetry.events.findLast(({ type }) => type === 'audit')).toMatchObject({
      act: 'set a focal point',
      count: 1,
    });
    expect((await ask(at, put({ clear: true }))).status).toBe(200);
    expect((await originals.head('a folder/cat.jpg'))?.metadata).not.toHaveProperty('focal');
  });

  it('refuses strangers, points outside of the picture, and originals that are not there', async () => {
    const { ask } = await house();
    const status = async (path: string, init: Parameters<typeof ask>[1]) => (await ask(path, init)).status;
    expect(await status('/-/focus/cat.jpg', put({ x: 0.5, y: 0.5 }, {}))).toBe(401);
    for (const body of [{}, { x: 2, y: 0 }, { x: 0.5 }, { x: '0.5', y: 0 }, { x: 0, y: 0, z: 0 }, [0.5, 0.5]])
      expect([body, await status('/-/focus/cat.jpg', put(body))]).toEqual([body, 400]);
    expect(await status('/-/focus/none.jpg', put({ x: 0.5, y: 0.5 }))).toBe(404);
    expect(await status('/-/focus/%zz', put({ x: 0.5, y: 0.5 }))).toBe(400);
  });
});
