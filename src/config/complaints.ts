import type { z } from 'zod';
import { nearest } from '../nearest.ts';

type Shape = z.core.JSONSchema.BaseSchema;

/** What is wrong, in words that name what would be right; `schema` is that of the whole file. */
export function complaintOf(issue: z.core.$ZodIssue, schema: Shape): string {
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => message).join('; ');
  if (issue.code !== 'unrecognized_keys') return issue.message;
  const known = keysAt(issue.path, schema);
  return `there is no ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}${suggestionFor(issue.keys[0], known)}; expected ${known.join(', ')}`;
}

/**
 * Where something may have several forms, what is wrong with the one that was meant: an object or a list is right as such,
 * and a part of it is not.
 */
export function issuesOfMeant(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.find((form) =>
    form.every(({ code, path }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  if (meant === undefined) return [issue];
  return meant.flatMap((part) => issuesOfMeant({ ...part, path: [...issue.path, ...part.path] }));
}

/** The keys that an object may have there. */
function keysAt(path: readonly PropertyKey[], schema: Shape): readonly string[] {
  let shapes = formsOf(schema);
  for (const key of path) shapes = shapes.flatMap((shape) => partsOf(shape, key));
  return shapes.flatMap(({ properties = {} }) => Object.keys(properties));
}

function partsOf({ properties = {}, additionalProperties, items = [] }: Shape, key: PropertyKey): readonly Shape[] {
  if (typeof key === 'number') return [items].flat().flatMap(formsOf);
  return formsOf(properties[String(key)] ?? additionalProperties);
}

function formsOf(shape: Shape | boolean | undefined): readonly Shape[] {
  if (typeof shape !== 'object') return [];
  return shape.anyOf === undefined ? [shape] : shape.anyOf.flatMap(formsOf);
}

/** The known word that was probably meant, as the end of a sentence. */
function suggestionFor(written: string | undefined, known: Iterable<string>): string {
  const meant = written === undefined ? undefined : nearest(written, known);
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}
