import { Counter, type Registry } from 'prom-client';

/** A counter of two labels that is counted up often. */
export interface Tally {
  count(first: string, second: string | number): void;
}

export interface TallyOptions {
  /** In full. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly [string, string];
  readonly registry: Registry;
}

interface Cell {
  readonly values: Readonly<Record<string, string | number>>;
  /** Since the page was last asked for. */
  count: number;
}

/**
 * Adds up beside the counter, which is told when the page is asked for: it makes a text of its labels each time, and that takes
 * longer than all else that is counted of a hit. Both labels are of a fixed few values.
 */
export function createTally({ name, help, labels, registry }: TallyOptions): Tally {
  const cells = new Map<string, Map<string | number, Cell>>();
  const counter = new Counter({ name, help, labelNames: [...labels], registers: [registry], collect: () => settle() });
  const settle = () => {
    for (const cell of [...cells.values()].flatMap((row) => [...row.values()])) {
      counter.inc(cell.values, cell.count);
      cell.count = 0;
    }
  };
  return {
    count(first, second) {
      const row = cells.get(first) ?? new Map<string | number, Cell>();
      const cell = row.get(second) ?? { values: { [labels[0]]: first, [labels[1]]: second }, count: 0 };
      cell.count += 1;
      if (cell.count > 1) return;
      row.set(second, cell);
      cells.set(first, row);
    },
  };
}
