import { createPublicKey } from 'node:crypto';
import { z } from 'zod';

/** Which kind of key each algorithm of RFC 7518 and RFC 8037 needs, and how long it has to be. */
const kinds = {
  RS256: { type: 'rsa', is: 'an RSA key of 2048 bits at least' },
  ES256: { type: 'ec', is: 'a key on the curve P-256' },
  EdDSA: { type: 'ed25519', is: 'an Ed25519 key' },
} as const;

type Algorithm = keyof typeof kinds;

/** What is wrong with it; undefined when nothing is. */
function complaintAbout(algorithm: Algorithm, text: string): string | undefined {
  // OpenSSL would take the public half of one, and the other would go on lying here.
  if (text.includes('PRIVATE KEY'))
    return 'expected a public key: this one is private, and is to stay with whoever signs';
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey(text);
    const { modulusLength = 2048, namedCurve = 'prime256v1' } = asymmetricKeyDetails ?? {};
    const fits = asymmetricKeyType === kinds[algorithm].type && modulusLength >= 2048 && namedCurve === 'prime256v1';
    return fits ? undefined : `expected ${kinds[algorithm].is} for ${algorithm}`;
  } catch {
    return 'expected a public key in PEM, as openssl pkey -pubout prints it';
  }
}

/** Somebody who signs tickets: `id` is what their tokens say as `kid`. */
export const ticketKey = z
  .strictObject({
    id: z.string().min(1).max(255).optional(),
    algorithm: z.enum(['RS256', 'ES256', 'EdDSA']),
    publicKey: z.string(),
  })
  .superRefine(({ algorithm, publicKey }, context) => {
    const message = complaintAbout(algorithm, publicKey);
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['publicKey'], message });
  });
