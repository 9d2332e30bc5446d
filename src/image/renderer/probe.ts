import { unlessAborted } from '../../deadline.ts';
import { probeTransform } from '../plan/own-transforms.ts';
import { type PlanLimits, planAlone } from '../plan/plan.ts';
import { interrupted } from '../processes/loss.ts';
import type { Pool } from '../processes/pool.ts';
import { renderedOf } from './rendered.ts';

/** A GIF of one pixel: the shortest file that goes through the whole of inspecting, decoding and encoding. */
const pixel = Buffer.from('R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=', 'base64');

/**
 * Renders something tiny; rejects when that does not work. When no process came to it before the signal fires, that tells
 * about the load: it works as long as what is drawn ends, and only when nothing does it rejects.
 */
export async function probe(pool: Pool, limits: PlanLimits, signal: AbortSignal): Promise<void> {
  const { format, job, payloads } = await planAlone(pixel, probeTransform, limits);
  // It takes next to nothing, and must tell about rendering, not about room.
  let hasBegun = false;
  const onBegun = () => {
    hasBegun = true;
  };
  const request = { job, payloads, memoryBytes: 0, signal, rank: 'first', onBegun } as const;
  const outcome = await unlessAborted(pool.run(request), signal).catch((error: unknown) => {
    if (signal.aborted && !hasBegun && pool.isBusy()) return undefined;
    throw error;
  });
  if (outcome === undefined) return;
  if (outcome.how !== 'answered') throw interrupted();
  renderedOf(outcome, format);
}
