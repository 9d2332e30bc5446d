import { v7 } from 'uuid';
import { Failure } from '../../failure.ts';
import { stagingPrefix } from '../../grammar/index.ts';
import type { ObjectStore } from '../../storage/index.ts';
import type { Taken, TicketToken } from '../batch/ticket.ts';

/** A book this long belongs to somebody who sends crumbs; it is not read on. */
const maxEntries = 10_000;

/**
 * Counts against the ticket's total, before anything is taken, for all instances: the store of originals is the book. What
 * was booked stays so when the upload fails: an attempt costs as much as a success. Failure `too_large` past the total;
 * then nothing is booked. Without a ticket nothing is counted.
 *
 * An entry is an object whose name says what it took, so that one listing sums up the book. It is written before the
 * listing, so two who book at the same time may both be refused, but never both pass. The sweep clears it away.
 */
export async function takeAllowance(
  store: Pick<ObjectStore, 'put' | 'list' | 'delete'>,
  { batches = 0, files = 0, bytes = 0 }: Taken,
  { ticket, signal }: { readonly ticket: TicketToken | undefined; readonly signal: AbortSignal },
): Promise<void> {
  if (ticket === undefined) return;
  const book = `${stagingPrefix}${ticket.ticket}/taken/`;
  const entry = `${book}${v7()}.${batches}.${files}.${bytes}`;
  await store.put(entry, Buffer.from('\n'), { signal });
  const refusal = excess(ticket, await sumUp(store, book, signal));
  if (refusal === undefined) return;
  await store.delete([entry]).catch(() => undefined);
  throw refusal;
}

interface BookTotal {
  entries: number;
  batches: number;
  files: number;
  bytes: number;
}

async function sumUp(store: Pick<ObjectStore, 'list'>, book: string, signal: AbortSignal): Promise<BookTotal> {
  const total = { entries: 0, batches: 0, files: 0, bytes: 0 };
  for await (const { key } of store.list(book, { signal })) {
    const [batches = 0, files = 0, bytes = 0] = key.slice(book.length).split('.').slice(1).map(Number);
    total.entries += 1;
    total.batches += batches;
    total.files += files;
    total.bytes += bytes;
    if (total.entries > maxEntries) break;
  }
  return total;
}

function excess(ticket: TicketToken, total: BookTotal): Failure | undefined {
  for (const unit of ['batches', 'files', 'bytes'] as const) {
    if (total[unit] > ticket[unit]) return spent(`at most ${ticket[unit]} ${unit}`);
  }
  return total.entries > maxEntries ? spent(`at most ${maxEntries} pieces`) : undefined;
}

function spent(limit: string): Failure {
  return new Failure('too_large', `This ticket has taken what it may: ${limit} in all; ask for a new one.`);
}
