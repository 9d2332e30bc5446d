export type { Exposure, Operations, OperatorSettings, Programs, Stores } from './operations.ts';
export { run } from './run.ts';
