import { Failure } from '../../failure.ts';
import { type GrammarOptions, grammarAt, hasControlCharacter, keysMeant } from '../../grammar/index.ts';
import { isCacheTag } from '../identify/identity.ts';

/** What shall be purged: everything made of the originals that any of these names. */
export interface PurgeRequest {
  /** Keys of originals. */
  readonly keys?: readonly string[];
  /** What the keys of originals begin with. */
  readonly prefixes?: readonly string[];
  /** `o:…` as answers carry them. */
  readonly tags?: readonly string[];
  /** Public URLs, or the path and query of them: each stands for every original that may ever have answered it. */
  readonly urls?: readonly string[];
  /** Counts, and changes nothing. */
  readonly dryRun?: boolean;
}

/** The request with its URLs read: what is left names originals. Failures: `invalid` for what nothing can be named by. */
export interface PurgeTargets {
  /** Not all of them need be there. */
  readonly keys: readonly string[];
  readonly prefixes: readonly string[];
  readonly tags: readonly string[];
}

export function readPurgeRequest(request: PurgeRequest, grammar: GrammarOptions): PurgeTargets {
  const { keys = [], prefixes = [], tags = [], urls = [] } = request;
  if (keys.length + prefixes.length + tags.length + urls.length === 0) {
    throw new Failure('invalid', 'The purge names nothing: expected keys, prefixes, tags or urls.');
  }
  if ([...keys, ...prefixes].includes('')) {
    throw new Failure('invalid', 'A key or prefix of the purge is empty: expected at least one character.');
  }
  const unnameable = [...keys, ...prefixes].find((key) => hasControlCharacter(key) || /\p{Surrogate}/u.test(key));
  if (unnameable !== undefined) {
    throw new Failure(
      'invalid',
      `No original is called so: ${JSON.stringify(unnameable.slice(0, 64))}; expected no control character.`,
    );
  }
  const bad = tags.find((tag) => !isCacheTag(tag));
  if (bad !== undefined) {
    throw new Failure('invalid', `Not a tag of ours: expected "o:" and 32 characters, got "${bad.slice(0, 64)}".`);
  }
  // What answers for a picture that is missing answers no longer once it is there: a cache may hold either.
  const candidates = urls.flatMap((url) => keysMeant(targetOf(url), grammarAt(grammar, hostOf(url))));
  return { keys: [...new Set([...keys, ...candidates])], prefixes, tags: [...new Set(tags)] };
}

/** Undefined for a path alone. */
function hostOf(url: string): string | undefined {
  return /^https?:\/\/([^/?#]*)/i.exec(url)?.[1];
}

/** Path and query as they stand in a URL: a URL parser would normalise what the grammar reads raw. */
function targetOf(url: string): string {
  const target = url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/#.*$/s, '');
  return target === '' ? '/' : target;
}
