import { Failure } from '../failure.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { type ConfigurationFile, readConfigurationFile } from './file.ts';
import { isLoopback } from './loopback.ts';
import { type GivenSizes, type Machine, readMachine, sizesFor } from './machine.ts';
import { problemsTogether } from './together.ts';
import type { EnvironmentValues } from './variables.ts';

/** Everything the program was told, checked; rooms get their slice of it from `service`. */
export interface Config extends Omit<EnvironmentValues, keyof GivenSizes> {
  readonly memoryBytes: number;
  readonly renderers: number;
  /** Of all render processes together. */
  readonly renderMemoryBytes: number;
  /** What is in force; `unsignedGiven` is what was said. */
  readonly unsigned: NonNullable<EnvironmentValues['unsignedGiven']>;
  /** Others get to it: it listens to them, or a way by which they come is named. */
  readonly isReached: boolean;
  readonly file: ConfigurationFile;
  /** Where the file was read; undefined where there is none. */
  readonly readFrom: string | undefined;
}

/**
 * Reads the environment once; what it leaves open fits the machine. Throws one Failure (`invalid`) whose message lists every problem, a line each.
 *
 * @example
 * const config = readConfig({ ...process.env, HOST: '0.0.0.0' });
 * const options = { port: config.port, host: config.host };
 */
export function readConfig(environment: Environment, machine: Machine = readMachine()): Config {
  const { values, ...ofValues } = readEnvironment(environment);
  const { file, readFrom, ...ofFile } = readConfigurationFile(environment['FOVEA_CONFIG'] || undefined);
  const refused = new Set([...ofValues.refused, ...ofFile.refused]);
  const problems = [...ofValues.problems, ...ofFile.problems, ...problemsTogether(values, file, refused)];
  if (problems.length > 0) {
    throw new Failure('invalid', `The configuration has ${problems.length} problem(s):\n  ${problems.join('\n  ')}`);
  }
  const isReached = isReachedBy(values, file);
  return {
    ...values,
    ...sizesFor(values, machine),
    unsigned: values.unsignedGiven ?? (isReached ? 'ladder' : 'any'),
    isReached,
    file,
    readFrom,
  };
}

/**
 * The file anew, beside what else there was at the start. One that was there has to be there still: a policy is not to open
 * because a file was moved. Throws as `readConfig`.
 */
export function rereadConfig(environment: Environment, config: Config): Config {
  const { readFrom } = config;
  const again = readConfig({ ...environment, ...(readFrom !== undefined && { FOVEA_CONFIG: readFrom }) });
  const { file, unsigned, isReached } = again;
  return { ...config, file, unsigned, isReached, readFrom: again.readFrom };
}

/** By the address of the listener, or a way to one on any address that the operator has named. */
function isReachedBy({ host, cdn, trustedProxies }: EnvironmentValues, { publicUrl }: ConfigurationFile): boolean {
  const isPublic = publicUrl !== undefined && !isLoopback(new URL(publicUrl).hostname.replace(/^\[|\]$/g, ''));
  return !isLoopback(host) || isPublic || cdn !== 'none' || trustedProxies.length > 0;
}
