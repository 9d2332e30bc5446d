import { z } from 'zod';

/** What something takes of a ticket's total. */
export interface Taken {
  readonly batches?: number;
  readonly files?: number;
  readonly bytes?: number;
}

/** What a ticket may take in all when nobody said otherwise: a long afternoon of somebody's photographs. */
export const defaultAllowance = { batches: 100, files: 100, bytes: 1024 * 1024 * 1024 } as const;

/** A ticket as it is signed; also kept with the batches that it was used for. */
export const ticketTokenSchema = z.object({
  /** Its name, a UUID: the owner of its batches. */
  ticket: z.string(),
  /** Milliseconds since 1970. */
  expires: z.number(),
  batches: z.number().default(defaultAllowance.batches),
  files: z.number().default(defaultAllowance.files),
  bytes: z.number().default(defaultAllowance.bytes),
});

/** What a ticket lets its holder do: upload as any client does, until it expires or its total is taken. */
export type TicketToken = Readonly<z.infer<typeof ticketTokenSchema>>;
