import type { Condition } from '../parameters/condition.ts';
import type { Written } from '../parameters/table.ts';

/** Where a condition begins, where what else happens begins, and where it ends. */
export type Mark =
  | { readonly mark: 'if'; readonly when: Condition }
  | { readonly mark: 'else' }
  | { readonly mark: 'end' };

/** A list of these spells a transformation; marks in it are balanced. */
export type ChainItem = Written | Mark;

export function isMark(item: ChainItem): item is Mark {
  return 'mark' in item;
}

/** The same as a tree. */
export type Nested = Written | Fork;

export interface Fork {
  readonly when: Condition;
  readonly met: readonly Nested[];
  readonly unmet: readonly Nested[];
}

export function isFork(nested: Nested): nested is Fork {
  return 'when' in nested;
}

/** Conditions as a tree, those that are known without a picture decided. */
export function nested(items: readonly ChainItem[]): readonly Nested[] {
  return items.some(isMark) ? readUntilEnd(items[Symbol.iterator]()).met : (items as readonly Written[]);
}

/** Up to the mark that ends the condition, or to the end of all. */
function readUntilEnd(items: Iterator<ChainItem>): {
  readonly met: readonly Nested[];
  readonly unmet: readonly Nested[];
} {
  const branches: [Nested[], Nested[]] = [[], []];
  let current = branches[0];
  for (let next = items.next(); next.done !== true; next = items.next()) {
    const item = next.value;
    if (!isMark(item)) current.push(item);
    else if (item.mark === 'if') current.push(...decidedAhead({ when: item.when, ...readUntilEnd(items) }));
    else if (item.mark === 'else') current = branches[1];
    else break;
  }
  return { met: branches[0], unmet: branches[1] };
}

function decidedAhead(fork: Fork): readonly Nested[] {
  const isMet = knownAhead(fork.when);
  if (isMet === undefined) return [fork];
  return isMet ? fork.met : fork.unmet;
}

/** What a condition comes to, where no picture is asked. */
export function knownAhead(when: Condition): boolean | undefined {
  if (when.length === 0) return false;
  return when.some((list) => list.length === 0) ? true : undefined;
}

/** The components of a list with all that stands in conditions. */
export function withoutForks(list: readonly Nested[]): readonly Written[] {
  return list.flatMap((item) => (isFork(item) ? [...withoutForks(item.met), ...withoutForks(item.unmet)] : [item]));
}
