export {
  type Config,
  type ConfigurationFile,
  defaultLadder,
  environmentVariables,
  isLoopback,
  readConfig,
} from './config.ts';
