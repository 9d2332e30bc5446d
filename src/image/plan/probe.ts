import type { ResolvedTransform } from '../../grammar/index.ts';
import type { RenderInput } from './render-input.ts';

/** A GIF of one pixel: the shortest file that goes through the whole of inspecting, decoding and encoding. */
const pixel = 'R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=';

export function probeInput(): RenderInput {
  return { original: Buffer.from(pixel, 'base64') };
}

export const probeTransform: ResolvedTransform = {
  steps: [{ crop: 'scale', width: { unit: 'pixels', value: 2 }, height: { unit: 'pixels', value: 2 } }],
  format: 'jpeg',
  quality: undefined,
  flags: [],
  page: undefined,
  density: undefined,
  colourSpace: undefined,
};
