import { createHash } from 'node:crypto';
import { cancelled } from '../../src/failure.ts';
import { canonical, type Point } from '../../src/grammar/index.ts';
import { type Rendered, type Renderer, TakesLong } from '../../src/image/index.ts';

export interface FakeRenderer extends Renderer {
  /** Canonical transforms rendered so far, in order. */
  readonly renders: readonly string[];
  /** The layers that each of them came with, as text. */
  readonly layers: readonly ReadonlyMap<string, string>[];
  /** Their focal points. */
  readonly focuses: readonly (Point | undefined)[];
  /** How it was looked for faces so far, and in what. */
  readonly looks: readonly string[];
  /** Looking for faces rejects with this from now on; undefined heals. */
  blindWith(error: Error | undefined): void;
  /** Holds every render from now on until the returned function is called. */
  hold(): () => void;
  /** What is said of a transform to take longer than anybody has patience for. */
  slow(takesLong: (text: string) => boolean): void;
  /** Pictures from now on have so many bytes. */
  pad(bytes: number): void;
  /** Every render from now on rejects with this; undefined heals. */
  failWith(error: Error | undefined): void;
}

/** A renderer without pixels: its bytes name the original and the transform, so that a mix-up shows. */
export function createFakeRenderer(build = 'fake 1.0.0'): FakeRenderer {
  const renders: string[] = [];
  const focuses: (Point | undefined)[] = [];
  const looks: string[] = [];
  let blindness: Error | undefined;
  const layersSeen: Map<string, string>[] = [];
  let gate: Promise<void> = Promise.resolve();
  let failure: Error | undefined;
  let padding = 0;
  let takesLong: (text: string) => boolean = () => false;

  function draw(original: Uint8Array, text: string): Rendered {
    const name = `${createHash('sha256').update(original).digest('hex')} ${text}`;
    const bytes = Buffer.from(name.padEnd(padding, '.'));
    const timings = { waitMs: 0, renderMs: 1 };
    return { bytes, format: 'jpeg', contentType: 'image/jpeg', width: 1, height: 1, frames: 1, timings };
  }

  return {
    renders,
    layers: layersSeen,
    focuses,
    looks,
    blindWith(error) {
      blindness = error;
    },
    hold() {
      let release = () => {};
      gate = new Promise((resolve) => {
        release = resolve;
      });
      return () => release();
    },
    slow(matches) {
      takesLong = matches;
    },
    pad(bytes) {
      padding = bytes;
    },
    failWith(error) {
      failure = error;
    },
    async render({ original, focus, layers = new Map() }, transform, { signal, onBegun, patienceMs }) {
      const text = canonical(transform);
      if (patienceMs !== undefined && takesLong(text)) throw new TakesLong();
      onBegun?.();
      renders.push(text);
      focuses.push(focus);
      layersSeen.push(new Map([...layers].map(([id, bytes]) => [id, Buffer.from(bytes).toString()])));
      await gate;
      if (signal.aborted) throw cancelled();
      if (failure !== undefined) throw failure;
      return draw(original, text);
    },
    async thumbHash(original, { signal }) {
      await gate;
      if (signal.aborted) throw cancelled();
      if (failure !== undefined) throw failure;
      return createHash('sha256').update(original).digest().subarray(0, 25);
    },
    async faces({ original, page, secondLook }, { signal }) {
      looks.push(`${secondLook} at ${page ?? 'all'} of ${Buffer.from(original).toString().slice(0, 40)}`);
      await gate;
      if (signal.aborted) throw cancelled();
      if (blindness !== undefined) throw blindness;
      return { faces: [], small: secondLook === 'never' ? undefined : [] };
    },
    check: async () => undefined,
    build: async () => build,
    cage: async () => 'no processes',
    probe: async () => {
      if (failure !== undefined) throw failure;
    },
    close: async () => undefined,
  };
}
