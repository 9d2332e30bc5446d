import { destination, pino, stdTimeFunctions } from 'pino';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What the rooms tell about themselves. Logic reports typed events; only sinks write. No secrets, no signed URLs. */
export type TelemetryEvent =
  | {
      readonly type: 'request';
      readonly requestId: string;
      readonly method: string;
      /** One of a fixed few names: it is a metrics label. */
      readonly route: string;
      /** The path without query and signature. */
      readonly path: string;
      readonly status: number;
      readonly bytes: number;
      readonly durationMs: number;
      readonly detail?: string;
    }
  | { readonly type: 'bug'; readonly requestId?: string; readonly where: string; readonly error: unknown }
  | { readonly type: 'tier-hit'; readonly tier: 'memory' | 'store' | 'render' | 'collapsed' }
  | {
      readonly type: 'tier-fault';
      readonly tier: 'originals' | 'variants' | 'edge' | 'queue';
      readonly operation: string;
      readonly error: unknown;
    }
  | { readonly type: 'stored'; readonly bytes: number; readonly durationMs: number }
  | { readonly type: 'evicted'; readonly bytes: number }
  | { readonly type: 'fetched'; readonly bytes: number; readonly durationMs: number }
  | { readonly type: 'refused'; readonly reason: 'queue-full' | 'sending-full' }
  /** By the room that draws, and by no other: each render is counted once. */
  | {
      readonly type: 'rendered';
      readonly format: string;
      readonly inputBytes: number;
      readonly outputBytes: number;
      readonly waitMs: number;
      readonly renderMs: number;
    }
  | {
      readonly type: 'render-process';
      readonly event: 'started' | 'recycled' | 'killed-deadline' | 'killed-cancelled' | 'died';
      readonly pid: number | undefined;
      readonly detail?: string;
    }
  | {
      readonly type: 'purged';
      readonly originals: number;
      readonly variantsDeleted: number;
      readonly memoryEvicted: number;
    }
  /** What became of a message of the queue; `unreadable` ones are left for the dead-letter queue. */
  | {
      readonly type: 'message';
      readonly outcome: 'done' | 'dropped' | 'retried' | 'unreadable';
      readonly error?: unknown;
    }
  | { readonly type: 'poison'; readonly fingerprint: string }
  /** What somebody with the admin token or a ticket has done, or tried to. */
  | {
      readonly type: 'audit';
      readonly requestId: string;
      readonly act: string;
      /** `admin`, or a ticket's id. */
      readonly who: string;
      /** The address that it was asked from. */
      readonly from: string;
      /** Of whatever the act is about: originals, files, batches, tickets. */
      readonly count: number;
      readonly outcome: 'done' | 'failed';
    }
  | { readonly type: 'lifecycle'; readonly message: string }
  /** What an operator should change, or have meant. */
  | { readonly type: 'warning'; readonly message: string };

/** Where events go. Never throws, never blocks. */
export interface Telemetry {
  report(event: TelemetryEvent): void;
}

/** For callers that want no telemetry (tests, one-shot commands). */
export const silentTelemetry: Telemetry = { report: () => undefined };

/** Faults of one kind are logged once a minute, with how many there were: an outage must not fill the disk. */
const faultLogIntervalMs = 60_000;

export interface TelemetrySinks extends Telemetry {
  /** The metrics page in Prometheus' text format. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** A figure that is read when the page is. */
  gauge(name: string, help: string, read: () => number): void;
  /** Writes out what is buffered. */
  flush(): void;
}

export interface TelemetryOptions {
  /** File descriptor of the log: JSON lines. */
  readonly logTo: number | { write(line: string): void };
  readonly level: 'info' | 'warn' | 'silent';
}

function createMetrics(registry: Registry) {
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

function countEvent(metrics: ReturnType<typeof createMetrics>, event: TelemetryEvent): void {
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

/** One line a request, one for what went wrong, and none for what metrics tell better. */
function createLog({ logTo, level }: TelemetryOptions) {
  const file = typeof logTo === 'number' ? destination({ fd: logTo, sync: false }) : undefined;
  const sink = typeof logTo === 'number' ? file : logTo;
  const log = pino({ level, base: null, timestamp: stdTimeFunctions.isoTime }, sink);
  const faults = new Map<string, { loggedAt: number; suppressed: number }>();

  function logFault(event: TelemetryEvent & { type: 'tier-fault' }): void {
    const name = `${event.tier} ${event.operation}`;
    const last = faults.get(name);
    const now = performance.now();
    if (last !== undefined && now - last.loggedAt < faultLogIntervalMs) {
      last.suppressed += 1;
      return;
    }
    faults.set(name, { loggedAt: now, suppressed: 0 });
    const { tier, operation, error } = event;
    log.warn({ event: event.type, tier, operation, err: error, suppressed: last?.suppressed ?? 0 }, 'store fault');
  }

  function write(event: TelemetryEvent): void {
    if (event.type === 'request') log.info({ event: event.type, ...event, type: undefined });
    else if (event.type === 'tier-fault') logFault(event);
    else if (event.type === 'bug')
      log.error({ event: 'bug', requestId: event.requestId, where: event.where, err: event.error }, 'bug');
    else if (event.type === 'lifecycle') log.info(event.message);
    else if (event.type === 'warning') log.warn(event.message);
    else if (event.type === 'purged' || event.type === 'audit')
      log.info({ event: event.type, ...event, type: undefined });
    else if (event.type === 'message' && event.outcome !== 'done')
      log.warn({ event: `message-${event.outcome}`, err: event.error });
    else if (event.type === 'poison') log.warn({ event: 'poison' }, 'an original ends whatever renders it');
    else if (event.type === 'render-process' && event.event !== 'started' && event.event !== 'recycled') {
      log.warn({ ...event, event: `render-process-${event.event}`, type: undefined });
    }
  }
  return { write, flush: () => file?.flushSync() };
}

/** The two sinks of a running service: a JSON-lines log and Prometheus metrics. */
export function createTelemetry(options: TelemetryOptions): TelemetrySinks {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
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
