import { unlessAborted } from '../../deadline.ts';
import { probeTransform } from '../plan/own-transforms.ts';
import { type PlanLimits, planAlone } from '../plan/plan.ts';
import { interrupted } from '../processes/loss.ts';
import type { Pool } from '../processes/pool.ts';
import { renderedOf } from './rendered.ts';

/** A GIF of one pixel: the shortest file that goes through the whole of inspecting, decoding and encoding. */
const pixel = Buffer.from('R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=', 'base64');

/** Renders something tiny; rejects when that does not work. */
export async function probe(pool: Pool, limits: PlanLimits, signal: AbortSignal): Promise<void> {
  const { format, job, payloads } = await planAlone(pixel, probeTransform, limits);
  // It takes next to nothing, and must tell about rendering, not about room.
  const outcome = await unlessAborted(pool.run({ job, payloads, memoryBytes: 0, signal, rank: 'first' }), signal);
  if (outcome.how !== 'answered') throw interrupted();
  renderedOf(outcome, format);
}
