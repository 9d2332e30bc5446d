import type { Telemetry } from '../telemetry.ts';
import type { AppContext } from './context.ts';

/** What somebody with a credential may change, in the words of the log. */
export type Act =
  | 'purge'
  | 'set a focal point'
  | 'set an alt text'
  | 'delete an original'
  | 'change originals'
  | 'replace an original'
  | 'restore an original'
  | 'give out a ticket'
  | 'sign uploads'
  | 'begin an upload'
  | 'receive a file'
  | 'publish a batch'
  | 'abort a batch'
  | 'take an upload back'
  | 'rename an original'
  | 'tell of an original';

/** Something that was done, and by whom. */
export interface Done {
  readonly act: Act;
  /** `admin`, the id of a ticket, the name of a key: what names a token and does not give it away. */
  readonly who: string;
  /** The address that it was asked from. */
  readonly from: string;
}

/** To be called by an answer that has changed something: how many originals, files, batches or tickets. */
export function noteChanged(c: AppContext, count: number): void {
  c.set('changed', (c.get('changed') ?? 0) + count);
}

/**
 * Leaves one line of what is done on somebody's behalf, done or failed. What succeeds and has noted no change, such as a
 * chunk in the midst of a file, leaves none.
 */
export async function audited(
  c: AppContext,
  { who, ...done }: Omit<Done, 'who'> & { readonly who: () => string },
  { answer, telemetry }: { readonly answer: () => Response | Promise<Response>; readonly telemetry: Telemetry },
): Promise<Response> {
  let hasFailed = true;
  try {
    const response = await answer();
    hasFailed = response.status >= 400;
    return response;
  } finally {
    const report = () => reportDone(c, { ...done, who: who() }, { hasFailed, telemetry });
    const goesOn = c.get('goesOn');
    if (goesOn === undefined) report();
    else void goesOn.then(report);
  }
}

interface HowItEnded {
  readonly hasFailed: boolean;
  readonly telemetry: Telemetry;
}

function reportDone(c: AppContext, done: Done, { hasFailed, telemetry }: HowItEnded): void {
  const count = c.get('changed');
  if (!hasFailed && count === undefined) return;
  const outcome = hasFailed ? 'failed' : 'done';
  telemetry.report({ type: 'audit', ...done, count: count ?? 0, outcome, requestId: c.get('requestId') });
}
