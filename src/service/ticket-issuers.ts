import { createPublicKey, createSecretKey } from 'node:crypto';
import type { Config } from '../config/index.ts';
import type { TicketIssuers } from '../uploads/index.ts';

/** Whose tickets count, beside those that the admin API gives out. */
export function issuersOf({ ticketSecrets, file }: Pick<Config, 'ticketSecrets' | 'file'>): TicketIssuers {
  const secrets = ticketSecrets.map((secret) => ({
    algorithm: 'HS256' as const,
    key: createSecretKey(Buffer.from(secret)),
  }));
  const keys = file.ticketKeys.map(({ id, algorithm, publicKey }) => ({
    id,
    algorithm,
    key: createPublicKey(publicKey),
  }));
  return { audience: file.ticketAudience, keys: [...secrets, ...keys] };
}
