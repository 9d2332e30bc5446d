import { writeCondition } from '../parameters/condition.ts';
import { effectRules } from '../parameters/effects.ts';
import {
  type ComponentValues,
  type ParameterName,
  parameterNames,
  parameters,
  type Written,
} from '../parameters/table.ts';
import { present } from './present.ts';
import type { Choice, Component, Layer, ResolvedTransform } from './transform.ts';

/**
 * The canonical form of a transformation, itself valid grammar: reading it gives the same transformation again. Modes
 * and strengths are always written, keys are sorted, what the whole chain is delivered as comes last. A chain that
 * changes nothing is written `a_0`, which every reader takes for exactly that.
 */
export function canonical(transform: ResolvedTransform): string {
  const delivery: Written = present({
    colourSpace: transform.colourSpace,
    density: transform.density,
    flags: transform.flags.length === 0 ? undefined : { output: transform.flags, component: [] },
    format: transform.format === 'source' ? undefined : transform.format,
    maxBytes: transform.maxBytes,
    page: transform.page,
    quality: transform.quality,
  });
  const components = [...transform.steps.flatMap(writeComponent), writeValues(delivery)];
  return components.filter((component) => component !== '').join('/') || 'a_0';
}

function writeComponent(component: Component): readonly string[] {
  const { layer, choice, ignoreAspectRatio, ...values } = component;
  if (choice !== undefined) return writeChoice(choice);
  const own = writeValues({
    ...values,
    ...qualifyingColour(component),
    ...(ignoreAspectRatio === true && { flags: { output: [], component: ['ignore_aspect_ratio'] } }),
  });
  return layer === undefined ? [own] : [...(own === '' ? [] : [own]), ...writeLayer(layer)];
}

function writeChoice({ when, met, unmet }: Choice<Component>): readonly string[] {
  const otherwise = unmet.length === 0 ? [] : ['if_else', ...unmet.flatMap(writeComponent)];
  return [`if_${writeCondition(when)}`, ...met.flatMap(writeComponent), ...otherwise, 'if_end'];
}

function qualifyingColour({ effect }: Component): Written {
  if (effect === undefined || effectRules[effect.name].colour !== 'qualifier') return {};
  return present({ colour: effect.colour });
}

function writeLayer(layer: Layer): readonly string[] {
  const { source, position, steps, relative, tiled, noOverflow, blend, gravity, x, y } = layer;
  const opening = writeValues({
    ...(position === 'over' ? { overlay: source } : { underlay: source }),
    ...(source.kind === 'text' && present({ colour: source.colour })),
    ...(relative === true && { flags: { output: [], component: ['relative'] } }),
  });
  const closing = writeValues({
    ...present({ gravity, x, y }),
    ...(blend !== undefined && blend !== 'over' && { effect: { blend } }),
    flags: {
      output: [],
      component: [
        'layer_apply',
        ...(noOverflow ? (['no_overflow'] as const) : []),
        ...(tiled ? (['tiled'] as const) : []),
      ],
    },
  });
  return [opening, ...steps.flatMap(writeComponent), closing];
}

function writeValues(written: Written): string {
  const parts = parameterNames.map((name) => writeValue(name, written[name]));
  return parts.filter((part) => part !== undefined).join(',');
}

function writeValue<Name extends ParameterName>(
  name: Name,
  value: ComponentValues[Name] | undefined,
): string | undefined {
  if (value === undefined) return undefined;
  const { [name]: parameter } = parameters;
  return `${parameter.key}_${parameter.write(value)}`;
}
