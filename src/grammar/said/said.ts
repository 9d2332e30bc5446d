import { altIn, altMetadata } from './alt-text.ts';
import { focusIn, focusMetadata } from './focal-metadata.ts';

/** What people have said of an original, out of its metadata: what stays when the picture itself is another. */
export function saidMetadata(metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [focus, alt] = [focusIn(metadata), altIn(metadata)];
  return {
    ...(focus === undefined ? {} : focusMetadata(focus)),
    ...(alt === undefined ? {} : altMetadata(alt)),
  };
}
