import { Failure } from '../../failure.ts';
import { shorten } from '../ids/ids.ts';
import type { Component, DeliveryHints, ResolvedTransform } from '../meaning/transform.ts';
import { writeCondition } from '../parameters/condition.ts';
import type { ClosedRule } from '../parameters/parameter.ts';
import {
  type ComponentValues,
  type ParameterName,
  parameterNames,
  parameters,
  type StepParameterName,
  stepParameterNames,
} from '../parameters/table.ts';
import { isProblem } from '../parameters/values.ts';

const signed: ClosedRule = { kind: 'signed' };

/**
 * The closed set, parameter by parameter: what pages of Next, Nuxt and unpic print, and nothing that could be counted up.
 * It decides, it is the table of the reference, and tests take it to pieces.
 */
export function closedRule(name: ParameterName): ClosedRule {
  return parameters[name].closed ?? signed;
}

/** A page cuts, sizes and finishes; of presets, too, it takes no more together. */
export const maxClosedSteps = 3;

/** The values of the rules in the canonical form of each, by parameter. */
const listed: ReadonlyMap<ParameterName, ReadonlySet<string>> = new Map(
  parameterNames.map((name) => [name, listedValues(name)]),
);

function listedValues(name: ParameterName): ReadonlySet<string> {
  const rule = closedRule(name);
  return new Set(rule.kind === 'values' ? rule.values.map((text) => rewritten(name, text)) : []);
}

function rewritten<Name extends ParameterName>(name: Name, text: string): string {
  const { [name]: parameter } = parameters;
  const value = parameter.parse(text, text);
  if (value !== undefined && !isProblem(value)) return parameter.write(value);
  throw new Error(`the closed set has ${text}, which ${name} does not take`);
}

/** Refuses what is not in the closed set; sizes are the ladder's business. Failure `invalid`, naming the part. */
export function holdToClosedSet({ steps, ...output }: ResolvedTransform): void {
  if (steps.length > maxClosedSteps) {
    throw new Failure(
      'invalid',
      `Unsigned URLs may have ${maxClosedSteps} steps that change the picture, got ${steps.length}.${wayOut}`,
    );
  }
  for (const step of steps) holdStep(step);
  const { format, flags, ...others } = output;
  if (format !== 'source') holdValue('format', format);
  for (const name of ['quality', 'page', 'density', 'maxBytes', 'colourSpace'] as const) holdValue(name, others[name]);
  if (flags.length > 0) holdValue('flags', { output: flags, component: [] });
}

/** The same for a request that names presets and nothing else: its values are the configuration's. Failure `invalid`. */
export function holdChainOfPresets(names: readonly string[]): void {
  if (names.length <= maxClosedSteps) return;
  throw new Failure(
    'invalid',
    `Unsigned URLs may name ${maxClosedSteps} presets together, got ${names.length}.${wayOut}`,
  );
}

/** Of what only the headers show, a name for the file is free text. Failure `invalid`. */
export function holdDelivery({ attachment }: DeliveryHints): void {
  if (attachment?.filename === undefined) return;
  throw new Failure('invalid', `Unsigned URLs may not name the file of fl_attachment.${wayOut}`);
}

type Parts = Required<Component>;

/** Parts of a step that no parameter is called by: one that is added has to be judged here to compile. */
const ownParts: { readonly [Key in Exclude<keyof Parts, StepParameterName>]: (value: Parts[Key]) => void } = {
  ignoreAspectRatio: () => holdValue('flags', { output: [], component: ['ignore_aspect_ratio'] }),
  choice: ({ when }) => {
    throw new Failure('invalid', `Unsigned URLs may not say ${shorten(`if_${writeCondition(when)}`)} here.${wayOut}`);
  },
  layer: ({ position, source }) => holdValue(position === 'over' ? 'overlay' : 'underlay', source),
};

function holdStep(step: Component): void {
  // Of a width and a height the ladder has judged what is a number of pixels, and refused the rest.
  for (const name of stepParameterNames) if (closedRule(name).kind !== 'held') holdWritten(name, step);
  if (step.ignoreAspectRatio !== undefined) ownParts.ignoreAspectRatio(step.ignoreAspectRatio);
  if (step.choice !== undefined) ownParts.choice(step.choice);
  if (step.layer !== undefined) ownParts.layer(step.layer);
}

function holdWritten<Name extends ParameterName>(name: Name, written: Partial<ComponentValues>): void {
  holdValue(name, written[name]);
}

function holdValue<Name extends ParameterName>(name: Name, value: ComponentValues[Name] | undefined): void {
  if (value === undefined) return;
  const { [name]: parameter } = parameters;
  const text = parameter.write(value);
  if (listed.get(name)?.has(text) === true) return;
  const rule = closedRule(name);
  const taken = rule.kind === 'values' ? `: expected ${rule.values.join(', ')}` : '';
  throw new Failure(
    'invalid',
    `Unsigned URLs may not say ${shorten(`${parameter.key}_${text}`)} here${taken}.${wayOut}`,
  );
}

const wayOut = ' Sign the URL, or make a preset of it.';
