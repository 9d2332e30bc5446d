import { Failure } from '../../failure.ts';
import { mediaTypeOf } from '../../formats.ts';
import type { ImageFormat, Region, Size } from '../../grammar/index.ts';
import { startingSize } from '../plan/limits.ts';
import type { Plan } from '../plan/plan.ts';
import type { PoolResult } from '../processes/pool-request.ts';
import type { Rendered } from './renderer.ts';

/** What the process answered, as the caller wants it: a picture or a failure. */
export function renderedOf({ answer, payload, waitMs, renderMs }: PoolResult, format: ImageFormat): Rendered {
  switch (answer.outcome) {
    case 'drawn': {
      const { width, height, frames } = answer;
      const timings = { waitMs, renderMs };
      return { bytes: payload, format, contentType: mediaTypeOf(format), width, height, frames, timings };
    }
    case 'failed':
      throw new Failure(answer.kind, answer.message);
    case 'bug':
      throw new Error('A render failed for a reason of ours.', { cause: answer.message });
    case 'ready':
      throw new Error('A render process answered a job by saying that it is ready.');
  }
}

/** What `fl_getinfo` returns instead of the picture: both ends of the render, in Cloudinary's shape. */
export function informationAbout({ job }: Plan, rendered: Rendered): Rendered {
  const { facts, transform, faces } = job;
  const { width, height, bytes, format, frames } = rendered;
  const start = startingSize(facts, transform);
  const information = {
    input: { ...start, bytes: facts.bytes, format: facts.format, frames: facts.frames },
    output: { width, height, bytes: bytes.length, format, frames },
    // Of the original as people see it.
    faces: faces.map((face) => pixelsOf(face, facts.size)),
  };
  return asJson(rendered, Buffer.from(JSON.stringify(information)));
}

/** What is told in place of the picture. */
export function asJson(rendered: Rendered, bytes: Uint8Array): Rendered {
  return { ...rendered, bytes, format: 'json', contentType: 'application/json; charset=utf-8' };
}

/** Left, top, width and height. */
function pixelsOf({ x, y, width, height }: Region, size: Size): readonly number[] {
  return [x * size.width, y * size.height, width * size.width, height * size.height].map(Math.round);
}
