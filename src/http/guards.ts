import { Failure } from '../failure.ts';
import { sameSecret } from '../signing.ts';
import type { Caller, PlaceToken, TicketToken, Uploads } from '../uploads/index.ts';
import { type AppContext, clientSignal } from './context.ts';

/** Who uploads: an admin, or the holder of a ticket that an admin gave out. */
export interface Uploader {
  readonly isAdmin: boolean;
  /** By this an upload is known as theirs. */
  readonly name: string;
  /** Undefined for an admin, whom no total binds. */
  readonly ticket: TicketToken | undefined;
}

/** The bearer token of a request (RFC 6750 §2.1). */
function bearer(c: AppContext): string | undefined {
  return /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
}

/** Whether the request carries the admin token. */
export function isAdmin(c: AppContext, adminToken: string | undefined): boolean {
  const given = bearer(c);
  return adminToken !== undefined && given !== undefined && sameSecret(given, adminToken);
}

/** Throws `unauthorised` unless the request carries the admin token. */
export function requireAdmin(c: AppContext, adminToken: string | undefined): void {
  if (isAdmin(c, adminToken)) return;
  throw new Failure('unauthorised', 'This needs the admin token as a bearer token.');
}

/**
 * The uploader a request is of. A ticket may come as a bearer token; in the path, for clients that send no headers of
 * ours (Uppy 6); or in the query, for a plain form. Failure `unauthorised`.
 */
export async function requireUploader(
  c: AppContext,
  adminToken: string | undefined,
  uploads: Pick<Uploads, 'readTicket'> | undefined,
): Promise<Uploader> {
  if (isAdmin(c, adminToken)) return { isAdmin: true, name: 'admin', ticket: undefined };
  const text = bearer(c) ?? c.req.param('ticket') ?? c.req.query('ticket');
  if (text === undefined || uploads === undefined) {
    throw new Failure('unauthorised', 'Uploading needs the admin token or an upload ticket as a bearer token.');
  }
  const ticket = await uploads.readTicket(text);
  return { isAdmin: false, name: ticket.ticket, ticket };
}

/** What the signed address in the path lets its holder do. Failure `unauthorised`. */
export async function requireAddress(
  c: AppContext,
  uploads: Pick<Uploads, 'readPlace'> | undefined,
): Promise<PlaceToken> {
  if (uploads === undefined) throw new Failure('unauthorised', 'Nothing is taken at signed addresses here.');
  return uploads.readPlace(c.req.param('token') ?? '');
}

/** Whose an upload is that this request begins. */
export function ownershipOf({ name, ticket }: Uploader): {
  readonly owner: string;
  readonly ticket: TicketToken | undefined;
} {
  return { owner: name, ticket };
}

/** On whose behalf the room of uploads works: an admin may go on with everybody's batches. */
export function callerOf(c: AppContext, { isAdmin, name }: Uploader): Caller {
  return { owner: isAdmin ? undefined : name, signal: clientSignal(c) };
}
