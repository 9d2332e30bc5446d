import type { Parameter } from './parameter.ts';
import { content } from './rows/content.ts';
import { look } from './rows/look.ts';
import { output } from './rows/output.ts';
import { shape } from './rows/shape.ts';

const rows = { ...shape, ...look, ...content, ...output };

/** What the parameters of one component say, before it is decided what they mean together. */
export type ComponentValues = {
  readonly [Name in keyof typeof rows]: (typeof rows)[Name] extends Parameter<infer Value> ? Value : never;
};

/** Those that were written. */
export type Written = Partial<ComponentValues>;

/** What a parameter sets. */
export type ParameterName = keyof ComponentValues;

/** Every parameter, by what it sets: the one table behind parsing, the canonical form, the closed set and the reference. */
export const parameters: { readonly [Name in ParameterName]: Parameter<ComponentValues[Name]> } = rows;

// The keys of a total table are those of its type.
const names = Object.keys(rows) as readonly ParameterName[];

/** In the order of their keys, which is that of the canonical form. */
export const parameterNames: readonly ParameterName[] = names.toSorted((left, right) =>
  parameters[left].key < parameters[right].key ? -1 : 1,
);

/** Parameters whose values a step of a transformation has, in the order of the work. */
export type StepParameterName = keyof typeof shape | keyof typeof look;
export const stepParameterNames = Object.keys({ ...shape, ...look }) as readonly StepParameterName[];

/** True where the value of a parameter leaves the picture as it is. */
export function leavesAsItIs<Name extends ParameterName>(
  name: Name,
  values: { readonly [Key in Name]?: ComponentValues[Key] | undefined },
): boolean {
  const { [name]: parameter } = parameters;
  const value = values[name];
  return value !== undefined && parameter.isNeutral?.(value) === true;
}
