import { expect } from 'vitest';

/** Fails with what is wrong, line by line; vitest's own words would cut it off after forty letters. */
export function expectNone(wrong: readonly string[]): void {
  if (wrong.length > 0) expect.fail(`${wrong.length} are wrong:\n${wrong.slice(0, 50).join('\n')}`);
}
