import { type SignatureScheme, sign } from '../signing.ts';
import type { Signer } from './url.ts';

/** What the configuration of the server asks of `FOVEA_SIGNING_SECRETS`; a test holds the two together. */
const minSecretBytes = 32;

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
  const bytes = new TextEncoder().encode(secret).length;
  if (bytes < minSecretBytes) {
    throw new TypeError(
      `A signing secret has at least ${minSecretBytes} bytes, as on the server; this one has ${bytes}. fovea sign --new-secret prints one.`,
    );
  }
  if (expires === undefined) return (text) => `s--${sign(text, secret, scheme)}--`;
  const end = `x-${Math.floor(expires.getTime() / 1000)}`;
  return (text) => `s--${sign(`${end}/${text}`, secret, scheme)}--/${end}`;
}
