import { z } from 'zod';
import { type Faces, mostFaces, type SecondLook } from '../protocol/faces.ts';

export type { Faces, SecondLook };

const share = z.number().min(0).max(1);
const faces = z
  .array(z.object({ x: share, y: share, width: share, height: share, score: share }))
  .max(mostFaces)
  .readonly();

const schema = z.object({ faces, small: faces.optional() });

/**
 * What is known of faces, as a render process tells it and as it is stored. A process handles hostile bytes, so its word is
 * checked like anybody's. Throws when it is not that.
 */
export function readFaces(bytes: Uint8Array): Faces {
  const { faces: seen, small } = schema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  return { faces: seen, small };
}

/** The same, to be stored. */
export function writeFaces({ faces: seen, small }: Faces): Uint8Array {
  return Buffer.from(JSON.stringify({ faces: seen, small }));
}
