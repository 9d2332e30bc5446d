import { type SignatureScheme, sign } from '../signing.ts';
import type { Signer } from './url.ts';

export interface SignerOptions {
  /** The first of the server's `FOVEA_SIGNING_SECRETS`. It must not leave the server. */
  readonly secret: string;
  /** `sha256-long` (32 characters) unless said otherwise. */
  readonly scheme?: SignatureScheme;
  /** The URL is refused after this moment. */
  readonly expires?: Date;
}

/** Signs URLs, on a server: `url(key, { width: 400, sign: createSigner({ secret }) })`. */
export function createSigner({ secret, scheme = 'sha256-long', expires }: SignerOptions): Signer {
  if (secret === '') throw new TypeError('A signing secret must not be empty.');
  if (expires === undefined) return (text) => `s--${sign(text, secret, scheme)}--`;
  const end = `x-${Math.floor(expires.getTime() / 1000)}`;
  return (text) => `s--${sign(`${end}/${text}`, secret, scheme)}--/${end}`;
}
