import { withDeadline } from '../../deadline.ts';
import { Failure } from '../../failure.ts';
import { extensionOf, formatOfMediaType } from '../../formats.ts';
import type { SeenObject } from '../../storage/index.ts';
import type { PublishedFile } from '../batch/records.ts';
import { openStaged, type StagedFile } from '../batch/staging.ts';
import { type CheckTurn, checkFile } from '../commit/check.ts';
import type { CommitParts } from '../commit/commit.ts';
import { publishTimeoutMs } from '../sweep/take-back.ts';
import { putOver } from './put-over.ts';

export interface NamedReplacement {
  readonly staged: StagedFile;
  /** The key without the extension, which is that of the new file's format. */
  readonly stem: string;
  /** What was seen there: with another in its place nothing is written. */
  readonly over: SeenObject;
}

/**
 * Puts a staged file over an original once it is checked. Of another format it comes to lie beside what was seen, which the
 * caller then ends, as it purges what was made of it. Failures: of the check; `overloaded` when somebody else has written there
 * meanwhile.
 */
export async function replaceNamed(
  parts: CommitParts,
  { staged, stem, over }: NamedReplacement,
  turn: CheckTurn,
): Promise<PublishedFile> {
  const { store } = parts;
  const { staged: checked, ...facts } = await checkFile(parts, { key: stem }, { staged, ...turn });
  const key = `${stem}.${extensionOf(formatOfMediaType(facts.type))}`;
  const seen = await store.head(over.key, { signal: turn.signal });
  if (seen?.etag !== over.etag) throw new Failure('overloaded', `${over.key} was written by somebody else meanwhile.`);
  // What was begun is put whole, though its client leaves.
  await withDeadline({ ms: publishTimeoutMs }, ({ signal }) => {
    const put = { size: facts.bytes, contentType: facts.type, signal };
    const body = openStaged(store, checked, { signal });
    return putOver(store, key, { body, seen: key === over.key ? seen : undefined, put });
  });
  await parts.changed(key);
  return { key, ...facts };
}
