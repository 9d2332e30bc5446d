export type { Consumer } from './consumer.ts';
export { openQueue, type Queue, type QueueWork } from './open.ts';
