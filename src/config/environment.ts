import { z } from 'zod';
import { nearest } from '../grammar/index.ts';
import { isServiceLink } from './service-links.ts';
import { type EnvironmentValues, environmentVariables, type Variable } from './variables.ts';

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

const variables: Readonly<Record<string, Variable>> = environmentVariables;

/** The environment as the table of variables reads it; undefined values, and a problem for each that it refuses. */
export function readEnvironment(environment: Environment): {
  readonly values: EnvironmentValues | undefined;
  readonly problems: readonly string[];
} {
  const input: Record<string, string | undefined> = {};
  for (const [name, { fallback }] of Object.entries(variables)) {
    const given = environment[name];
    input[name] = given === undefined || given === '' ? fallback : given;
  }
  const unknown = unknownVariables(environment);
  const result = schema.safeParse(input);
  if (result.success) return { values: namedValues(result.data), problems: unknown };
  const refused = result.error.issues.map((issue) => {
    const name = issue.path.join('.');
    const came = variables[name]?.isSecret === true ? '' : `; came ${JSON.stringify(input[name])}`;
    return `${name}: ${issue.message}${came}`;
  });
  return { values: undefined, problems: [...unknown, ...refused] };
}

const schema = z.object(
  Object.fromEntries(Object.entries(variables).map(([name, variable]) => [name, variable.schema])),
);

function namedValues(data: Readonly<Record<string, unknown>>): EnvironmentValues {
  // Each was parsed by the schema that its type is inferred from.
  return Object.fromEntries(Object.entries(variables).map(([name, { as }]) => [as, data[name]])) as EnvironmentValues;
}

/** A slip of the pen would otherwise go unnoticed: the default would hold. */
function unknownVariables(environment: Environment): readonly string[] {
  const known = Object.keys(variables);
  return Object.entries(environment)
    .filter(([name]) => name.startsWith('FOVEA_') && !known.includes(name))
    .filter(([name, value = '']) => !isServiceLink(name, value))
    .map(([name]) => `${name}: no such variable${meantBy(name, known)}; see the README's table`);
}

/** `PORT` and `HOST` are ours without the prefix, and written with it. */
function meantBy(name: string, known: readonly string[]): string {
  const prefixed = known.map((one) => (one.startsWith('FOVEA_') ? one : `FOVEA_${one}`));
  const meant = known[prefixed.indexOf(nearest(name, prefixed) ?? '')];
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}
