import { randomBytes, scrypt } from 'node:crypto';

/**
 * Whoever holds a ticket can try tokens against its signature at home, where nobody counts: each try is to cost what one
 * derivation costs. 32 MB and a sixth of a second of a core, as OWASP asks of passwords (N = 2^15, r = 8, p = 3).
 */
const cost = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 };

/** The same everywhere, since all instances must come to the same secret, and share nothing but the token. */
const salt = 'fovea upload addresses';

/**
 * What signs upload addresses and tickets: every instance with the same admin token accepts those of the others, and without
 * a given one nobody else has to. Derived off the event loop, once, when it is first needed: most processes never need it.
 */
export function createUploadSecret(givenToken: string | undefined): () => Promise<string> {
  let derived: Promise<string> | undefined;
  return () => {
    derived ??= derive(givenToken);
    return derived;
  };
}

async function derive(givenToken: string | undefined): Promise<string> {
  if (givenToken === undefined) return randomBytes(32).toString('base64url');
  const key = await new Promise<Buffer>((resolve, reject) => {
    scrypt(givenToken, salt, 32, cost, (error, derived) => (error === null ? resolve(derived) : reject(error)));
  });
  return key.toString('base64url');
}
