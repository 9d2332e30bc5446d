import type { Region } from '../../grammar/index.ts';

/** A face that was seen in a picture, and how sure that is, from 0 to 1. */
export interface Face extends Region {
  readonly score: number;
}

/** What is known of the faces in an original, as people see it; of an animation, in its first frame. */
export interface Faces {
  /** Those that are seen at one glance. */
  readonly faces: readonly Face[];
  /** Where a glance sees none, those that a second look at its parts finds; undefined: nobody has looked. */
  readonly small: readonly Face[] | undefined;
}

/** More than people tell apart in a picture; they are stored, and each is a place where blurring begins anew. */
export const mostFaces = 32;

/**
 * Raised by hand when what is seen in a picture, or what is cut by it, becomes another: the network, its thresholds, what
 * draws the eye. It is part of the identity of every variant that goes by any of this, so that what was served under an old
 * tag is never another picture.
 */
export const sightVersion = 1;
