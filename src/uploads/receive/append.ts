import { adminName, type Caller } from '../batch/caller.ts';
import { openBatch } from '../batch/open.ts';
import type { Manifest } from '../batch/records.ts';
import type { BatchReport } from '../batch/report.ts';
import { findStaged, gapless, stagePiece } from '../batch/staging.ts';
import { commitArrived } from '../commit/commit.ts';
import { knownLength, type PlacedBody, pacedBody } from './place.ts';
import type { ReceiveParts } from './receive.ts';

/** A body that goes on with a promised file where others have ended. */
export interface AppendedBody extends PlacedBody {
  readonly offset: number;
}

/** Bytes of a promised file from an offset on; the report once all are there. Failures: as for a whole body. */
export async function appendBody(
  parts: ReceiveParts,
  appended: AppendedBody,
  { batch, ...caller }: Caller & { readonly batch: string },
): Promise<BatchReport | undefined> {
  const manifest = await openBatch(parts, batch, caller);
  const { owner = adminName, signal } = caller;
  const isWhole = await parts.arrivals.run(owner, signal, (pace) =>
    stageAppended(parts, { ...appended, body: pacedBody(appended, pace) }, { manifest, signal }),
  );
  return isWhole ? commitArrived(parts, batch, caller) : undefined;
}

/** Bytes of a promised file that have arrived without a gap. */
export async function arrivedBytes(parts: ReceiveParts, batch: string, caller: Caller): Promise<number> {
  await openBatch(parts, batch, caller);
  return gapless(await findStaged(parts.store, { batch, index: 0 }, { signal: caller.signal }));
}

/** True when the whole file is there. */
async function stageAppended(
  { store }: ReceiveParts,
  appended: AppendedBody,
  { manifest, signal }: { readonly manifest: Manifest; readonly signal: AbortSignal },
): Promise<boolean> {
  const { offset, body } = appended;
  const place = { batch: manifest.batch, index: 0 };
  const maxBytes = manifest.files[0]?.bytes ?? 0;
  const size = knownLength(appended, maxBytes - offset);
  if (size > 0) await stagePiece(store, body, { ...place, at: offset, size, maxBytes, signal });
  else body.resume();
  return gapless(await findStaged(store, place, { signal })) >= maxBytes;
}
