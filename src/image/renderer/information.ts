import { startingSize } from '../plan/limits.ts';
import type { RenderJob } from '../protocol/job.ts';
import type { Rendered } from './renderer.ts';

/** What `fl_getinfo` answers instead of the picture: both ends of the render, in Cloudinary's shape. */
export function informationAbout({ facts, transform }: RenderJob, rendered: Rendered): Rendered {
  const { width, height, bytes, format, frames } = rendered;
  const information = {
    input: { ...startingSize(facts, transform), bytes: facts.bytes, format: facts.format, frames: facts.frames },
    output: { width, height, bytes: bytes.length, format, frames },
  };
  return {
    ...rendered,
    bytes: Buffer.from(JSON.stringify(information)),
    format: 'json',
    contentType: 'application/json; charset=utf-8',
  };
}
