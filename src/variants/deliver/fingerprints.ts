import type { VariantIdentity } from '../identify/identity.ts';

/** With the layers: one that kills renders must not make poison of every picture it lies on. */
export function fingerprintsOf({ source, version, shown }: VariantIdentity) {
  return { fingerprint: `${source}\0${shown}`, original: `${source}\0${version}` };
}
