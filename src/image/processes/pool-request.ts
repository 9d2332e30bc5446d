import type { Claim } from '../../shares.ts';
import type { RenderJob } from '../protocol/job.ts';
import type { Loss } from './loss.ts';
import type { Answered } from './render-process-handle.ts';

/** One render: the job, its bytes, and who waits for it. */
export interface PoolRequest {
  readonly job: RenderJob;
  /** In the order in which the job names them. */
  readonly payloads: readonly Uint8Array[];
  /** Bytes it may take beside what its process takes idle. */
  readonly memoryBytes: number;
  /** How long it may take, of which the line knows whether to have an original decoded twice. By default unknown. */
  readonly work?: WorkEstimate | undefined;
  /** Whose it is: by default nobody's. */
  readonly claim?: Claim | undefined;
  /** Its place among those that wait: `usual` by default. */
  readonly rank?: Rank;
  /** Stops it, whether it waits or has begun. */
  readonly signal: AbortSignal;
  /** Nobody waits for it any more: it leaves the line. What has begun is finished. By default `signal`. */
  readonly abandoned?: AbortSignal | undefined;
  /** A process draws it now. */
  readonly onBegun?: (() => void) | undefined;
  /** Asked when its turn has come. False: it goes on waiting. Throws the Failure with which it is refused. */
  readonly mayBegin?: () => boolean;
}

/** Milliseconds of CPU that a render may take, rather too many than too few. */
export interface WorkEstimate {
  readonly decodingMs: number;
  readonly restMs: number;
}

/** Before all that wait, by the turns of clients and originals, or when nobody else waits. */
export type Rank = 'first' | 'usual' | 'last';

export interface PoolResult extends Answered {
  readonly how: 'answered';
  /** Milliseconds until a process was free. */
  readonly waitMs: number;
  /** Milliseconds from handing the job over to having the answer. */
  readonly renderMs: number;
}

/** What became of a render: an answer, or its process was lost. */
export type PoolOutcome = PoolResult | Loss;
