import { Counter, Histogram, type Registry } from 'prom-client';
import type { TelemetryEvent } from '../telemetry.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/** Every figure of the metrics page that events move. */
export function createMetrics(registry: Registry) {
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `fovea_${name}`, help, labelNames, registers: [registry] });
  const histogram = (name: string, help: string, labelNames: string[], buckets: number[]) =>
    new Histogram({ name: `fovea_${name}`, help, labelNames, buckets, registers: [registry] });
  const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
  return {
    requests: counter('requests_total', 'Requests by route and status.', ['route', 'status']),
    requestSeconds: histogram('request_seconds', 'Time until the answer was ready.', ['route'], [0.001, ...seconds]),
    bytesOut: counter('response_bytes_total', 'Bytes of answers.'),
    bytesIn: counter('original_bytes_total', 'Bytes of originals fetched.'),
    fetchSeconds: histogram('original_fetch_seconds', 'Time to fetch an original.', [], seconds),
    tierHits: counter('tier_hits_total', 'Where variants came from.', ['tier']),
    tierFaults: counter('tier_faults_total', 'Store operations that failed.', ['tier', 'operation']),
    renderSeconds: histogram('render_seconds', 'Time inside a render process.', ['format'], seconds),
    renderWaitSeconds: histogram('render_wait_seconds', 'Time waiting for a render process.', [], seconds),
    renderedBytes: counter('rendered_bytes_total', 'Bytes of rendered variants.', ['format']),
    storedBytes: counter('stored_bytes_total', 'Bytes written to the variants store.'),
    stored: counter('stored_total', 'Variants written to the variants store.'),
    evictions: counter('memory_evictions_total', 'Variants that left the memory tier for want of room.'),
    refusals: counter('refusals_total', 'Requests refused before any work.', ['reason']),
    processes: counter('render_process_events_total', 'Starts, recycling, kills and deaths of render processes.', [
      'event',
    ]),
    poisons: counter('poisons_total', 'Originals remembered as poison.'),
    purges: counter('purges_total', 'Purges done.'),
    purgedVariants: counter('purged_variants_total', 'Stored variants deleted by purges.'),
    messages: counter('queue_messages_total', 'Messages of the queue, by what became of them.', ['outcome']),
    bugs: counter('bugs_total', 'Errors that nobody expected.'),
  };
}

/** Moves the figures that an event is about. */
export function countEvent(metrics: Metrics, event: TelemetryEvent): void {
  switch (event.type) {
    case 'request':
      metrics.requests.inc({ route: event.route, status: event.status });
      metrics.requestSeconds.observe({ route: event.route }, event.durationMs / 1000);
      metrics.bytesOut.inc(event.bytes);
      break;
    case 'tier-hit':
      metrics.tierHits.inc({ tier: event.tier });
      break;
    case 'tier-fault':
      metrics.tierFaults.inc({ tier: event.tier, operation: event.operation });
      break;
    case 'stored':
      metrics.stored.inc();
      metrics.storedBytes.inc(event.bytes);
      break;
    case 'evicted':
      metrics.evictions.inc();
      break;
    case 'fetched':
      metrics.fetchSeconds.observe(event.durationMs / 1000);
      metrics.bytesIn.inc(event.bytes);
      break;
    case 'refused':
      metrics.refusals.inc({ reason: event.reason });
      break;
    case 'rendered':
      metrics.renderSeconds.observe({ format: event.format }, event.renderMs / 1000);
      metrics.renderWaitSeconds.observe(event.waitMs / 1000);
      metrics.renderedBytes.inc({ format: event.format }, event.outputBytes);
      break;
    case 'render-process':
      metrics.processes.inc({ event: event.event });
      break;
    case 'poison':
      metrics.poisons.inc();
      break;
    case 'purged':
      metrics.purges.inc();
      metrics.purgedVariants.inc(event.variantsDeleted);
      break;
    case 'message':
      metrics.messages.inc({ outcome: event.outcome });
      break;
    case 'bug':
      metrics.bugs.inc();
      break;
    case 'audit':
    case 'lifecycle':
    case 'warning':
      break;
  }
}
