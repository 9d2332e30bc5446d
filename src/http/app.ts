import { Hono } from 'hono';
import { Failure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';
import { addRoutes, createAllowed } from './add-routes.ts';
import type { AdminOptions } from './admin.ts';
import { createServes, type ImagesOptions } from './asked.ts';
import { createCallers } from './callers/callers.ts';
import { isMisdirected, type LoopbackHosts, misdirectedResponse } from './callers/hosts.ts';
import type { TrustedProxies } from './callers/trusted-proxies.ts';
import { createVisitors } from './callers/visitors.ts';
import { apiFailureResponse } from './cloudinary/failures.ts';
import type { CloudinaryParts } from './cloudinary/options.ts';
import { type AppContext, type AppEnvironment, arrivalOf, rawPath } from './context.ts';
import { createExplain } from './explain.ts';
import { failureResponse, methodNotAllowed } from './failures.ts';
import { createFront } from './front/front.ts';
import type { HealthParts } from './health.ts';
import { createImageAnswers } from './images.ts';
import { createLane, type Lane } from './lane.ts';
import { observe } from './observe.ts';
import { createOpenApi } from './openapi/document.ts';
import type { OriginalParts } from './original.ts';
import type { OriginalsParts } from './originals.ts';
import { reportError } from './report-error.ts';
import { areaOf, cloudinaryRoutes, imageRoutes, isApiPath, isOwnPath, serviceRoutes, uploadRoutes } from './routes.ts';
import type { UploadRoutesOptions } from './uploads/options.ts';

export interface AppOptions
  extends Pick<AdminOptions, 'metrics'>,
    HealthParts,
    Pick<OriginalsParts & OriginalParts, 'originals'> {
  readonly images: ImagesOptions;
  /** Proxies that are believed when they say who asks. */
  readonly proxies: TrustedProxies;
  /** Of a listener on a loopback address; undefined for one that others reach. */
  readonly loopback: LoopbackHosts | undefined;
  /** Undefined: there is no admin API. */
  readonly adminToken: string | undefined;
  /** Undefined: originals do not come in over HTTP. */
  readonly uploads: UploadRoutesOptions | undefined;
  /** Undefined: it is not opened. */
  readonly cloudinary: CloudinaryOptions | undefined;
  readonly telemetry: Telemetry;
}

/** Cloudinary's API, where a configuration opens it. */
export interface CloudinaryOptions extends Pick<CloudinaryParts, 'api' | 'uploads' | 'originals' | 'publicUrl'> {}

/** What `listen` serves: the routes, and before them the lane of what is asked again. */
export type App = Hono<AppEnvironment> & { readonly answerAtOnce: Lane['answer'] };

/**
 * The whole HTTP surface: `routes.ts` has its table.
 *
 * @example
 * const app = createApp(options);
 * const server = await listen(app, { port: 3000, host: '127.0.0.1' });
 * await server.close();
 */
export function createApp(options: AppOptions): App {
  const { telemetry, loopback, uploads, cloudinary } = options;
  // Routed by what came, undecoded: one path has one spelling, for routes, headers and the log alike.
  const app = new Hono<AppEnvironment>({ getPath: rawPath });
  const callers = createCallers({ ...options, policy: options.images.policy });
  const visitorOf = createVisitors(callers);
  const observed = { telemetry, uploadOrigins: uploads?.origins ?? [], visitorOf };
  app.use('*', (c, next) => observe(c, next, observed));
  app.onError((error, c) => failedResponse(c, error, telemetry));
  if (loopback !== undefined) refuseMisdirected(app, loopback);

  const { variants } = options.images;
  const lane = createLane({ images: options.images, callers, visitorOf, telemetry, route: areaOf('/').label });
  const explain = createExplain(options.images);
  const front = createFront({ variants, serves: createServes(options.images), links: ownPages });
  const answerImage = createImageAnswers(options.images, front);
  const own = [...serviceRoutes, ...(uploads === undefined ? [] : uploadRoutes)];
  const parts = { ...options, variants, callers, lane, explain, answerImage, openApi: createOpenApi(own) };
  const clientOf = (c: AppContext) => callers.clientOf(arrivalOf(c));
  const locks = { ...options, uploads: uploads?.uploads, api: cloudinary?.api, clientOf };
  addRoutes(app, serviceRoutes, { parts, locks });
  if (uploads !== undefined) addRoutes(app, uploadRoutes, { parts: { ...uploads, variants }, locks });
  if (cloudinary !== undefined) {
    addRoutes(app, cloudinaryRoutes, { parts: { ...options, ...cloudinary, variants, clientOf }, locks });
  }
  const allowed = createAllowed(own);
  app.all('/-/*', (c, next) => (isOwnPath(pathOf(c)) ? answerUnrouted(c, allowed, telemetry) : next()));
  addRoutes(app, imageRoutes, { parts, locks });
  // PURGE is the operator's own, and told to nobody.
  const allowedOnImages = createAllowed(imageRoutes.filter(({ guard }) => guard !== 'admin'));
  app.all('*', (c) => answerUnrouted(c, allowedOnImages, telemetry));
  return Object.assign(app, { answerAtOnce: lane.answer });
}

function failedResponse(c: AppContext, error: unknown, telemetry: Telemetry): Response {
  reportError(c, error, telemetry);
  if (isApiPath(pathOf(c))) return apiFailureResponse(error, c.get('requestId'));
  return failureResponse(error, c.get('requestId'));
}

/** What somebody at a browser may go on to, of what there is. */
const pageNames: Readonly<Record<string, string>> = {
  '/-/playground': 'Playground',
  '/-/demo': 'Demo',
  '/-/openapi.json': 'OpenAPI',
  '/-/health': 'Health',
  '/-/ready': 'Readiness',
};
const ownPages = serviceRoutes.flatMap(({ method, path }) => {
  const name = method === 'GET' ? pageNames[path] : undefined;
  return name === undefined ? [] : [{ path, name }];
});

/** Load balancers ask these by whatever name or address they know; they tell nothing. */
const probedPaths: ReadonlySet<string> = new Set(['/-/health', '/-/ready']);

/** What is ours, and what writes; pictures are answered whatever name they are asked by. */
function refuseMisdirected(app: Hono<AppEnvironment>, loopback: LoopbackHosts): void {
  for (const path of ['/-/*', ...cloudinaryRoutes.map((route) => route.path)]) {
    app.use(path, async (c, next) => (isMisdirectedTo(c, loopback) ? misdirectedResponse(c.get('requestId')) : next()));
  }
}

function isMisdirectedTo(c: AppContext, loopback: LoopbackHosts): boolean {
  const path = pathOf(c);
  const isOurs = isOwnPath(path) || isApiPath(path);
  return isOurs && !probedPaths.has(path) && isMisdirected(c.req.header('host'), loopback);
}

function pathOf(c: AppContext): string {
  return rawPath(c.req.raw, { env: c.env });
}

/** Another method is told which a path takes; a path that takes none is not there. */
function answerUnrouted(c: AppContext, allowed: (path: string) => readonly string[], telemetry: Telemetry): Response {
  const methods = allowed(pathOf(c));
  if (methods.length > 0) return methodNotAllowed(methods.join(', '));
  return failedResponse(
    c,
    new Failure('not_found', 'There is nothing of ours under this path: the page at / says what there is.'),
    telemetry,
  );
}
