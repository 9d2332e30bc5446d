import type { Hono } from 'hono';
import type { Telemetry } from '../telemetry.ts';
import type { PlaceToken, Uploads } from '../uploads/index.ts';
import { type Act, audited } from './audit.ts';
import type { AppContext, Environment } from './context.ts';
import { methodNotAllowed } from './failures.ts';
import { requireAddress, requireAdmin, requireUploader, type Uploader } from './guards.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS' | 'PURGE';
type Answering = Response | Promise<Response>;

/** Where a route is. GET answers HEAD too. */
interface Place {
  readonly methods: readonly Method[];
  /** A pattern of hono's, below `/-/`; `*` for a method that is taken anywhere. */
  readonly path: string;
}

/** A route whose caller is known. */
interface Accountable extends Place {
  /** What it changes; undefined when it only looks. Whoever does so is in the log, and answers call `noteChanged`. */
  readonly act: Act | undefined;
}

/** Anybody may ask; nothing is told that is not everybody's. */
interface OpenRoute extends Place {
  readonly guard: 'open';
  readonly answer: (c: AppContext) => Answering;
}

/** Only with the admin token. */
interface AdminRoute extends Accountable {
  readonly guard: 'admin';
  readonly answer: (c: AppContext) => Answering;
}

/** With the admin token or a ticket, which reaches what is its own. */
interface UploaderRoute extends Accountable {
  readonly guard: 'uploader';
  readonly answer: (c: AppContext, uploader: Uploader) => Answering;
}

/** The signed address in the path (`:token`) is the permission: for one file of one batch, until it expires. */
interface AddressRoute extends Place {
  readonly guard: 'address';
  readonly answer: (c: AppContext, place: PlaceToken) => Answering;
}

/** One of our own routes with who may take it: none can be written down without its guard. */
export type Route = OpenRoute | AdminRoute | UploaderRoute | AddressRoute;

/** What guards know credentials by, and where they tell what was done. */
export interface Locks {
  readonly telemetry: Telemetry;
  /** The address that a request comes from. */
  readonly clientOf: (c: AppContext) => string;
  /** Undefined: there is no admin API. */
  readonly adminToken: string | undefined;
  /** Undefined: originals do not come in over HTTP. */
  readonly uploads: Pick<Uploads, 'readTicket' | 'readPlace'> | undefined;
}

/** Asks the guard before anything of the request is read. */
function guarded(route: Route, { adminToken, uploads, telemetry, clientOf }: Locks): (c: AppContext) => Answering {
  if (route.guard === 'open') return route.answer;
  const noted = (c: AppContext, who: string, act: Act | undefined, answer: () => Answering) =>
    act === undefined ? answer() : audited(c, { act, who, from: clientOf(c) }, { answer, telemetry });
  if (route.guard === 'admin') {
    return (c) => {
      requireAdmin(c, adminToken);
      return noted(c, 'admin', route.act, () => route.answer(c));
    };
  }
  if (uploads === undefined || adminToken === undefined) {
    throw new Error(`${route.path} is guarded by what uploads know, and there are none`);
  }
  if (route.guard === 'address') return (c) => route.answer(c, requireAddress(c, uploads));
  return (c) => {
    const uploader = requireUploader(c, adminToken, uploads);
    return noted(c, uploader.name, route.act, () => route.answer(c, uploader));
  };
}

/** Puts the routes behind their guards; another method on one of their paths is told which there are. */
export function addRoutes(app: Hono<Environment>, routes: readonly Route[], locks: Locks): void {
  for (const route of routes) app.on([...route.methods], route.path, guarded(route, locks));
  const paths = new Set(routes.map(({ path }) => path).filter((path) => !path.endsWith('*')));
  // What is written out goes before what a parameter would take, too.
  for (const path of [...paths].sort((a, b) => a.split(':').length - b.split(':').length)) {
    const allowed = routes.filter((route) => route.path === path).flatMap(({ methods }) => methods);
    const allow = [...new Set(allowed.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))].join(', ');
    app.all(path, () => methodNotAllowed(allow));
  }
}
