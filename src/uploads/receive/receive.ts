import { v7 } from 'uuid';
import { Failure, isFailure } from '../../failure.ts';
import type { MediaType } from '../../formats.ts';
import type { Point } from '../../grammar/index.ts';
import { adminName } from '../batch/caller.ts';
import { checkKeys, makeKey } from '../batch/keys.ts';
import { claimedMediaType, isVague } from '../batch/media-types.ts';
import { type Manifest, maxFiles, type PromisedFile } from '../batch/records.ts';
import { type BatchReport, refusedReport } from '../batch/report.ts';
import { type StagedFile, stage } from '../batch/staging.ts';
import type { TicketToken } from '../batch/ticket.ts';
import type { CheckTurn } from '../commit/check.ts';
import { type CommitParts, commitStaged } from '../commit/commit.ts';
import { takeAllowance } from '../presign/allowance.ts';
import { tidyBatch } from '../sweep/take-back.ts';
import type { Arrivals } from './arrivals.ts';
import type { Pace } from './pace.ts';

/** A file that comes with the request; its body is read before the next one is asked for. */
export interface IncomingFile {
  readonly key?: string | undefined;
  /** What the client says it is; a vague type is no claim. */
  readonly claim?: string | undefined;
  /** The focal point, in shares of width and height. */
  readonly focus?: Point | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface ReceiveParts extends CommitParts {
  /** Why pictures of a type are not read here; undefined where they are. */
  readonly refusalOf: (type: MediaType) => Failure | undefined;
  /** Where bodies wait for each other. */
  readonly arrivals: Arrivals;
  /** Milliseconds for which one request brings the rest of a file, when it is another than usual. */
  readonly restMs?: number;
}

export interface ReceiveOptions {
  readonly owner?: string | undefined;
  /** The ticket it is sent with, against whose total it counts. */
  readonly ticket?: TicketToken | undefined;
  /** What Content-Length announces of the whole request; without it each file counts as the largest. */
  readonly bytes?: number | undefined;
  readonly signal: AbortSignal;
}

/** One request, one batch: all or nothing. Files stream through us, of each at most one piece is in memory. */
export async function receiveFiles(
  parts: ReceiveParts,
  files: AsyncIterable<IncomingFile>,
  options: ReceiveOptions,
): Promise<BatchReport> {
  const { owner, ticket, bytes = 0, signal } = options;
  await takeAllowance(parts.store, { batches: 1, bytes }, { ticket, signal });
  const turn = { owner: ticket?.ticket ?? owner ?? adminName, signal };
  const came = await parts.arrivals.run(turn.owner, signal, (pace) => stageAll(parts, files, { ...options, pace }));
  // Its slot is free for others: nothing of it is in memory while it waits to be checked.
  return 'published' in came ? came : commitReceived(parts, came, turn);
}

/** What has come of the files of a request. */
interface ReceivedBatch {
  readonly batch: string;
  /** Undefined: nobody comes back to it. */
  readonly owner: string | undefined;
  readonly promised: PromisedFile[];
  readonly staged: StagedFile[];
}

interface StageAllOptions extends ReceiveOptions {
  readonly pace: Pace;
}

/** The batch with all of its files, or the report on the one that could not be taken. */
async function stageAll(
  parts: ReceiveParts,
  files: AsyncIterable<IncomingFile>,
  options: StageAllOptions,
): Promise<ReceivedBatch | BatchReport> {
  const received: ReceivedBatch = { batch: v7({ msecs: parts.now() }), owner: options.owner, promised: [], staged: [] };
  try {
    for await (const file of options.pace.of(files)) await stageNext(parts, file, { ...options, received });
  } catch (error) {
    await tidyBatch(parts, received.batch, 'pieces');
    return refusedReceived(received, error);
  }
  if (received.promised.length > 0) return received;
  throw new Failure('invalid', 'No file came: expected at least one form field with a file.');
}

async function stageNext(
  parts: ReceiveParts,
  file: IncomingFile,
  options: StageAllOptions & { readonly received: ReceivedBatch },
): Promise<void> {
  const { received, ticket, bytes, pace, signal } = options;
  const { batch, owner, promised, staged } = received;
  const { maxBytes } = parts;
  if (promised.length === maxFiles) throw new Failure('invalid', `At most ${maxFiles} files are taken at once.`);
  const counted = { files: 1, bytes: bytes === undefined ? maxBytes : 0 };
  await takeAllowance(parts.store, counted, { ticket, signal });
  if (file.key !== undefined) checkKeys([...keysIn(received), file.key]);
  const index = promised.length;
  // Named after its batch, the key alone leads its owner back to it.
  const uuid = owner !== undefined && index === 0 ? batch : undefined;
  promised.push(selfPromised(parts, file, uuid));
  staged.push(await stage(parts.store, pace.of(file.body), { batch, index, maxBytes, signal }));
}

/** The last file that came is the one that was refused. Throws what is no refusal of a file. */
function refusedReceived(received: ReceivedBatch, error: unknown): BatchReport {
  const { batch, promised } = received;
  if (!isFailure(error) || isFailure(error, 'cancelled') || promised.length === 0) throw error;
  const results = promised.map((_, index) => (index === promised.length - 1 ? error : undefined));
  return refusedReport(batch, keysIn(received), results);
}

async function commitReceived(
  parts: ReceiveParts,
  { batch, owner, promised, staged }: ReceivedBatch,
  turn: CheckTurn,
): Promise<BatchReport> {
  const whose = owner === undefined ? {} : { owner };
  const manifest: Manifest = { batch, expires: parts.now(), atomic: true, automatic: true, files: promised, ...whose };
  try {
    const report = await commitStaged(parts, manifest, { staged, ...turn });
    if (!report.published) await tidyBatch(parts, batch, 'pieces');
    return report;
  } catch (error) {
    await tidyBatch(parts, batch, 'pieces');
    throw error;
  }
}

function keysIn({ promised }: ReceivedBatch): readonly string[] {
  return promised.map(({ key }) => key);
}

/** What a client says that a file is; undefined where it says nothing of use. Failure `unsupported` for what is not taken. */
export function claimedType(
  { refusalOf }: Pick<ReceiveParts, 'refusalOf'>,
  claim: string | undefined,
): MediaType | undefined {
  const type = claimedMediaType(claim);
  const refusal = type && refusalOf(type);
  if (refusal !== undefined) throw refusal;
  if (type !== undefined || isVague(claim)) return type;
  throw new Failure('unsupported', `The file is no picture that is taken: its type is ${claim?.slice(0, 100)}.`);
}

/** What a file that came without a promise is held to: what it says of itself, if it says anything. */
function selfPromised(parts: ReceiveParts, file: IncomingFile, uuid: string | undefined): PromisedFile {
  const type = claimedType(parts, file.claim);
  const promised = { ...(type !== undefined && { type }), ...(file.focus !== undefined && { focus: file.focus }) };
  if (file.key !== undefined) return { key: file.key, ...promised };
  return { key: makeKey(undefined, parts.now(), uuid), lacksExtension: true, ...promised };
}
