import { Failure, isFailure } from '../failure.ts';
import { formatOfExtension } from '../formats.ts';
import { pathHint, reservedBeginning } from '../grammar/index.ts';
import { notFound, type Variants } from '../variants/index.ts';
import type { Asked, ImageQuestion, ImagesOptions } from './asked.ts';
import { isOriginalOpen, policyFor } from './authorise.ts';

/** Pages of ours that people ask for without the `/-/` before them. */
export const ownPages: readonly string[] = ['playground', 'demo', 'health', 'ready', 'metrics', 'openapi.json'];

interface Missing {
  readonly asked: Asked | undefined;
  readonly question: Pick<ImageQuestion, 'signal' | 'wasForwarded' | 'client'>;
  readonly options: Pick<ImagesOptions, 'grammar' | 'policy' | 'otherOriginals'> & {
    readonly variants: Pick<Variants, 'firstThere'>;
  };
}

/** The same failure; for what is not there with what may have been meant. Only what went wrong pays for it. */
export async function hinted(error: unknown, missing: Missing): Promise<unknown> {
  if (isFailure(error, 'not_found') && missing.asked?.unread !== undefined) return missing.asked.unread;
  if (isFailure(error, 'not_found') && missing.asked?.isSealed === true)
    return new Failure('not_found', 'Resource not found', { cause: error.cause });
  const key = missing.asked?.candidates[0]?.key;
  // The keys of originals on other hosts begin so: nobody has written those.
  if (!isFailure(error, 'not_found') || key === undefined || key.startsWith(reservedBeginning)) return error;
  const hint = await hintFor(error, key, missing);
  return new Failure('not_found', `${error.message}${hint}`, { cause: error.cause });
}

async function hintFor(error: Failure, key: string, missing: Missing): Promise<string> {
  if (error.message !== notFound(key).message)
    return isOfLayer(error) ? ', which a layer of the URL (l_, u_) names' : '';
  if (ownPages.includes(key)) return `. What is fovea's own lies under /-/: /-/${key}`;
  const hint = pathHint(key, missing.options.grammar);
  if (hint !== '') return hint;
  const near = await nearKey(key, missing);
  if (near !== undefined) return `. Case counts in keys: there is "${near}"`;
  return '. No original has this key: its folders, spelling and case count';
}

/** The picture itself is there. */
function isOfLayer({ message }: Failure): boolean {
  return message.startsWith(notFound('').message);
}

/** A key that differs in case only, of an original that whoever asks could have by that name alone. */
async function nearKey(key: string, { asked, question, options }: Missing): Promise<string | undefined> {
  const policy = policyFor(options.policy, question);
  const tried = new Set(asked?.candidates.map((candidate) => candidate.key));
  // Of what is no picture by its name nobody is told that it is there.
  if (!isPictureName(key, options.otherOriginals)) return undefined;
  const keys = caseVariants(key).filter((near) => !tried.has(near) && isOriginalOpen(near, policy));
  try {
    return await options.variants.firstThere(keys, question);
  } catch {
    // The picture is not there, whatever became of looking for others: what is wrong with the store is told elsewhere.
    return undefined;
  }
}

function isPictureName(key: string, otherExtensions: readonly string[]): boolean {
  const extension = key.slice(key.lastIndexOf('.') + 1).toLowerCase();
  return formatOfExtension(extension) !== undefined || otherExtensions.includes(extension);
}

/** In small letters, or with the extension in the other case (cameras write `.JPG`): a key without capitals is no slip. */
function caseVariants(key: string): readonly string[] {
  const lower = key.toLowerCase();
  if (key === lower) return [];
  const [, beginning = key, extension = ''] = /^(.*)(\.[^./]*)$/s.exec(key) ?? [];
  const other = extension === extension.toLowerCase() ? extension.toUpperCase() : extension.toLowerCase();
  return [...new Set([lower, `${beginning}${other}`])].filter((variant) => variant !== key);
}
