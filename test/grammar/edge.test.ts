import { readFileSync } from 'node:fs';
import { createContext, Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { headersOf as headersOfWorker } from '../../infra/worker/src/reduce.ts';
import { defaultGrammarOptions, type NegotiationRequest, negotiate, parseTarget } from '../../src/grammar/index.ts';
import { type AcceptCase, acceptCases } from '../support/accept-cases.ts';

const source = readFileSync(new URL('../../infra/edge/viewer-request.js', import.meta.url), 'utf8');
const options = { ...defaultGrammarOptions, presets: { card: 'c_fill,w_300,h_200,q_auto' } };

interface EdgeHeader {
  readonly value: string;
  readonly multiValue?: readonly { readonly value: string }[];
}

interface EdgeRequest {
  readonly method: 'GET';
  readonly uri: string;
  readonly querystring: Readonly<Record<string, EdgeHeader>>;
  readonly headers: Readonly<Record<string, EdgeHeader>>;
}

/** Either the request that goes on, or the answer of the edge. */
interface EdgeAnswer extends Partial<EdgeRequest> {
  readonly statusCode?: number;
}

/** Runs CloudFront's function as CloudFront does: a script of its own, with nothing around it. */
function atEdge(request: Partial<EdgeRequest> & Pick<EdgeRequest, 'uri'>): EdgeAnswer {
  const event = { request: { method: 'GET', querystring: {}, headers: {}, ...request } };
  const script = new Script(`${source}\nJSON.stringify(handler(${JSON.stringify(event)}))`);
  return JSON.parse(String(script.runInContext(createContext({}))));
}

function headersOf({ accept, saveData }: AcceptCase): Record<string, EdgeHeader> {
  return {
    ...(accept === null ? {} : { accept: { value: accept } }),
    ...(saveData === null ? {} : { 'save-data': { value: saveData } }),
  };
}

function negotiated(path: string, request: NegotiationRequest) {
  return originalTransforms(path).map((transform) => negotiate(transform, request));
}

function originalTransforms(path: string) {
  const { transform } = parseTarget(path, options);
  return transform === undefined ? [] : [transform];
}

describe('the edge and the origin', () => {
  it('share at least 300 cases, of every token and of none twice', () => {
    expect(acceptCases.length).toBeGreaterThanOrEqual(300);
    const tokens = new Set(acceptCases.map(({ token }) => token));
    expect([...tokens].sort()).toEqual(['avif', 'avif-lite', 'none', 'none-lite', 'webp', 'webp-lite']);
    expect(new Set(acceptCases.map((one) => JSON.stringify(one))).size).toBe(acceptCases.length);
  });

  it.each(acceptCases.map((one) => [one.path, one] as const))('agree on %s %j', (path, one) => {
    const forwarded = atEdge({ uri: path, headers: headersOf(one) });
    expect(forwarded).toMatchObject({ uri: path, headers: { 'x-fovea-accept': { value: one.token } } });

    const { accept, saveData } = one;
    const plain = negotiated(path, {
      accept: accept ?? undefined,
      foveaAccept: undefined,
      saveData: saveData ?? undefined,
    });
    const reduced = negotiated(path, { accept: undefined, foveaAccept: one.token });
    expect(reduced.map(({ transform }) => transform)).toEqual(plain.map(({ transform }) => transform));
  });
});

describe('the Worker', () => {
  it.each(['avif', 'avif-lite', 'webp', 'webp-lite', 'none', 'none-lite'] as const)(
    'says %s to an origin that does not trust it, too',
    (token) => {
      const { accept, 'save-data': saveData, 'x-fovea-accept': foveaAccept } = headersOfWorker(token);
      expect(foveaAccept).toBe(token);
      for (const path of ['/w_300,f_auto,q_auto/cat.jpg', '/t_card,f_auto/cat.jpg', '/w_300,q_auto/cat.png']) {
        const [trusted, other] = [
          negotiated(path, { accept: undefined, foveaAccept }),
          negotiated(path, { accept, foveaAccept: undefined, saveData }),
        ];
        expect(other).toEqual(trusted);
      }
    },
  );
});

describe('the edge', () => {
  it('fits in a CloudFront function', () => {
    expect(Buffer.byteLength(source)).toBeLessThan(10_240);
  });

  it('drops the query, and what a visitor claims to have been reduced already', () => {
    const forwarded = atEdge({
      uri: '/w_1/k.jpg',
      querystring: { v: { value: '1' } },
      headers: { 'x-fovea-accept': { value: 'avif' }, accept: { value: '*/*' } },
    });
    expect(forwarded.querystring).toEqual({});
    expect(forwarded.headers?.['x-fovea-accept']).toEqual({ value: 'none' });
  });

  it('reads a header that was sent twice as one list', () => {
    const accept = { value: 'image/png', multiValue: [{ value: 'image/png' }, { value: 'image/avif' }] };
    expect(atEdge({ uri: '/k.jpg', headers: { accept } }).headers?.['x-fovea-accept']).toEqual({ value: 'avif' });
  });

  it.each([
    '/',
    '/a b',
    '/s--AbCd1234--/w_1/k.jpg',
    '/w_1/%E2%82%AC/-/k.jpg',
    '/w_1,h_1//k.jpg',
    '/-k.jpg',
    '/w_1/a%252F.jpg',
  ])('leaves the path %s alone', (uri) => {
    expect(atEdge({ uri })).toMatchObject({ uri, headers: { 'x-fovea-accept': { value: 'none' } } });
  });

  it.each([
    '/-/metrics',
    '/-/health',
    '/-/purge',
    '/-/playground',
    '/-/',
    '/-',
    '/%2D/metrics',
    '/%2d%2Fmetrics',
    '//-/metrics',
    '/-%5Cmetrics',
    '/-\\metrics',
    '/-/uploadsx',
    '/-/images/x',
    '/%2D/uploads',
  ])('closes %s', (uri) => {
    expect(atEdge({ uri }).statusCode).toBe(404);
  });

  it.each([
    '/-/uploads/../metrics',
    '/./-/metrics',
    '/a/%2e%2e/-/metrics',
    '/..',
    '/%zz',
    '/%ff',
    '/a%5C..%5C-/metrics',
  ])('refuses %s, as the origin does', (uri) => {
    expect(atEdge({ uri }).statusCode).toBe(400);
  });

  it.each(['/-/uploads', '/-/uploads/batch/commit', '/-/uploads/s3/params', '/-/images'])(
    'lets %s through whole',
    (uri) => {
      const request: EdgeRequest = {
        method: 'GET',
        uri,
        querystring: { key: { value: 'a.jpg' } },
        headers: { authorization: { value: 'Bearer x' } },
      };
      expect(atEdge(request)).toEqual(request);
    },
  );
});
