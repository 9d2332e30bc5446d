import { z } from 'zod';
import { version } from '../../version.ts';
import type { AppContext } from '../context.ts';
import type { Route } from '../route.ts';
import { problem } from './answers.ts';
import type { AnswerDescription, Content, Operation, Operations } from './operation.ts';
import { serviceOperations } from './service-operations.ts';
import { uploadOperations } from './upload-operations.ts';

export interface OpenApiParts {
  /** The document, as text. */
  readonly openApi: () => string;
}

/** `GET /-/openapi.json`: what there is under `/-/`, for programs that make clients of it. */
export function answerOpenApi(c: AppContext, { openApi }: OpenApiParts): Response {
  return c.body(openApi(), 200, { 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=300' });
}

const operations: Operations = { ...serviceOperations, ...uploadOperations };

/** OpenAPI 3.1 of these routes, by the schemas that check their requests; it is made when it is first asked for. */
export function createOpenApi(routes: readonly Route<never>[]): OpenApiParts['openApi'] {
  let text: string | undefined;
  return () => {
    text ??= JSON.stringify(documentOf(routes));
    return text;
  };
}

const bearer = { type: 'http', scheme: 'bearer' };

function documentOf(routes: readonly Route<never>[]) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = pathOf(route.path);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'fovea',
      version,
      description:
        'What lies below /-/ beside the pictures themselves. GET takes HEAD too. Keys have their slashes as they are.',
    },
    paths,
    components: {
      schemas: { Problem: schemaOf(problem, 'output') },
      responses: {
        Problem: {
          description: 'A failure (RFC 9457).',
          content: inJson('application/problem+json', problemReference),
        },
      },
      securitySchemes: {
        admin: { ...bearer, description: 'The admin token.' },
        ticket: {
          ...bearer,
          description: 'A ticket of POST /-/uploads/tickets; clients of tus and Uppy 6 have it in the path or query.',
        },
      },
    },
  };
}

const problemReference = { $ref: '#/components/schemas/Problem' };

/** A pattern of hono's as a template. What is taken of everything below a path stands beside what is taken of one name there. */
function pathOf(pattern: string): string {
  return pattern.replace(/:(\w+)(?:\{[^}]*\})?/g, '{$1}').replace(/\*$/, '{batch}');
}

function operationOf({ method, path, guard, label }: Route<never>) {
  const { summary, description, query, headers, bodies, answers }: Operation = operations[`${method} ${path}`] ?? {
    summary: label,
    answers: {},
  };
  const names = [...pathOf(path).matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const parameters = [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: text })),
    ...(query === undefined ? [] : queryParameters(query)),
    ...Object.entries(headers ?? {}).map(([name, means]) => ({ name, in: 'header', description: means, schema: text })),
  ];
  return {
    operationId: `${method.toLowerCase()}${pathOf(path)
      .replace(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase())
      .replace(/\W/g, '')}`,
    tags: [label],
    summary,
    ...(description !== undefined && { description }),
    security: securityOf[guard],
    ...(parameters.length > 0 && { parameters }),
    ...(bodies !== undefined && { requestBody: { content: contentOf(bodies, 'input') } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, responseOf(answer)])),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

const text = { type: 'string' };

/** Any of these; what needs none has its permission in the URL, or is everybody's. */
const securityOf: Readonly<Record<Route<never>['guard'], readonly Readonly<Record<string, readonly string[]>>[]>> = {
  open: [],
  url: [{}, { admin: [] }],
  address: [],
  admin: [{ admin: [] }],
  uploader: [{ admin: [] }, { ticket: [] }],
  form: [],
};

function queryParameters(query: NonNullable<Operation['query']>) {
  if (!(query instanceof z.ZodObject)) {
    return Object.entries(query).map(([name, means]) => ({ name, in: 'query', description: means, schema: text }));
  }
  return Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    schema: schemaOf(schema, 'input'),
  }));
}

function responseOf({ means, content, headers = {} }: AnswerDescription) {
  const described = Object.entries(headers).map(([name, description]) => [name, { description, schema: text }]);
  return {
    description: means,
    ...(described.length > 0 && { headers: Object.fromEntries(described) }),
    ...(content !== undefined && { content: contentOf([content], 'output') }),
  };
}

function contentOf(bodies: readonly Content[], io: 'input' | 'output') {
  const entries = bodies.map((body) => {
    if (typeof body !== 'string') return inJson('application/json', schemaOf(body, io));
    return body === 'application/problem+json' ? inJson(body, problemReference) : inJson(body, {});
  });
  return Object.assign({}, ...entries) as Readonly<Record<string, unknown>>;
}

function inJson(mediaType: string, schema: unknown) {
  return { [mediaType]: { schema } };
}

function schemaOf(schema: z.core.$ZodType, io: 'input' | 'output') {
  const { $schema: _, ...shape } = z.toJSONSchema(schema, { io });
  return shape;
}
