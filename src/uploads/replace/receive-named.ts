import { v7 } from 'uuid';
import { Failure, isFailure } from '../../failure.ts';
import { formatOfMediaType, type SourceFormat } from '../../formats.ts';
import { contentTypeOf, headBytes } from '../../image/index.ts';
import { readBody, type SeenObject } from '../../storage/index.ts';
import { checkKeys } from '../batch/keys.ts';
import type { Manifest, PublishedFile } from '../batch/records.ts';
import { type StagedFile, stage } from '../batch/staging.ts';
import { type CommitParts, commitStaged } from '../commit/commit.ts';
import type { ReceiveParts } from '../receive/receive.ts';
import { tidyBatch } from '../sweep/take-back.ts';
import { replaceNamed } from './replace-named.ts';

/** Where a file shall be published. */
export interface NamedPlace {
  /** Its key without the extension, which is that of its format. */
  readonly stem: string;
  /** What is there and shall be replaced; without it the key has to be free. */
  readonly over?: SeenObject | undefined;
  /** Of no other format. */
  readonly formats?: readonly SourceFormat[] | undefined;
}

/** One file whose name may be told behind it. */
export interface NamedFile {
  readonly body: AsyncIterable<Uint8Array>;
  /** Asked once the body was read to its end; undefined: it shall be nowhere. What it throws is the end of the upload. */
  readonly settle: () => Promise<NamedPlace | undefined>;
}

export interface ReceiveNamedOptions {
  /** Whose turn its body and its check take. */
  readonly owner: string;
  readonly signal: AbortSignal;
}

/**
 * Takes one file, which is staged before it is known where it goes and whether it may. Failures: as for every upload, of the
 * file itself too; `invalid` for a key that is taken, `overloaded` when what is to be replaced is written by somebody else.
 */
export async function receiveNamed(
  parts: ReceiveParts,
  file: NamedFile,
  { owner, signal }: ReceiveNamedOptions,
): Promise<PublishedFile | undefined> {
  const batch = v7({ msecs: parts.now() });
  const { maxBytes } = parts;
  const came = await parts.arrivals.run(owner, signal, async (pace) => {
    const staged = await stage(parts.store, pace.of(file.body), { batch, index: 0, maxBytes, signal });
    try {
      return { staged, place: await file.settle() };
    } catch (error) {
      await tidyBatch(parts, batch, 'pieces');
      throw error;
    }
  });
  const { staged, place } = came;
  try {
    return place && (await publishNamed(parts, { batch, staged, place }, { owner, signal }));
  } finally {
    await tidyBatch(parts, batch, 'pieces');
  }
}

interface CameNamed {
  readonly batch: string;
  readonly staged: StagedFile;
  readonly place: NamedPlace;
}

async function publishNamed(
  parts: CommitParts,
  { batch, staged, place: { stem, over, formats } }: CameNamed,
  turn: ReceiveNamedOptions,
): Promise<PublishedFile> {
  checkKeys([stem]);
  if (formats !== undefined) await checkFormat(parts, staged, { formats, signal: turn.signal });
  if (over !== undefined) return replaceNamed(parts, { staged, stem, over }, turn);
  const files = [{ key: stem, lacksExtension: true }];
  const manifest: Manifest = { batch, expires: parts.now(), atomic: true, automatic: true, files };
  const { files: reports } = await commitStaged(parts, manifest, { staged: [staged], ...turn });
  const [report] = reports;
  if (report?.status === 'published') return report;
  throw report?.status === 'refused' && isFailure(report.failure)
    ? report.failure
    : new Error('one file has one report');
}

/** By its first bytes: what is not meant to come in is not decoded for it. */
async function checkFormat(
  { store }: CommitParts,
  { pieces: [first] }: StagedFile,
  { formats, signal }: { readonly formats: readonly SourceFormat[]; readonly signal: AbortSignal },
): Promise<void> {
  const head = first && (await store.get(first.key, { range: { start: 0, end: headBytes }, signal }));
  const bytes = head && (await readBody(head, { maxBytes: headBytes, signal }));
  const type = bytes && contentTypeOf(bytes);
  const format = type === undefined ? undefined : formatOfMediaType(type);
  if (format !== undefined && formats.includes(format)) return;
  throw new Failure('unsupported', `Image file format ${format ?? 'unknown'} not allowed.`);
}
