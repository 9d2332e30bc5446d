export { type Config, readConfig, rereadConfig } from './config.ts';
export { dialectsIn } from './dialects.ts';
export { type ConfigurationFile, configurationFileSchema, defaultLadder } from './file.ts';
export { isLoopback } from './loopback.ts';
export { environmentVariables } from './variables.ts';
