import type { Hono } from 'hono';
import { TrieRouter } from 'hono/router/trie-router';
import { Failure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Uploads } from '../uploads/index.ts';
import { type Act, audited } from './audit.ts';
import { requireForm } from './cloudinary/form.ts';
import type { ApiKeys } from './cloudinary/permission.ts';
import type { AppContext, AppEnvironment } from './context.ts';
import { requireAddress, requireAdmin, requireUploader } from './guards.ts';
import type { Answering, Method, Route } from './route.ts';

/** What guards know credentials by, and where they tell what was done. */
export interface Locks {
  readonly telemetry: Telemetry;
  /** The address that a request comes from. */
  readonly clientOf: (c: AppContext) => string;
  /** Undefined: there is no admin API. */
  readonly adminToken: string | undefined;
  /** Undefined: originals do not come in over HTTP. */
  readonly uploads: Pick<Uploads, 'readTicket' | 'readPlace'> | undefined;
  /** Undefined: there is none of Cloudinary's API. */
  readonly api: ApiKeys | undefined;
}

/** Puts routes behind their guards, which are asked before anything of a request is read. */
export function addRoutes<Parts>(
  app: Hono<AppEnvironment>,
  routes: readonly Route<Parts>[],
  { parts, locks }: { readonly parts: Parts; readonly locks: Locks },
): void {
  for (const route of routes) app.on(route.method, route.path, guarded(route, parts, locks));
}

function guarded<Parts>(route: Route<Parts>, parts: Parts, locks: Locks): (c: AppContext) => Answering {
  switch (route.guard) {
    case 'open':
    case 'url':
      return (c) => route.answer(c, parts);
    case 'admin':
      return (c) => {
        requireAdmin(c, locks.adminToken);
        return noted(c, { who: () => 'admin', act: route.act, locks }, () => route.answer(c, parts));
      };
    case 'address':
      return async (c) => route.answer(c, await requireAddress(c, locks.uploads), parts);
    case 'form':
      return async (c) => {
        const { api } = locks;
        if (api === undefined) throw new Failure('unauthorised', 'There is no such API here.');
        const form = await requireForm(c, api);
        return noted(c, { who: form.who, act: route.act, locks }, () => route.answer(c, form, parts));
      };
    case 'uploader':
      return async (c) => {
        const uploader = await requireUploader(c, locks.adminToken, locks.uploads);
        return noted(c, { who: () => uploader.name, act: route.act, locks }, () => route.answer(c, uploader, parts));
      };
  }
}

interface Doing {
  readonly who: () => string;
  readonly act: Act | undefined;
  readonly locks: Locks;
}

function noted(c: AppContext, { who, act, locks }: Doing, answer: () => Answering): Answering {
  if (act === undefined) return answer();
  return audited(c, { act, who, from: locks.clientOf(c) }, { answer, telemetry: locks.telemetry });
}

const methods: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PURGE'];

/** Tells which methods a path takes, by the same patterns; none for a path that there is not. */
export function createAllowed(routes: readonly Route<never>[]): (path: string) => readonly string[] {
  const router = new TrieRouter<Method>();
  for (const { method, path } of routes) router.add(method, path, method);
  return (path) => {
    const taken = methods.filter((method) => router.match(method, path)[0].length > 0);
    // A preflight is answered for whatever lies below a path, be it there or not.
    if (taken.every((method) => method === 'OPTIONS')) return [];
    return taken.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  };
}
