export type { QueueAddress } from './client.ts';
export type { Consumer } from './consumer.ts';
export type { Message, MessageHandler } from './message-handler.ts';
export { openQueue, type Queue, type QueueWork } from './open.ts';
