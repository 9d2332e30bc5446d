import { createHmac, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Failure } from '../../failure.ts';
import { sameSecret } from '../../signing.ts';
import { defaultAllowance, type Taken, type TicketToken, ticketTokenSchema } from '../batch/ticket.ts';

const placeTokenSchema = z.object({
  /** Which file of which batch; `part` when it comes in parts. */
  batch: z.string(),
  index: z.number().int().min(0),
  part: z.number().int().min(1).optional(),
  /** Milliseconds since 1970. */
  expires: z.number(),
});

/** What a presigned address of ours lets its holder do: put one file, or one part of one, until it expires. */
export type PlaceToken = Readonly<z.infer<typeof placeTokenSchema>>;

/** What tokens are written and read with: small capabilities that need no memory, of whoever holds the secret. */
export interface TokenParts {
  /** Instances that share it accept each other's. Asked for when something is signed or checked, and not before. */
  readonly secret: () => Promise<string>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** One text for every forgery of a kind. A ticket is read where the admin token would do as well. */
export const ticketRefusal = 'This is neither the admin token nor a ticket that is valid here: expected one of them.';
const refusals = { place: 'This upload address is not valid: ask for a new one.', ticket: ticketRefusal } as const;
type TokenKind = keyof typeof refusals;

/** A clock of another machine may be so far off: milliseconds. */
export const leewayMs = 5_000;

/** As we write it, to the letter: decoders pass over what hangs on behind, and over the last bits of the last letter. */
const form = /^([\w-]{1,900})\.([\w-]{43})$/;

export async function writePlaceToken({ secret }: TokenParts, token: PlaceToken): Promise<string> {
  return writeToken(await secret(), 'place', token);
}

/** A ticket for so long, and for what is not said as much as is usual. */
export async function createTicket(
  { secret, now }: TokenParts,
  expiresSeconds: number,
  allowance: Taken = {},
): Promise<{ readonly ticket: string; readonly expires: Date }> {
  const expires = now() + expiresSeconds * 1000;
  const token: TicketToken = { ticket: randomUUID(), expires, ...defaultAllowance, ...allowance };
  return { ticket: writeToken(await secret(), 'ticket', token), expires: new Date(expires) };
}

/** What a presigned address of ours permits. Failure `unauthorised`: not one of ours, or expired. */
export async function readPlaceToken(parts: TokenParts, text: string): Promise<PlaceToken> {
  return readToken(parts, text, { kind: 'place', schema: placeTokenSchema });
}

/** Failure `unauthorised`: not one of ours, or expired. */
export async function readTicket(parts: TokenParts, text: string): Promise<TicketToken> {
  return readToken(parts, text, { kind: 'ticket', schema: ticketTokenSchema });
}

function writeToken(secret: string, kind: TokenKind, token: PlaceToken | TicketToken): string {
  const text = Buffer.from(JSON.stringify(token)).toString('base64url');
  return `${text}.${tokenSignature(secret, kind, text)}`;
}

async function readToken<Token extends { readonly expires: number }>(
  { secret, now }: TokenParts,
  token: string,
  { kind, schema }: { readonly kind: TokenKind; readonly schema: z.ZodType<Token> },
): Promise<Token> {
  const [, text, signature] = form.exec(token) ?? [];
  if (text === undefined || signature === undefined) throw new Failure('unauthorised', refusals[kind]);
  if (!sameSecret(signature, tokenSignature(await secret(), kind, text))) {
    throw new Failure('unauthorised', refusals[kind]);
  }
  // Signed by us, so it is what we wrote.
  const content = schema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  if (now() > content.expires + leewayMs) {
    const what = kind === 'place' ? 'address' : 'ticket';
    throw new Failure('unauthorised', `This upload ${what} expired at ${new Date(content.expires).toISOString()}.`);
  }
  return content;
}

function tokenSignature(secret: string, kind: TokenKind, text: string): string {
  return createHmac('sha256', secret).update(`${kind}\0${text}`).digest('base64url');
}
