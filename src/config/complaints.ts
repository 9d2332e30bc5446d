import type { z } from 'zod';
import { nearest } from '../nearest.ts';

/** What is wrong, in words that name what would be right; `knownKeys` are those of the file's objects, by where in it. */
export function complaintOf(issue: z.core.$ZodIssue, knownKeys: Readonly<Record<string, readonly string[]>>): string {
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => message).join('; ');
  if (issue.code !== 'unrecognized_keys') return issue.message;
  const known = knownKeys[issue.path.join('.')] ?? [];
  return `there is no ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}${suggestionFor(issue.keys[0], known)}; expected ${known.join(', ')}`;
}

/** The known word that was probably meant, as the end of a sentence. */
function suggestionFor(written: string | undefined, known: Iterable<string>): string {
  const meant = written === undefined ? undefined : nearest(written, known);
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}
