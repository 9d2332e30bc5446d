import { Failure } from '../failure.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { type ConfigurationFile, readConfigurationFile } from './file.ts';
import { isLoopback } from './loopback.ts';
import { problemsTogether } from './together.ts';
import { megabyte } from './values.ts';
import type { EnvironmentValues } from './variables.ts';

/** Everything the program was told, checked; rooms get their slice of it from `service`. */
export interface Config extends Omit<EnvironmentValues, 'renderMemoryBytes'> {
  /** Of all render processes together. */
  readonly renderMemoryBytes: number;
  /** What is in force; `unsignedGiven` is what was said. */
  readonly unsigned: NonNullable<EnvironmentValues['unsignedGiven']>;
  readonly file: ConfigurationFile;
}

/**
 * Reads the environment once. Throws one Failure (`invalid`) whose message lists every problem, a line each.
 *
 * @example
 * const config = readConfig({ ...process.env, HOST: '0.0.0.0' });
 * const options = { port: config.port, host: config.host };
 */
export function readConfig(environment: Environment): Config {
  const { values, ...ofValues } = readEnvironment(environment);
  const { file, ...ofFile } = readConfigurationFile(environment['FOVEA_CONFIG'] || undefined);
  const refused = new Set([...ofValues.refused, ...ofFile.refused]);
  const problems = [...ofValues.problems, ...ofFile.problems, ...problemsTogether(values, file, refused)];
  if (problems.length > 0) {
    throw new Failure('invalid', `The configuration has ${problems.length} problem(s):\n  ${problems.join('\n  ')}`);
  }
  const { renderers, renderMemoryBytes, unsignedGiven } = values;
  return {
    ...values,
    renderMemoryBytes: renderMemoryBytes ?? Math.max(1024, 512 * renderers) * megabyte,
    unsigned: unsignedGiven ?? (isLoopback(values.host) && !isReached(values, file) ? 'any' : 'ladder'),
    file,
  };
}

/** The operator has named a way by which others reach a listener, whatever address it has. */
function isReached({ cdn, trustedProxies }: EnvironmentValues, { publicUrl }: ConfigurationFile): boolean {
  const isPublic = publicUrl !== undefined && !isLoopback(new URL(publicUrl).hostname.replace(/^\[|\]$/g, ''));
  return isPublic || cdn !== 'none' || trustedProxies.length > 0;
}
