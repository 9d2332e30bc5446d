import { Failure } from '../../failure.ts';
import type { Manifest } from './records.ts';

/** On whose behalf something is done with a batch. */
export interface Caller {
  /** A ticket's name; undefined for an admin, and for what this server does itself: no batch is closed to them. */
  readonly owner: string | undefined;
  readonly signal: AbortSignal;
}

/** Whoever uploads without a ticket. */
export const adminName = 'admin';

/** Who sends to a presigned address: the ticket it was signed for; an admin signs for others, and each batch is somebody else's. */
export function holderOf({ batch, owner = adminName }: Pick<Manifest, 'batch' | 'owner'>): string {
  return owner === adminName ? batch : owner;
}

/** Failure `not_found` for a batch of somebody else: what one ticket does is nothing that another may hear of. */
export function checkOwner(record: { readonly owner?: string | undefined }, caller: Caller): void {
  if (caller.owner !== undefined && caller.owner !== record.owner) throw noBatch();
}

/** One text for a batch that is not there and one that is somebody else's. */
export function noBatch(): Failure {
  return new Failure('not_found', 'There is no such batch: it expired, was aborted, or was never signed.');
}
