import type { Context } from './command.ts';
import type { Operations } from './operations.ts';

/** Stays until the edge is purged once more, where no queue does that. */
export async function purgeEdgeAgain(operations: Operations, { output, signal }: Context): Promise<void> {
  const dueMs = operations.secondPurgeDueMs();
  if (dueMs === undefined) return;
  output.note(`The CDN is purged once more in ${Math.ceil(dueMs / 1000)} s, when every server has noticed (--no-wait)`);
  await operations.purgeEdgeAgain(signal);
}
