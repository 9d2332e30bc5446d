import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Telemetry } from '../telemetry.ts';
import { version } from '../version.ts';
import { createLog, type LogOptions } from './log.ts';
import { countEvent, createMetrics } from './metrics.ts';

export interface TelemetrySinks extends Telemetry {
  /** The metrics page in Prometheus' text format. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** A figure that is read when the page is. */
  gauge(name: string, help: string, read: () => number): void;
  /** Resolves when what is buffered is written. */
  flush(): Promise<void>;
}

/**
 * The two sinks of a running service: a JSON-lines log and Prometheus metrics.
 *
 * @example
 * const telemetry = createTelemetry({ logTo: 1, level: 'info' });
 * telemetry.report({ type: 'lifecycle', message: 'fovea serves on http://127.0.0.1:3000' });
 * await telemetry.flush();
 */
export function createTelemetry(options: LogOptions): TelemetrySinks {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'fovea_build_info',
    help: 'Always 1: which version of this program runs, on which Node.',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node: process.versions.node }, 1);
  const metrics = createMetrics(registry);
  const log = createLog(options);
  return {
    report(event) {
      countEvent(metrics, event);
      log.write(event);
    },
    metrics: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    gauge(name, help, read) {
      new Gauge({
        name: `fovea_${name}`,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    },
    flush: log.flush,
  };
}
