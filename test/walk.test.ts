import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readFunctions, type SourceFunction } from './support/functions.ts';
import { readWalk, type Step } from './support/walk.ts';

// What the map says of one cold request is what the code does, function by function.

const source = fileURLToPath(new URL('../src', import.meta.url));
const walk = readWalk(readFileSync(`${source}/README.md`, 'utf8'), 'One cold request, function by function');

function find({ path, name }: Step): SourceFunction | undefined {
  const file = `${source}/${path}`;
  if (!existsSync(file)) return undefined;
  // A factory's method of that name only calls it.
  const named = readFunctions(path, readFileSync(file, 'utf8')).filter((one) => one.name === name);
  return named.sort((one, other) => other.lines - one.lines)[0];
}

/** What is wrong below this step: functions that are not there, not called by the one above, or in another order. */
function problems(step: Step): string[] {
  const names = find(step)?.names;
  if (names === undefined) return [`${step.path} has no function ${step.name}`];
  const places = step.steps.map(({ calledAs }) => names.indexOf(calledAs));
  const own = step.steps.flatMap(({ calledAs }, index) => {
    const [at = -1, before = -1] = [places[index], places[index - 1]];
    if (at < 0) return [`${step.name} (${step.path}) does not call ${calledAs}`];
    return at < before ? [`${step.name} (${step.path}) calls ${calledAs} earlier than the map says`] : [];
  });
  return [...own, ...step.steps.flatMap(problems)];
}

const countOf = (steps: readonly Step[]): number => steps.reduce((sum, step) => sum + 1 + countOf(step.steps), 0);

describe('the walk of one cold request', () => {
  it('names functions that are there, each called by the one above it, in this order', () => {
    expect(walk.flatMap(problems)).toEqual([]);
  });

  it('goes from the socket to the pixels', () => {
    expect(countOf(walk)).toBeGreaterThan(60);
  });

  it('would notice a function that is gone, one that is not called, and another order', () => {
    const made = (name: string, steps: readonly Step[] = []): Step => ({
      ...{ path: 'image/processes/slot-loop.ts', name, calledAs: name, steps },
    });
    const [serve, wear, next] = [made('serve'), made('wear'), made('nextAssignment')];
    expect(problems(made('gone'))).toEqual(['image/processes/slot-loop.ts has no function gone']);
    expect(problems(made('keepSlot', [serve, wear]))).toEqual([
      'keepSlot (image/processes/slot-loop.ts) does not call wear',
    ]);
    expect(problems(made('serve', [wear, next]))).toEqual([
      'serve (image/processes/slot-loop.ts) calls nextAssignment earlier than the map says',
    ]);
  });
});
