import type { Box, Size } from '../../../containers/facts.ts';

/** A frame of an animation, as it lies in its file. */
export interface StoredFrame {
  /** On the canvas, beyond which it may reach. */
  readonly box: Box;
  readonly delayMs: number;
  /** What becomes of it when its time is over: it stays, its box is cleared, or what was there before comes back. */
  readonly disposal: 'stays' | 'cleared' | 'undone';
  /** Laid over what is there, or put in its place with all that is clear in it. */
  readonly blends: boolean;
  /** This frame alone, as a file of the same format; throws a Failure where its data are damaged. */
  file(): Buffer;
}

/** An animation whose frames are laid over each other here. */
export interface StoredAnimation {
  readonly size: Size;
  /** Times that it runs; 0 without end. */
  readonly loop: number;
  readonly frames: readonly StoredFrame[];
  /** False where frames are known to be lost. */
  readonly isWhole: boolean;
}
