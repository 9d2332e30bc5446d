import type { Region } from '../../grammar/index.ts';

/** A face that was seen in a picture, and how sure that is, from 0 to 1. */
export interface Face extends Region {
  readonly score: number;
}

/** What is known of the faces in an original, as people see it; of an animation, in its first frame. */
export interface Faces {
  /** Those that are seen at one glance. */
  readonly faces: readonly Face[];
  /** Others that a second look finds, part by part; undefined: nobody has looked again. */
  readonly small: readonly Face[] | undefined;
}

/** When a second look is taken, which takes four times as long as a glance: never, where the first sees none, or in any case. */
export type SecondLook = 'never' | 'if-none' | 'always';

/** More than people tell apart in a picture; they are stored, and each is a place where blurring begins anew. */
export const mostFaces = 32;

/**
 * Raised by hand when what is seen in a picture, or what is cut by it, becomes another: the network, its thresholds, what
 * draws the eye. It is part of the identity of every variant that goes by any of this, so that what was served under an old
 * tag is never another picture.
 */
export const sightVersion = 1;
