import { Failure } from '../../failure.ts';
import { sameSecret } from '../../signing.ts';
import type { AppContext } from '../context.ts';
import type { UploadRoutesOptions } from './options.ts';

/** Who uploads: an admin, or the holder of a ticket that an admin gave out. */
export interface Uploader {
  readonly isAdmin: boolean;
  /** By this an upload is known as theirs. */
  readonly name: string;
}

function bearer(c: AppContext): string | undefined {
  return /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
}

/**
 * The uploader a request is of. A ticket may come as a bearer token; in the path, for clients that send no headers of
 * ours (Uppy 6); or in the query, for a plain form. Failure `unauthorised`.
 */
export function requireUploader(c: AppContext, { adminToken, uploads }: UploadRoutesOptions): Uploader {
  const given = bearer(c);
  if (given !== undefined && sameSecret(given, adminToken)) return { isAdmin: true, name: 'admin' };
  const ticket = given ?? c.req.param('ticket') ?? c.req.query('ticket');
  if (ticket === undefined) {
    throw new Failure('unauthorised', 'Uploading needs the admin token or an upload ticket as a bearer token.');
  }
  return { isAdmin: false, name: uploads.readTicket(ticket).ticket };
}

/** Where this server is reached, for addresses in answers. */
export function originOf(c: AppContext, { publicUrl }: UploadRoutesOptions): string {
  return publicUrl ?? new URL(c.req.url).origin;
}
