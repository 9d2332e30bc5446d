import { v7 } from 'uuid';
import { withDeadline } from '../../deadline.ts';
import { checkId, focusMetadata, type Point, saidMetadata } from '../../grammar/index.ts';
import type { ObjectInfo } from '../../storage/index.ts';
import { adminName } from '../batch/caller.ts';
import type { PublishedFile } from '../batch/records.ts';
import { openStaged, stage } from '../batch/staging.ts';
import { type CheckedFile, checkFile } from '../commit/check.ts';
import { visibleOriginals } from '../commit/visible.ts';
import { claimedType, type ReceiveParts } from '../receive/receive.ts';
import { publishTimeoutMs, tidyBatch } from '../sweep/take-back.ts';
import { mayReplace, putOver, type Replaceable } from './put-over.ts';

/** A picture that takes the place of an original, or comes where none is. */
export interface Replacement {
  readonly key: string;
  /** What the client says it is; a vague type is no claim. */
  readonly claim?: string | undefined;
  /** The focal point; what was said of the one before when absent. */
  readonly focus?: Point | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface ReplaceOptions {
  readonly over: Replaceable;
  readonly signal: AbortSignal;
}

export interface Replaced extends PublishedFile {
  /** There was an original before. */
  readonly wasThere: boolean;
}

/**
 * Checks a picture as every upload is, and puts it in the place of an original: whoever looks sees the old one or the new one.
 * Undefined when another is there than may be replaced. What was made of the one before is the caller's to purge. Failures:
 * those of an upload; `overloaded` when somebody else writes it at the same time.
 */
export async function replaceOriginal(
  parts: ReceiveParts,
  file: Replacement,
  { over, signal }: ReplaceOptions,
): Promise<Replaced | undefined> {
  checkId(file.key);
  const type = claimedType(parts, file.claim);
  const batch = v7({ msecs: parts.now() });
  // Before a byte is read, so that the usual refusal costs none; what is put later hangs on it.
  const seen = await visibleOriginals(parts).head(file.key, { signal, hereOnly: true });
  if (!mayReplace(seen, over)) return undefined;
  try {
    const place = { batch, index: 0, maxBytes: parts.maxBytes, signal };
    const staged = await parts.arrivals.run(adminName, signal, (pace) => stage(parts.store, pace.of(file.body), place));
    const promised = { key: file.key, ...(type !== undefined && { type }) };
    const checked = await checkFile(parts, promised, { staged, owner: adminName, signal });
    return await publishOver(parts, file, { seen, checked });
  } finally {
    await tidyBatch(parts, batch, 'pieces');
  }
}

interface PublishOver {
  readonly seen: ObjectInfo | undefined;
  readonly checked: CheckedFile;
}

/** From here on it goes to its end, whether its client stays or not. */
async function publishOver(
  { store, changed }: ReceiveParts,
  { key, focus }: Replacement,
  { seen, checked: { staged, ...facts } }: PublishOver,
): Promise<Replaced> {
  // What people have said of the one before stays.
  const said = { ...saidMetadata(seen?.metadata ?? {}), ...(focus === undefined ? {} : focusMetadata(focus)) };
  await withDeadline({ ms: publishTimeoutMs }, ({ signal }) => {
    const put = { size: facts.bytes, contentType: facts.type, metadata: said, signal };
    return putOver(store, key, { body: openStaged(store, staged, { signal }), seen, put });
  });
  await changed(key);
  return { key, ...facts, wasThere: seen !== undefined };
}
