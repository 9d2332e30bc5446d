import { Failure } from '../../failure.ts';
import { shorten } from '../ids/ids.ts';

/** What a component says of conditions, empty where it says nothing, and what it says beside that. */
interface Marked {
  readonly mark: string;
  readonly rest: string;
}

/** A condition that is not ended yet. */
interface Open {
  /** It is about the component that it stands in, and that of its else. */
  readonly isShort: boolean;
  hasElse: boolean;
}

const isMark = (part: string) => part.startsWith('if_');
const isOpening = (mark: string) => mark !== '' && mark !== 'if_else' && mark !== 'if_end';

/**
 * Components with each mark of a condition (`if_…`, `if_else`, `if_end`) on its own, and with an end for each. One that has
 * parameters beside it is about its own component, unless an `if_end` says that more belongs to it; any other without an end goes on
 * to the end of all. Throws `invalid` for a mark that belongs to none.
 */
export function balanced(segments: readonly string[]): readonly string[] {
  if (!segments.some((segment) => segment.includes('if_'))) return segments;
  const marked = segments.map(takeMark);
  const short = shortOnes(marked);
  const written: string[] = [];
  const open: Open[] = [];
  marked.forEach(({ mark, rest }, index) => {
    if (mark === 'if_end') endLong(open, written);
    else if (mark === 'if_else') beginElse(open.at(-1));
    else if (mark !== '') open.push({ isShort: short.has(index), hasElse: false });
    written.push(...[mark, rest].filter((text) => text !== ''));
    const goesOn = isOpening(mark) ? marked[index + 1]?.mark === 'if_else' : mark !== 'if_else' || rest === '';
    if (goesOn || open.at(-1)?.isShort !== true) return;
    open.pop();
    written.push('if_end');
  });
  return [...written, ...open.map(() => 'if_end')];
}

function takeMark(segment: string): Marked {
  const parts = segment.split(',');
  const [mark = '', second] = parts.filter(isMark);
  if (second !== undefined) throw refused(second, 'a component has one condition');
  const rest = parts.filter((part) => part !== mark).join(',');
  if (mark === 'if_end' && rest !== '') throw refused(`if_end,${rest}`, 'if_end stands in a component of its own');
  return { mark, rest };
}

/** Those with parameters beside them that no `if_end` belongs to: where there are too few ends, the others have them first. */
function shortOnes(marked: readonly Marked[]): ReadonlySet<number> {
  const openings = marked.flatMap(({ mark }, index) => (isOpening(mark) ? [index] : []));
  const ends = marked.filter(({ mark }) => mark === 'if_end').length;
  if (ends >= openings.length) return new Set();
  const isBare = (index: number) => marked[index]?.rest === '';
  const short = new Set(openings.filter((index) => !isBare(index)));
  const open: number[] = [];
  marked.forEach(({ mark }, index) => {
    if (isOpening(mark)) open.push(index);
    if (mark !== 'if_end') return;
    const bare = open.findLastIndex(isBare);
    const [ended] = open.splice(bare < 0 ? open.length - 1 : bare);
    if (ended !== undefined) short.delete(ended);
  });
  return short;
}

/** Ends what is short and still open within the one that an `if_end` is of. */
function endLong(open: Open[], written: string[]): void {
  while (open.at(-1)?.isShort === true) {
    open.pop();
    written.push('if_end');
  }
  if (open.pop() === undefined) throw refused('if_end', 'no if_ that is open comes before it');
}

function beginElse(last: Open | undefined): void {
  if (last === undefined || last.hasElse) throw refused('if_else', 'no if_ that is open comes before it');
  last.hasElse = true;
}

function refused(what: string, why: string): Failure {
  return new Failure('invalid', `Invalid ${shorten(what)}: ${why}.`);
}
