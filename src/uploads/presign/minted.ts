import { createHash, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { stringify } from 'uuid';
import { z } from 'zod';
import { Failure } from '../../failure.ts';
import { defaultAllowance, type TicketToken } from '../batch/ticket.ts';
import { leewayMs, ticketRefusal } from './tokens.ts';

/** What somebody's tickets are verified with: a secret that we share with them, or their public key. */
export interface TicketKey {
  /** As `kid` in the head of a token names it. */
  readonly id?: string | undefined;
  /** The only one that the key is good for (RFC 8725 §3.1): what a token says of itself chooses nothing. */
  readonly algorithm: 'HS256' | 'RS256' | 'ES256' | 'EdDSA';
  readonly key: KeyObject;
}

/** Whose tickets count here beside our own. */
export interface TicketIssuers {
  /** Who a token has to be for (`aud`): other tokens of the same issuer, for other programs, are no tickets. */
  readonly audience: string;
  readonly keys: readonly TicketKey[];
}

/** As long as our own live at most: what a ticket has taken is known for a day. */
const maxLifeMs = 12 * 3_600_000;

/** No token of a few claims is longer; what is, is not parsed. */
const maxLength = 4_096;

const amount = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const claimsSchema = z.object({
  exp: z.number(),
  jti: z.string().min(1).max(255).optional(),
  batches: amount.default(defaultAllowance.batches),
  files: amount.default(defaultAllowance.files),
  bytes: amount.default(defaultAllowance.bytes),
});

/** True for what may be a JWT (RFC 7519): three parts. Tokens of our own have two. */
export function isMinted(text: string): boolean {
  return text.length <= maxLength && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

/**
 * What a ticket permits that somebody else has signed: HS256 with a shared secret, or RS256, ES256 or EdDSA. It names its
 * audience and its end; a key that it brings along, or says where to find, is not looked at. Failure `unauthorised`.
 */
export async function readMinted({ audience, keys }: TicketIssuers, text: string, now: number): Promise<TicketToken> {
  const header = headerOf(text);
  const candidates = keys.filter(
    ({ id, algorithm }) =>
      algorithm === header?.alg && (header.kid === undefined || id === undefined || header.kid === id),
  );
  for (const { key, algorithm } of candidates) {
    try {
      const { payload } = await jwtVerify(text, key, {
        algorithms: [algorithm],
        audience,
        requiredClaims: ['exp', 'aud'],
        clockTolerance: leewayMs / 1000,
        currentDate: new Date(now),
      });
      return tokenOf(payload, text, now);
    } catch (error) {
      // Signed with another of them, perhaps; everything else is said by whoever signed it.
      if (error instanceof errors.JWSSignatureVerificationFailed) continue;
      throw refusalOf(error, audience);
    }
  }
  throw new Failure('unauthorised', ticketRefusal);
}

/** The head, if it is one of a ticket: an access token says of itself that it is something else (RFC 9068). */
function headerOf(text: string) {
  try {
    const header = decodeProtectedHeader(text);
    return header.typ === undefined || /^jwt$/i.test(header.typ) ? header : undefined;
  } catch {
    return undefined;
  }
}

function tokenOf(payload: JWTPayload, text: string, now: number): TicketToken {
  const read = claimsSchema.safeParse(payload);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new Failure('unauthorised', `This ticket is not valid: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { exp, jti, ...allowance } = read.data;
  const expires = exp * 1000;
  if (expires > now + maxLifeMs + leewayMs) {
    throw new Failure(
      'unauthorised',
      `This ticket lives too long: expected its exp within ${maxLifeMs / 3_600_000} h.`,
    );
  }
  return { ticket: nameOf(jti ?? signedPart(text)), expires, ...allowance };
}

/**
 * Head and claims, of which nothing can be written otherwise. A signature can: decoders pass over the last bits of its last letter,
 * and of each of ES256 whoever has it makes a second one. Each such text would have a total of its own.
 */
function signedPart(text: string): string {
  return text.slice(0, text.lastIndexOf('.'));
}

/**
 * What its batches and its total are known by: by its `jti`, so that several tokens can share a total, or else by what was
 * signed. A UUID of our own making (version 8, RFC 9562), as it is part of keys in the store.
 */
function nameOf(text: string): string {
  const bytes = createHash('sha256').update(`ticket\0${text}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return stringify(bytes);
}

/** Told only to whoever has a signature that is right. */
function refusalOf(error: unknown, audience: string): Failure {
  if (error instanceof errors.JWTExpired) {
    return new Failure('unauthorised', 'This upload ticket has expired: its exp is over.', { cause: error });
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    const expected = error.claim === 'aud' ? `: expected ${JSON.stringify(audience)}` : '';
    return new Failure('unauthorised', `This ticket is not valid here: its ${error.claim} does not fit${expected}.`, {
      cause: error,
    });
  }
  return new Failure('unauthorised', ticketRefusal, { cause: error });
}
