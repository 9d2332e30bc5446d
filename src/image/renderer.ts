import type { ImageFormat, Point, ResolvedTransform } from '../grammar/index.ts';

/** The bytes a render reads. */
export interface RenderInput {
  readonly original: Uint8Array;
  /** Pictures that overlays and underlays name, by layer id. */
  readonly layers?: ReadonlyMap<string, Uint8Array>;
  /** What matters most in the original, for `g_custom`; of the picture as people see it. */
  readonly focus?: Point;
}

export interface RenderTimings {
  /** Milliseconds spent waiting for a free render process. */
  readonly waitMs: number;
  /** Milliseconds inside the render process. */
  readonly renderMs: number;
}

/** A finished picture and the facts about it. */
export interface Rendered {
  readonly bytes: Uint8Array;
  readonly format: ImageFormat | 'json';
  readonly contentType: string;
  /** Pixels, of one frame. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly timings: RenderTimings;
}

export interface RenderOptions {
  readonly signal: AbortSignal;
  /** Names the original's version, so that one that kills renders, or is no picture, is remembered. */
  readonly fingerprint: string;
}

/**
 * Turns an original into a picture, outside this process. Failures: `unsupported` (not a picture we take), `corrupt`
 * (it does not decode, or it is a known poison), `too_large` (declared size, frames or output past a limit), `invalid`
 * (a transform that does not fit this picture), `timeout` (killed at the deadline), `cancelled` (the signal).
 */
export interface Renderer {
  render(input: RenderInput, transform: ResolvedTransform, options: RenderOptions): Promise<Rendered>;
  /**
   * Decodes an original and answers its ThumbHash, a placeholder of some 25 bytes: proof that it is the picture it
   * says it is. Failures as of `render`.
   */
  thumbHash(original: Uint8Array, options: RenderOptions): Promise<Uint8Array>;
  /**
   * Throws what is known already against the original of this fingerprint, so that nobody need fetch it: `corrupt` for a
   * poison; `too_large`, `unsupported` or `corrupt` for what its bytes alone were refused with before.
   */
  check(fingerprint: string): void;
  /**
   * Names and versions of the libraries that encode, as the first render process told them when it started
   * (`sharp 0.35.5, libvips 8.18.7, …`). Part of every ETag: other versions may give other bytes.
   */
  build(): Promise<string>;
  /** Proves that rendering works now, by one tiny real render; rejects when it does not. */
  probe(signal: AbortSignal): Promise<void>;
  /** Ends all render processes; renders under way reject with `cancelled`. */
  close(): Promise<void>;
}
