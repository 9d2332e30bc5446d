import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Telemetry, TelemetryEvent } from '../telemetry.ts';
import { version } from '../version.ts';
import { createLog, type LogOptions } from './log.ts';
import { countEvent, createMetrics } from './metrics.ts';
import type { OpenTelemetryStart } from './open-telemetry/open-telemetry.ts';

export interface TelemetrySinks extends Telemetry {
  /** The metrics page in Prometheus' text format. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** A figure that is read when the page is. */
  gauge(name: string, help: string, read: () => number): void;
  /** Resolves when what is buffered is written. */
  flush(): Promise<void>;
}

/**
 * The sinks of a running service: a log and Prometheus metrics, and OpenTelemetry where it was started.
 *
 * @example
 * const telemetry = createTelemetry({ logTo: 1, level: 'info' });
 * telemetry.report({ type: 'lifecycle', message: 'fovea serves on http://127.0.0.1:3000' });
 * await telemetry.flush();
 */
export function createTelemetry(options: LogOptions, started: OpenTelemetryStart = {}): TelemetrySinks {
  const { openTelemetry, problem } = started;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'fovea_build_info',
    help: 'Always 1: which version of this program runs, on which Node.',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node: process.versions.node }, 1);
  const metrics = createMetrics(registry);
  const log = createLog(options, openTelemetry?.records);
  if (problem !== undefined) log.write({ type: 'warning', message: problem });
  return {
    tracing: openTelemetry?.tracing,
    report(event) {
      countEvent(metrics, event);
      openTelemetry?.report(options.tellsVisitors === false ? withoutVisitor(event) : event);
      log.write(event);
    },
    metrics: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    gauge(name, help, read) {
      openTelemetry?.gauge(name, help, read);
      new Gauge({
        name: `fovea_${name}`,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    },
    async flush() {
      await Promise.all([log.flush(), openTelemetry?.flush()]);
    },
  };
}

function withoutVisitor(event: TelemetryEvent): TelemetryEvent {
  return event.type === 'request' ? { ...event, visitor: undefined } : event;
}
