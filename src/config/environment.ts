import { nearest } from '../nearest.ts';
import { isServiceLink } from './service-links.ts';
import { type EnvironmentValues, environmentVariables, type Variable } from './variables.ts';

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

const variables: Readonly<Record<string, Variable>> = environmentVariables;

/** What was read, whatever is wrong with a part of it: the default stands where a value was refused. */
export interface ReadEnvironment {
  readonly values: EnvironmentValues;
  readonly problems: readonly string[];
  /** The names of those that were. */
  readonly refused: ReadonlySet<string>;
}

/** The environment as the table of variables reads it, and a problem for each that it refuses. */
export function readEnvironment(environment: Environment): ReadEnvironment {
  const data: Record<string, unknown> = {};
  const problems = [...unknownVariables(environment)];
  const refused = new Set<string>();
  for (const [name, { schema, fallback, isSecret, isAlsoLowerCase }] of Object.entries(variables)) {
    const given = (isAlsoLowerCase && environment[name.toLowerCase()]) || environment[name] || undefined;
    const result = schema.safeParse(given ?? fallback);
    data[name] = result.success ? result.data : schema.parse(fallback);
    if (result.success) continue;
    refused.add(name);
    const came = isSecret === true ? '' : `; came ${JSON.stringify(given)}`;
    problems.push(...result.error.issues.map(({ message }) => `${name}: ${message}${came}`));
  }
  return { values: namedValues(data), problems, refused };
}

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
    .map(([name]) => `${name}: no such variable${meantBy(name, known)}; see the table in docs/configuration.md`);
}

/** `PORT` and `HOST` are ours without the prefix, and written with it. */
function meantBy(name: string, known: readonly string[]): string {
  // What all begin with says nothing of which was meant.
  const [written = '', ...endings] = [name, ...known].map((one) => one.replace(/^FOVEA_/, ''));
  const meant = known[endings.indexOf(nearest(written, endings) ?? '')];
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}
