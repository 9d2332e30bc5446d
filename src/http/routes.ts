import { type AdminOptions, adminRoutes } from './admin.ts';
import type { AppContext } from './context.ts';
import type { Route } from './route.ts';
import { type UploadRoutesOptions, uploadRoutes } from './uploads.ts';

export interface OurRoutesOptions {
  readonly admin: AdminOptions;
  /** Undefined: originals do not come in over HTTP. */
  readonly uploads: UploadRoutesOptions | undefined;
  readonly answerReady: (c: AppContext) => Promise<Response>;
}

/** Every route below `/-/`, with its guard: SECURITY.md has the same table, and a test holds it to this one. */
export function ourRoutes({ admin, uploads, answerReady }: OurRoutesOptions): readonly Route[] {
  return [
    {
      methods: ['GET'],
      path: '/-/health',
      guard: 'open',
      answer: (c) => c.text('ok\n', 200, { 'Cache-Control': 'no-store' }),
    },
    { methods: ['GET'], path: '/-/ready', guard: 'open', answer: answerReady },
    ...adminRoutes(admin),
    ...(uploads === undefined ? [] : uploadRoutes(uploads)),
  ];
}
