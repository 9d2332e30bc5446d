import type { Facts } from '../containers/facts.ts';

/** One render, as far as it can be held against anything: the original's version, and what is made of it. */
export interface Attempt {
  readonly fingerprint: string;
  /** The original's own version, where its layers have a part in the fingerprint. */
  readonly original?: string;
  /** In the canonical form, or another name that no transform has. */
  readonly picture: string;
  /** Names what is decoded of an original that is known as a whole; throws what can be refused by that alone. */
  readonly foresee?: (whole: Facts) => string;
}
