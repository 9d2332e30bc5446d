import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { Failure } from '../../failure.ts';

const placeToken = z.object({
  /** Which file of which batch; `part` when it comes in parts. */
  batch: z.string(),
  index: z.number().int().min(0),
  part: z.number().int().min(1).optional(),
  /** Milliseconds since 1970. */
  expires: z.number(),
});
/** What a ticket may take in all when nobody said otherwise: a long afternoon of somebody's photographs. */
export const defaultAllowance = { batches: 100, files: 100, bytes: 1024 * 1024 * 1024 } as const;

/** A ticket as it is signed; also kept with the batches that it was used for. */
export const ticketToken = z.object({
  /** Its name, a UUID: the owner of its batches. */
  ticket: z.string(),
  /** Milliseconds since 1970. */
  expires: z.number(),
  batches: z.number().default(defaultAllowance.batches),
  files: z.number().default(defaultAllowance.files),
  bytes: z.number().default(defaultAllowance.bytes),
});

/** What a signed address of ours lets its holder do: put one file, or one part of one, until it expires. */
export type PlaceToken = Readonly<z.infer<typeof placeToken>>;
/** What a ticket lets its holder do: upload as any client does, until it expires or its total is taken. */
export type TicketToken = Readonly<z.infer<typeof ticketToken>>;

/** Small capabilities that need no memory: whoever holds the secret, on any instance, can check them. */
export interface Tokens {
  place(token: PlaceToken): string;
  ticket(token: TicketToken): string;
  /** Failure `unauthorised`: not one of ours, or expired. */
  readPlace(text: string): PlaceToken;
  readTicket(text: string): TicketToken;
}

/** One text for every forgery of a kind. A ticket is read where the admin token would do as well. */
const refusals = {
  place: 'This upload address is not valid: ask for a new one.',
  ticket: 'This is neither the admin token nor a ticket that is valid here: expected one of them.',
} as const;

/** A clock of another machine may be so far off: milliseconds. */
const leewayMs = 5_000;

/** As we write it, to the letter: decoders pass over what hangs on behind, and over the last bits of the last letter. */
const form = /^([\w-]{1,900})\.([\w-]{43})$/;

function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}

export function createTokens(secret: string, now: () => number): Tokens {
  const signatureOf = (kind: string, text: string) =>
    createHmac('sha256', secret).update(`${kind}\0${text}`).digest('base64url');

  function write(kind: keyof typeof refusals, content: unknown): string {
    const text = Buffer.from(JSON.stringify(content)).toString('base64url');
    return `${text}.${signatureOf(kind, text)}`;
  }

  function read<Token extends { readonly expires: number }>(
    kind: keyof typeof refusals,
    token: string,
    schema: z.ZodType<Token>,
  ) {
    const [, text, signature] = form.exec(token) ?? [];
    if (text === undefined || signature === undefined || !isSame(signature, signatureOf(kind, text))) {
      throw new Failure('unauthorised', refusals[kind]);
    }
    // Signed by us, so it is what we wrote.
    const content = schema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    if (now() > content.expires + leewayMs) {
      throw new Failure(
        'unauthorised',
        `This upload ${kind === 'place' ? 'address' : 'ticket'} expired at ${new Date(content.expires).toISOString()}.`,
      );
    }
    return content;
  }

  return {
    place: (token) => write('place', token),
    ticket: (token) => write('ticket', token),
    readPlace: (text) => read('place', text, placeToken),
    readTicket: (text) => read('ticket', text, ticketToken),
  };
}
