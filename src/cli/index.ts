export type {
  Exposure,
  OpenedVariants,
  Operations,
  OperatorSettings,
  Programs,
  Stores,
  WarmedVariants,
} from './operations.ts';
export { run } from './run.ts';
export type { Terminal } from './terminal.ts';
