import { isatty } from 'node:tty';
import type { Config } from '../config/index.ts';
import type { createTelemetry } from '../sinks/index.ts';

/** How the configuration wants it logged to a descriptor: in words where somebody looks on. */
export function logOptions(config: Config, logTo: 1 | 2): Parameters<typeof createTelemetry>[0] {
  const { logLevel: level, logFormat, logHealth: health, logsVisitors: tellsVisitors } = config;
  return { logTo, level, format: logFormat ?? (isatty(logTo) ? 'pretty' : 'json'), health, tellsVisitors };
}

/** The same for a command, which tells what it does in its answers: of the log only what went wrong. */
export function commandLogOptions(config: Config): Parameters<typeof createTelemetry>[0] {
  const options = logOptions(config, 2);
  return { ...options, level: options.level === 'info' ? 'warn' : options.level };
}
