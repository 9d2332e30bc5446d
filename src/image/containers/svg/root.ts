import type { SAXParser } from 'sax';
import { Failure } from '../../../failure.ts';
import { broken } from '../header.ts';
import { type QualifiedTag, readXml } from './xml.ts';

export const svgNamespace = 'http://www.w3.org/2000/svg';

/** What is told of another language whose root has the same name. */
export function noSvgRoot(): Failure {
  return new Failure('unsupported', 'The file is XML, and its root is no svg of the namespace of SVG.');
}

/** The element that an SVG's file is. */
export interface SvgRoot {
  readonly tag: QualifiedTag;
  /** Where its start tag begins and ends among the characters. */
  readonly from: number;
  readonly to: number;
}

interface Found {
  root: SvgRoot | undefined;
}

/** Reads as far as the root. Failures: `corrupt`, `unsupported`. */
export function rootOf(text: string): SvgRoot {
  const found: Found = { root: undefined };
  // All in one go: a root comes early.
  for (const _ of readXml(text, {
    opened: (tag, parser) => note(found, tag, parser),
    isDone: () => found.root !== undefined,
  })) {
  }
  if (found.root === undefined) throw broken('svg+xml', 'it ends before its root');
  return found.root;
}

/** The reader counts from 1, the angle bracket is the first of a tag. */
function note(found: Found, tag: QualifiedTag, { startTagPosition, position }: SAXParser): void {
  found.root ??= { tag, from: startTagPosition - 1, to: position };
}
