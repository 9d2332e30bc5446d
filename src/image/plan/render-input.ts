import type { Point, Region } from '../../grammar/index.ts';

/** The bytes a render reads. */
export interface RenderInput {
  readonly original: Uint8Array;
  /** Anybody may have the original as it is: its own coding may be sent for a picture of it. By default nobody may. */
  readonly isOpen?: boolean;
  /** Pictures that overlays and underlays name, by layer id. */
  readonly layers?: ReadonlyMap<string, Uint8Array>;
  /** What matters most in the original, for `g_custom`; of the picture as people see it. */
  readonly focus?: Point;
  /** What the original shows, in the words of whoever set them: they come before those of the file. */
  readonly alt?: string;
  /** Faces that are known in the original, as people see it. */
  readonly faces?: readonly Region[];
}
