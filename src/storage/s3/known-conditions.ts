import type { KeyLock } from '../key-lock.ts';

/** How a store wants an etag to be written that it compares: as RFC 9110 has it, bare, or not at all. */
export type EtagForm = 'quoted' | 'bare' | 'none';

/** What a store decides itself. */
export interface S3Conditions {
  /** `If-None-Match: *` of a PUT. */
  readonly createsOnly: boolean;
  /** `If-Match` of a PUT and of a DELETE. */
  readonly putIfMatch: EtagForm;
  readonly deleteIfMatch: EtagForm;
}

/** What is known of that, for all calls to a store. */
export interface KnownConditions {
  /** Undefined until it was tried. */
  known: S3Conditions | undefined;
  trying: Promise<S3Conditions> | undefined;
  /** Orders those who create a key where the store does not. */
  readonly creators: KeyLock;
}
