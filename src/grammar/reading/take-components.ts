import { Failure } from '../../failure.ts';
import { decodeOnce, shorten } from '../ids/ids.ts';
import { maxComponents } from '../parameters/values.ts';
import { plainCommas } from './loose-commas.ts';
import { meantComponent } from './meant-component.ts';
import { classify, folderHint } from './parse-components.ts';

/** Where the transformation of a path ends and its id begins. */
export interface TakenComponents {
  /** As written, which is what signatures cover. */
  readonly components: readonly string[];
  /** The same as they are read. */
  readonly read: readonly string[];
  readonly idSegments: readonly string[];
  /** A version, or `_`, says where the id begins. */
  readonly isMarked: boolean;
}

/** Components come first; a version or the first segment that is none ends them; the last segment is never one. */
export function takeComponents(segments: readonly string[], isShortForm: boolean): TakenComponents {
  if (isShortForm && segments[0] === '_' && segments.length > 1) {
    return { components: [], read: [], idSegments: segments.slice(1), isMarked: true };
  }
  const components: string[] = [];
  const read: string[] = [];
  let index = 0;
  for (; index < segments.length - 1; index += 1) {
    const segment = segments[index] ?? '';
    if (segment === '') continue;
    if (isVersion(segment)) return { components, read, idSegments: segments.slice(index + 1), isMarked: true };
    const plain = isShortForm ? segment : plainCommas(segment);
    const kind = classify(plain);
    if (kind === 'id') break;
    if (kind !== 'component') {
      throw new Failure('invalid', `${problemOfPart(segment, kind.unknownPart)}${folderHint}`);
    }
    components.push(segment);
    read.push(plain);
    if (components.length > maxComponents) {
      throw new Failure('invalid', `At most ${maxComponents} components are taken.${folderHint}`);
    }
  }
  return { components, read, idSegments: segments.slice(index), isMarked: false };
}

function problemOfPart(segment: string, part: string): string {
  if (part === '') {
    const plain = segment.split(',').filter((one) => one !== '');
    return `"${shorten(segment)}" has a comma too many; did you mean ${shorten(plain.join())}?`;
  }
  const meant = meantComponent(decodeOnce(part).trim());
  const remedy = meant === undefined ? '.' : `; did you mean ${shorten(meant)}?`;
  return `"${shorten(part)}" is no parameter, but its neighbours are${remedy}`;
}

/** `v1`, `v1234`: a segment that says where the id begins. */
export function isVersion(segment: string): boolean {
  return /^v\d+$/.test(segment);
}
