/** How an animation runs. */
export interface Timing {
  /** Milliseconds, a number for each frame. */
  readonly delays: readonly number[];
  /** How often it runs; 0 is for ever. */
  readonly loop: number;
}
