import type { AppContext } from '../context.ts';
import type { UploadRoutesOptions } from './options.ts';

/** Where this server is reached, for addresses in answers. */
export function originOf(c: AppContext, { publicUrl }: UploadRoutesOptions): string {
  return publicUrl ?? new URL(c.req.url).origin;
}
