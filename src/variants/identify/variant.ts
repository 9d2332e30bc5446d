/** What is known of a finished variant beside its bytes. */
export interface VariantFacts {
  readonly contentType: string;
  /** Strong entity tag of these bytes, quoted: the one they were made with. */
  readonly etag: string;
  /** Version of the original, and of the layers, they were made of: the identity's stamp. */
  readonly version: string;
  /** When the original, or a layer, was last modified. */
  readonly lastModified: Date;
}

/** A finished variant, as the tiers keep it. */
export interface Variant extends VariantFacts {
  readonly bytes: Uint8Array;
}

/** One that is in the store, and for which there was no room in memory: it is read in pieces, as it is sent. */
export interface UnreadVariant extends VariantFacts {
  readonly bytes: undefined;
  /** Bytes. */
  readonly size: number;
}

/** One out of the store. */
export type StoredVariant = Variant | UnreadVariant;

/** That a process makes a variant: an empty object in its place, which the variant then replaces. */
export interface FoundLease {
  readonly owner: string | undefined;
  /** By the store's clock. */
  readonly since: Date;
}

/** What lies where a variant has its place in the store. */
export type Found = StoredVariant | FoundLease | undefined;

export function isLease(found: Found): found is FoundLease {
  return found !== undefined && 'since' in found;
}
