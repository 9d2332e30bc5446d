/** A list of selectors that is longer is none that a program writes. */
const mostLetters = 10_000;

/**
 * How often a selector's parts are held against elements before a drawing with this style sheet begins. Each rule is held against each
 * element, and one of several parts (`.a .b .c`) may be tried with as many choices of ancestors as there are. Not exact: a bound.
 */
export function styleWork(css: string, { elements, levels }: { elements: number; levels: number }): number {
  let [work, from] = [0, 0];
  for (const { 0: brace, index } of css.matchAll(/[{}]/g)) {
    const before = css.slice(from, index);
    from = index + 1;
    if (brace === '}') continue;
    // What ends in a semicolon stands before the rule and is none of it.
    const list = before.slice(before.lastIndexOf(';') + 1);
    if (list.length > mostLetters) return Number.POSITIVE_INFINITY;
    for (const selector of list.split(',')) work += elements * choices(levels, partsOf(selector) - 1);
  }
  return work;
}

function partsOf(selector: string): number {
  return Math.max(1, selector.split(/[\s>+~]+/).filter((part) => part !== '').length);
}

/** In how many ways so many ancestors, or fewer, can be chosen of all: those where there are most. */
function choices(levels: number, ancestors: number): number {
  const most = Math.min(ancestors, Math.floor(levels / 2));
  let ways = 1;
  for (let taken = 0; taken < most; taken += 1) ways = (ways * (levels - taken)) / (taken + 1);
  return ways;
}
