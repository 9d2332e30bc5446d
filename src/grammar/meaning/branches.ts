import { asksFor } from '../parameters/condition.ts';
import type { Choice, Component } from './transform.ts';

interface Forked<Step> {
  readonly choice?: Choice<Step>;
}

/** All that may happen: the steps, and in the place of each choice those of both its branches. */
export function everyStep<Step extends Forked<Step>>(steps: readonly Step[]): readonly Step[] {
  if (!steps.some(({ choice }) => choice !== undefined)) return steps;
  return steps.flatMap((step) =>
    step.choice === undefined ? [step] : everyStep([...step.choice.met, ...step.choice.unmet]),
  );
}

/** A choice with each of its branches changed. */
export function inBranches<Step, Changed>(
  { when, met, unmet }: Choice<Step>,
  change: (steps: readonly Step[]) => readonly Changed[],
): Choice<Changed> {
  return { when, met: change(met), unmet: change(unmet) };
}

/** True where what is drawn hangs on how many faces there are. */
export function countsFaces(steps: readonly Component[]): boolean {
  return steps.some(({ choice }) => {
    if (choice === undefined) return false;
    return asksFor(choice.when, ['fc']) || countsFaces([...choice.met, ...choice.unmet]);
  });
}
