import { type Stack, Tags } from 'aws-cdk-lib';
import { createCompute } from './compute.ts';
import { createDelivery } from './delivery.ts';
import { createEvents } from './events.ts';
import { createObservability } from './observability.ts';
import type { Parameters } from './parameters.ts';
import { createStorage } from './storage.ts';

/** All of it, box by box, in the order in which one needs the other. */
export function createFovea(stack: Stack, parameters: Parameters): void {
  const storage = createStorage(stack, parameters);
  const events = createEvents(stack, storage.originals);
  const compute = createCompute(stack, storage, events, parameters);
  const { origin, takesUploads, signals } = compute;
  const distribution = createDelivery(stack, { origin, takesUploads, logs: storage.logs }, parameters);
  compute.servedBy(distribution);
  createObservability(stack, { signals, events, distribution }, parameters);
  Tags.of(stack).add('application', 'fovea');
}
