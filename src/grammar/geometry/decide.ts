import { Failure } from '../../failure.ts';
import { shorten } from '../ids/ids.ts';
import type { Choice, Component, ResolvedTransform } from '../meaning/transform.ts';
import { asksFor, type ConditionQuantity, holds, writeCondition } from '../parameters/condition.ts';
import { layoutStep } from './layout-chain.ts';
import { quantityOf, type Size } from './resolve-length.ts';

/** What conditions may ask of an original. */
export interface KnownOfOriginal {
  /** From which the steps start. */
  readonly size: Size;
  readonly page: number;
  readonly pages: number;
  /** How many are seen in it. */
  readonly faces: number;
}

/**
 * The transformation with every condition decided. Each is asked of the picture as it is there. Failure `invalid` where it
 * asks for a size that cannot be told before the picture is drawn: after a trim, a layer that may reach over the edge, or a cut as
 * large as a face.
 */
export function withConditionsDecided(transform: ResolvedTransform, known: KnownOfOriginal): ResolvedTransform {
  if (!transform.steps.some(({ choice }) => choice !== undefined)) return transform;
  return { ...transform, steps: decide(transform.steps, { known, size: known.size }).steps };
}

interface Deciding {
  readonly known: KnownOfOriginal;
  /** Of the picture so far; undefined once it cannot be told. */
  readonly size: Size | undefined;
}

interface Decided {
  readonly steps: readonly Component[];
  readonly size: Size | undefined;
}

function decide(steps: readonly Component[], { known, size: start }: Deciding): Decided {
  const decided: Component[] = [];
  let size = start;
  for (const step of steps) {
    if (step.choice === undefined) {
      decided.push(step);
      size = sizeAfter(step, { known, size });
    } else {
      const taken = decide(branchOf(step.choice, { known, size }), { known, size });
      decided.push(...taken.steps);
      size = taken.size;
    }
  }
  return { steps: decided, size };
}

function branchOf({ when, met, unmet }: Choice<Component>, { known, size }: Deciding): readonly Component[] {
  if (size === undefined && asksFor(when, ['w', 'h', 'ar'])) {
    throw new Failure(
      'invalid',
      `if_${shorten(writeCondition(when))} asks for a size that is not known there: after e_trim, a layer or a cut of a face ask for iw, ih or iar, or ask before.`,
    );
  }
  const valueFor = (quantity: ConditionQuantity) => valueIn(quantity, known, size ?? known.size);
  return when.some((list) => list.every((comparison) => holds(comparison, valueFor))) ? met : unmet;
}

function valueIn(quantity: ConditionQuantity, { size: original, page, pages, faces }: KnownOfOriginal, current: Size) {
  switch (quantity) {
    case 'cp':
      return page;
    case 'pc':
      return pages;
    case 'fc':
      return faces;
    default:
      return quantityOf(quantity, { current, original });
  }
}

function sizeAfter(step: Component, { known, size }: Deciding): Size | undefined {
  const isOfFace = (step.crop === 'crop' || step.crop === 'thumb') && step.gravity?.kind === 'face';
  const isOpen = isOfFace && step.width === undefined && step.height === undefined;
  const mayGrow = step.layer !== undefined && step.layer.noOverflow !== true;
  if (size === undefined || isOpen || mayGrow || step.effect?.name === 'trim') return undefined;
  return layoutStep(step, size, { original: known.size }).size;
}
