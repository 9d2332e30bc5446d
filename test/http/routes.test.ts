import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import type { Route } from '../../src/http/route.ts';
import { imageRoutes, serviceRoutes, uploadRoutes } from '../../src/http/routes.ts';
import { createCommandLine } from '../support/command-line.ts';
import { createPixelFreeService, type TestService } from '../support/test-service.ts';

const own: readonly Route<never>[] = [...serviceRoutes, ...uploadRoutes];
const routes: readonly Route<never>[] = [...own, ...imageRoutes];
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PURGE', 'PROPFIND'];
const origin = 'https://shop.example';
/** Below this one nothing need be there. */
const written = own.filter(({ path }) => !path.endsWith('*'));

/** A path that such a pattern takes. */
const exampleOf = (pattern: string) => (pattern === '*' ? '/a.jpg' : pattern.replace(/:\w+(\{.*\})?|\*/g, 'x'));

/** Whether a pattern takes a path, read anew and not by the program's router. */
function takes(pattern: string, path: string): boolean {
  const expression = pattern
    .replace(/:\w+\{(.+)\}/g, '($1)')
    .replace(/:\w+/g, '[^/]+')
    .replace(/\/\*$/, '(/.*)?');
  return new RegExp(`^${expression}$`).test(path);
}

function allowedAt(path: string): readonly string[] {
  const taken = own.filter((route) => takes(route.path, path)).map(({ method }) => method);
  return [...new Set(taken.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))].toSorted();
}

const listed = (response: Response) => response.headers.get('allow')?.split(', ').toSorted();

/** What a page of that origin is let read. */
const readableBy = (response: Response) => response.headers.get('access-control-allow-origin');

let its: TestService;
beforeAll(async () => {
  const file = { ...readConfig({}).file, uploadOrigins: [origin] };
  its = await createPixelFreeService({ config: { adminToken: 'the admin token of the tests', file } });
});
afterAll(() => its.service.close());

const ask = (path: string, method: string, from = origin) => its.ask(path, { method, headers: { Origin: from } });

describe.each(written.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', (_, route) => {
  const path = exampleOf(route.path);
  const allowed = allowedAt(path);

  it('tells any other method which it takes', async () => {
    for (const method of methods.filter((one) => !allowed.includes(one))) {
      const response = await ask(path, method);
      expect([method, response.status, listed(response)]).toEqual([method, 405, allowed]);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
    }
  });

  it('is there', async () => {
    const response = await ask(path, route.method);
    // Of what is asked about a key that there is not, the key is missing and not the route.
    const isKeyMissing = response.headers.get('x-cld-error')?.startsWith('Resource not found') === true;
    // And where a body is asked about, it is the body that is missing.
    const isBodyMissing = route.method === 'POST' && /JSON|expected \{/.test(await response.text());
    expect(isKeyMissing ? [404] : [200, 204, 401, 503, ...(isBodyMissing ? [400] : [])]).toContain(response.status);
    expect(listed(response)).toBeUndefined();
  });

  it('lets those pages read it that its row names, whatever is answered', async () => {
    for (const method of [route.method, 'PROPFIND']) {
      const [named, other] = [await ask(path, method), await ask(path, method, 'https://other.example')];
      if (route.cors === 'everybody') expect([readableBy(named), readableBy(other)]).toEqual(['*', '*']);
      else expect([readableBy(named), readableBy(other)]).toEqual([origin, null]);
      expect(named.headers.get('vary') ?? '').toBe(route.cors === 'everybody' ? '' : 'Origin');
    }
  });

  it('answers a preflight where pages of other origins may be let in, and only there', async () => {
    const response = await ask(path, 'OPTIONS');
    expect(response.status).toBe(route.cors === 'everybody' ? 405 : 204);
  });
});

it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
  '%s is counted under the name in its row',
  async (_, route) => {
    const before = its.telemetry.events.length;
    await ask(exampleOf(route.path), route.method);
    const labels = its.telemetry.events.slice(before).flatMap((event) => (event.type === 'request' ? event.route : []));
    expect(labels).toEqual([route.label]);
  },
);

it('one name and one rule for pages holds for everything below a path', () => {
  const areas = own.map(({ path, label, cors }) => [path.split('/')[2], `${label} ${cors}`] as const);
  for (const [name, area] of areas) expect([name, new Map(areas).get(name)]).toEqual([name, area]);
});

it.each(['/-/', '/-/nothing', '/-/health/more', '/-/uploads/a/b/c/d', '/-/uploads/'])(
  '%s is not there, whatever the method',
  async (path) => {
    for (const method of methods.filter((one) => one !== 'OPTIONS')) {
      const response = await ask(path, method);
      expect([method, response.status, listed(response)]).toEqual([method, 404, undefined]);
    }
  },
);

it('a picture tells another method which it takes, and answers the preflight of any page', async () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
    const response = await ask('/a.jpg', method);
    expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'GET, HEAD, OPTIONS']);
  }
  const preflight = await ask('/a.jpg', 'OPTIONS');
  expect([preflight.status, readableBy(preflight)]).toEqual([204, '*']);
});

describe('whatever a route answers', () => {
  const token = 'an admin token of the tests';

  it.each([
    ['nobody in particular', {}],
    ['the administrator', { Authorization: `Bearer ${token}` }],
  ])('to %s says how long it may be kept and how long it is, in the log too', async (_who, headers) => {
    const { ask, telemetry } = await createPixelFreeService({ environment: { FOVEA_ADMIN_TOKEN: token } });
    for (const { method, path } of routes) {
      const answer = await ask(exampleOf(path), { method, headers, ...(method === 'POST' && { body: '{}' }) });
      const bytes = (await answer.arrayBuffer()).byteLength;
      const told = Number(answer.headers.get('content-length') ?? 0);
      const logged = telemetry.events.findLast((event) => event.type === 'request')?.bytes;
      expect([method, path, told, logged]).toEqual([method, path, bytes, bytes]);
      expect([method, path, answer.headers.get('cache-control')]).toEqual([method, path, expect.any(String)]);
    }
  });

  it('is told to every host where load balancers ask, and of our own routes nowhere else', async () => {
    const config = { ...readConfig({}), host: '127.0.0.1' };
    const { ask } = await createPixelFreeService({ config });
    const probed = ['/-/health', '/-/ready'];
    for (const { method, path } of serviceRoutes) {
      const { status } = await ask(path, { method, headers: { host: 'evil.example' } });
      expect([path, status]).toEqual([path, probed.includes(path) ? 200 : 421]);
    }
  });

  it('openly is what fovea doctor says of it', async () => {
    const areas = serviceRoutes.filter(({ guard }) => guard === 'open').map(({ path }) => path.split('/:')[0]);
    const { fovea } = createCommandLine();
    const { stdout } = await fovea(['doctor']);
    expect(stdout).toContain(`${[...new Set(areas)].join(' and ')} answer everybody, and tell nothing else`);
  });
});
