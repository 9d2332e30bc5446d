import { Failure } from '../../failure.ts';
import type { ImageFormat, ResolvedTransform } from '../../grammar/index.ts';
import type { Claim } from '../../shares.ts';
import type { Faces, SecondLook } from '../plan/faces.ts';
import type { RenderInput } from '../plan/render-input.ts';

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

/** What is known of pictures is known by the versions of what they show, a name for each. */
export interface Fingerprints {
  /** Of everything that is shown, so that one that kills renders is remembered, and not held against what it lies on. */
  readonly fingerprint: string;
  /** Of the original without its layers, where there are any: that it is no picture counts under all of them. */
  readonly original?: string;
}

export interface RenderOptions extends Fingerprints {
  /** Ends it, whatever it is doing. */
  readonly signal: AbortSignal;
  /** Nobody wants it any more: while it waits for a process it is dropped, `cancelled`; what has begun is finished. */
  readonly abandoned?: AbortSignal;
  /** Told when a process begins to draw. */
  readonly onBegun?: () => void;
  /** Milliseconds of computing beyond which an AVIF that is chosen here is not drawn now: `TakesLong`. */
  readonly patienceMs?: number | undefined;
  /** Whose turn it is when a process is free: by default nobody's. */
  readonly claim?: Claim | undefined;
}

/** Which picture faces are looked for in, and how. */
export interface FacesQuestion {
  readonly original: Uint8Array;
  /** Undefined: the first, or the only one. */
  readonly page?: number | undefined;
  readonly secondLook: SecondLook;
}

/**
 * It could not be begun now, and nobody is to hold anything for it meanwhile: its original has ended two processes, and
 * the smallest picture of it is being tried. `check` waits for the end of that.
 */
export class HeldBack extends Error {
  override readonly name = 'HeldBack';
}

/** It is reckoned to take longer than whoever asks has patience for, and nothing has been begun. */
export class TakesLong extends Failure {
  constructor() {
    super('overloaded', 'The picture takes longer than it is waited for; ask again in a moment.');
  }
}

/**
 * Turns an original into a picture, outside this process. Failures: `unsupported` (not a picture we take), `corrupt`
 * (it does not decode, or it, or this picture of it, is known to end processes), `too_large` (declared size, frames or
 * output past a limit), `invalid` (a transform that does not fit this picture), `timeout` (killed at the deadline),
 * `cancelled` (the signal).
 *
 * @example
 * const renderer = createRenderer(options);
 * const rendered = await renderer.render({ original }, transform, { signal, fingerprint: 'v1' });
 * await renderer.close();
 */
export interface Renderer {
  /** Besides its failures: `HeldBack`, `TakesLong`. */
  render(input: RenderInput, transform: ResolvedTransform, options: RenderOptions): Promise<Rendered>;
  /**
   * Decodes an original and returns its ThumbHash, a placeholder of some 25 bytes: proof that it is the picture it
   * says it is. Failures as of `render`.
   */
  thumbHash(original: Uint8Array, options: RenderOptions): Promise<Uint8Array>;
  /** Decodes an original and says which faces are seen in it. Failures as of `render`. */
  faces(question: FacesQuestion, options: RenderOptions): Promise<Faces>;
  /**
   * Rejects with what is known already against the original of these fingerprints or against this picture of it, so that
   * nobody need fetch it: `corrupt` for what has ended processes; whatever its bytes were refused with before, alone or
   * for this picture; `corrupt` for what did not decode. While the original is on trial it waits for the end of that.
   */
  check(fingerprints: Fingerprints, transform: ResolvedTransform, signal: AbortSignal): Promise<void>;
  /**
   * Names and versions of the libraries that encode, as the first render process told them when it started
   * (`sharp 0.35.5, libvips 8.18.7, …`), and what else the configuration makes of bytes. Part of every ETag: other
   * versions may give other bytes.
   */
  build(): Promise<string>;
  /** For operators: what holds the processes that decode, as the first one started in it. */
  cage(): Promise<string>;
  /**
   * Proves that rendering works now, by one tiny real render; rejects when it does not. Where all processes are busy until
   * the signal fires, what they draw is the proof, as long as it ends.
   */
  probe(signal: AbortSignal): Promise<void>;
  /** Ends all render processes; renders under way reject with `cancelled`. */
  close(): Promise<void>;
}
