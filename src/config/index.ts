export { type Config, readConfig } from './config.ts';
export { type ConfigurationFile, defaultLadder } from './file.ts';
export { isLoopback } from './loopback.ts';
export { environmentVariables } from './variables.ts';
