import type { ResolvedTransform } from '../../grammar/index.ts';
import type { Epochs } from './epochs.ts';
import type { SourceVersion, VariantIdentity } from './identity.ts';
import type { Found } from './variant.ts';

/** One key a request may mean; without a transform it means the original's own bytes. */
export interface Candidate {
  readonly key: string;
  readonly transform: ResolvedTransform | undefined;
}

export interface OriginalIdentity {
  readonly source: string;
  /** It alone: as of a variant, which may show several. */
  readonly sources: readonly string[];
  readonly state: SourceVersion;
  readonly etag: string;
}

/** What a look-up found of a variant: what it is called, and what that stands on. `deliver` takes it as it is. */
export interface IdentifiedVariant {
  readonly kind: 'variant';
  readonly identity: VariantIdentity;
  /** In which it was looked up: a purge that began since may have changed it. */
  readonly epoch: number;
  /** The read of the store tier that went out together with the look-up, if there was one. It may be of any version. */
  readonly ahead: Promise<Found> | undefined;
}

/** What a look-up found of an original. `openOriginal` takes it as it is. */
export interface IdentifiedOriginal {
  readonly kind: 'original';
  readonly identity: OriginalIdentity;
  /** In which it was looked up: a purge that began since may have changed it. */
  readonly epoch: number;
}

export type Identified = IdentifiedVariant | IdentifiedOriginal;

/** True when a purge began since the look-up: what was found then may be the state before it. */
export function isOutdated(epochs: Epochs, identified: Identified): boolean {
  return epochs.isOver(identified.epoch, identified.identity.sources);
}
