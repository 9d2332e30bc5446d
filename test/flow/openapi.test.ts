import { createCipheriv } from 'node:crypto';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ConfigurationFile, readConfig } from '../../src/config/index.ts';
import { serviceRoutes, uploadRoutes } from '../../src/http/routes.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService, type TestService } from '../support/test-service.ts';

const adminToken = 'an admin token of the tests';
const sourceKey = '1eb5b0e971ad7f45324c1bb15c947cb207c43152fa5c6c7f35c4f36e0c18e0f1';
const headers = { Authorization: `Bearer ${adminToken}` };

const sealing = {
  dialects: ['imgproxy'],
  sources: { 'local:///': '' },
  dialectSecrets: { imgproxy: [{ sourceKey }] },
} satisfies Partial<ConfigurationFile>;

/** A source as a URL of imgproxy's keeps it to itself. */
function sealed(source: string): string {
  const iv = Buffer.alloc(16, 7);
  const cipher = createCipheriv('aes-256-cbc', Buffer.from(sourceKey, 'hex'), iv);
  return Buffer.concat([iv, cipher.update(source), cipher.final()]).toString('base64url');
}

type Content = Readonly<Record<string, { readonly schema: object }>>;

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

let its: TestService;
let document: Document;
beforeAll(async () => {
  const originals = createMemoryStore();
  await originals.put('cats/tom.png', Buffer.from('tom'), { contentType: 'image/png' });
  its = await createPixelFreeService({
    originals,
    environment: { FOVEA_ADMIN_TOKEN: adminToken },
    config: { file: { ...readConfig({}).file, ...sealing } },
  });
  document = await documentOf(its);
});

const documentOf = async ({ ask }: TestService) => (await (await ask('/-/openapi.json')).json()) as Document;

/** As the table of routes writes it, of what everything below a path stands for with any name there. */
const placeOf = (pattern: string) => pattern.replace(/:(\w+)(\{[^}]*\})?/g, '{$1}').replace('*', '{batch}');

const operations = () => Object.values(document.paths).flatMap((path) => Object.values(path));

describe('the OpenAPI document', () => {
  it('has every route below /-/, and no other', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routes = [...serviceRoutes, ...uploadRoutes].map(({ method, path }) => `${method} ${placeOf(path)}`);
    expect(described.toSorted()).toEqual(routes.toSorted());
  });

  it('says of each what it does, what it answers, and who may ask', () => {
    for (const route of [...serviceRoutes, ...uploadRoutes]) {
      const operation = document.paths[placeOf(route.path)]?.[route.method.toLowerCase()];
      // What src/http/openapi/ says nothing of is called by its label.
      expect([route.path, operation?.summary]).not.toEqual([route.path, route.label]);
      expect([route.path, Object.keys(operation?.responses ?? {}).length]).not.toEqual([route.path, 1]);
      const who = { open: 0, address: 0, url: 2, admin: 1, uploader: 2, form: 0 };
      expect([route.path, operation?.security.length]).toEqual([route.path, who[route.guard]]);
    }
  });

  it('names each operation once, and every name of a path', () => {
    const ids = operations().map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z0-9]+$/);
    for (const [path, methods] of Object.entries(document.paths)) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters = [] } of Object.values(methods)) {
        expect(parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(names);
      }
    }
  });

  it('has schemas that are schemas, by which answers and failures are what it says', async () => {
    const ajv = addFormats.default(new Ajv2020.default({ strict: false }));
    ajv.addSchema(document, 'document');
    const bodies = operations().flatMap(({ requestBody, responses }) =>
      [requestBody, ...Object.values(responses)].flatMap((one) => Object.values(one?.content ?? {})),
    );
    for (const { schema } of bodies) if (!('$ref' in schema)) ajv.compile(schema);
    const isProblem = ajv.compile(document.components.schemas['Problem'] ?? false);
    const files = [{ type: 'image/png', bytes: 3 }];
    const asked = [
      ['get', '/-/originals', '/-/originals?prefix=cats/', undefined],
      ['get', '/-/originals/{key}', '/-/originals/cats/tom.png', undefined],
      ['put', '/-/focus/{key}', '/-/focus/cats/tom.png', { x: 0.5, y: 0.25 }],
      ['get', '/-/explain', '/-/explain?url=/w_1/cats/tom.png', undefined],
      ['get', '/-/explain', '/-/explain?url=/w_one/cats/tom.png', undefined],
      ['get', '/-/explain', `/-/explain?url=/unsafe/w:1/enc/${sealed('local:///cats/tom.png')}`, undefined],
      ['post', '/-/purge', '/-/purge', { keys: ['cats/tom.png'], dryRun: true }],
      ['post', '/-/uploads', '/-/uploads', { files, method: 'PUT' }],
      ['post', '/-/uploads/tickets', '/-/uploads/tickets', { batches: 1 }],
      ['post', '/-/uploads/s3/sign', '/-/uploads/s3/sign', { method: 'PUT', key: 'a.png', contentType: 'image/png' }],
      ['post', '/-/uploads/s3/multipart', '/-/uploads/s3/multipart', { filename: 'a.png', type: 'image/png' }],
      ['delete', '/-/originals/{key}', '/-/originals/cats/tom.png', undefined],
    ] as const;
    for (const [method, place, path, body] of asked) {
      const operation = document.paths[place]?.[method];
      if (body !== undefined) {
        const taken = ajv.compile(operation?.requestBody?.content['application/json']?.schema ?? false);
        expect([path, taken(body), taken([]), taken.errors?.length]).toEqual([path, true, false, expect.any(Number)]);
      }
      const init = { method: method.toUpperCase(), headers, ...(body && { body: JSON.stringify(body) }) };
      const response = await its.ask(path, init);
      const schema = operation?.responses[response.status]?.content?.['application/json']?.schema;
      const answered = ajv.compile(schema ?? false);
      expect([path, answered(await response.json()), answered.errors]).toEqual([path, true, null]);
    }
    expect(isProblem(await (await its.ask('/-/originals/none.png', { headers })).json())).toBe(true);
    expect(isProblem(await (await its.ask('/-/nothing')).json())).toBe(true);
  });

  it('has the routes that a server has: without an admin API there are no uploads', async () => {
    const without = await documentOf(await createPixelFreeService({ takesUploads: false }));
    const paths = Object.keys(without.paths);
    expect(paths).toContain('/-/purge');
    expect(paths.filter((path) => path.startsWith('/-/uploads'))).toEqual([]);
  });
});
