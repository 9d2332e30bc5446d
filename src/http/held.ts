import type { Delivered } from '../variants/index.ts';
import type { Answer } from './answer.ts';
import type { Asked, ImageQuestion, ImagesOptions } from './asked.ts';
import { heldTag, type Names } from './conditions.ts';
import { cacheTags, keepingOf, lastModifiedField } from './headers.ts';

/** What each step after the first is handed: who asks, what that comes to, and what it is answered with. */
export interface ImageStep {
  readonly question: ImageQuestion;
  readonly asked: Asked;
  readonly options: ImagesOptions;
}

/** What an answer shows: of which originals, as of when, and whether a purge has overtaken it. */
export type Shown = Pick<Delivered, 'lastModified' | 'sources' | 'isCurrent' | 'standsIn'>;

/** The 304 for a client that has what would be shown, by one of these names. */
export function answerHeld({ question, options }: ImageStep, names: Names, shown: Shown): Answer | undefined {
  const held = heldTag(question, names);
  return held === undefined ? undefined : notModified(held, shown, options);
}

export function notModified(etag: string, shown: Shown, options: ImagesOptions): Answer {
  return { status: 304, headers: validators(etag, shown, options), body: null, tier: 'unchanged' };
}

/** By what a client may later ask whether it still has the same, how long it need not, and an operator have it forgotten. */
export function validators(etag: string, shown: Shown, options: ImagesOptions): Record<string, string> {
  const { lastModified, sources } = shown;
  return {
    ETag: etag,
    'Last-Modified': lastModifiedField(lastModified, Date.now()),
    'Cache-Control': keepingOf(shown, options.cacheControl),
    'X-Amz-Meta-Cache-Tag': cacheTags(sources),
  };
}
