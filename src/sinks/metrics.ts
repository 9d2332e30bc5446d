import { Counter, Histogram, type Registry } from 'prom-client';
import type { TelemetryEvent } from '../telemetry.ts';
import { createTally } from './tally.ts';

export type Metrics = ReturnType<typeof createMetrics>;

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Every figure of the metrics page that events move. */
export function createMetrics(registry: Registry) {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `fovea_${name}`, help, labelNames, registers });
  const tally = (name: string, help: string, labels: readonly [string, string]) =>
    createTally({ name: `fovea_${name}`, help, labels, registry });
  const histogram = (name: string, help: string, more: { labelNames?: string[]; buckets?: number[] } = {}) =>
    new Histogram({ name: `fovea_${name}`, help, labelNames: [], buckets: seconds, ...more, registers });
  return {
    requests: tally('requests_total', 'Requests by route and status.', ['route', 'status']),
    pictures: tally('pictures_total', 'Pictures sent, by route and by where they came from.', ['route', 'tier']),
    requestSeconds: histogram('request_seconds', 'Time until the answer was ready.', {
      labelNames: ['route'],
      buckets: [0.001, ...seconds],
    }),
    bytesOut: counter('response_bytes_total', 'Bytes of answers.'),
    oldHost: counter('old_host_total', 'Originals looked for on the old host, by what became of it.', ['outcome']),
    oldHostBytes: counter('old_host_bytes_total', 'Bytes of originals moved from the old host.'),
    bytesIn: counter('original_bytes_total', 'Bytes of originals fetched.'),
    fetchSeconds: histogram('original_fetch_seconds', 'Time to fetch an original.'),
    tierHits: counter('tier_hits_total', 'Where variants came from.', ['tier']),
    madeBehind: counter('made_behind_total', 'AVIFs that a WebP stood in for, by what became of them.', ['outcome']),
    tierFaults: counter('tier_faults_total', 'Store operations that failed.', ['tier', 'operation']),
    renderSeconds: histogram('render_seconds', 'Time inside a render process.', { labelNames: ['format'] }),
    renderWaitSeconds: histogram('render_wait_seconds', 'Time waiting for a render process.'),
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
    reloads: counter('reloads_total', 'Times that the configuration was read again, by what became of it.', [
      'outcome',
    ]),
    bugs: counter('bugs_total', 'Errors that nobody expected.'),
  };
}

type EventOf<Type extends TelemetryEvent['type']> = Extract<TelemetryEvent, { readonly type: Type }>;

/** Which figures an event of each type moves; what only the log tells moves none. */
const counts: { readonly [Type in TelemetryEvent['type']]: (metrics: Metrics, event: EventOf<Type>) => void } = {
  request({ requests, pictures, requestSeconds, bytesOut }, { route, status, durationMs, bytes, picture }) {
    requests.count(route, status);
    if (picture !== undefined) pictures.count(route, picture.tier);
    requestSeconds.observe({ route }, durationMs / 1000);
    bytesOut.inc(bytes);
  },
  'made-behind': ({ madeBehind }, { outcome }) => madeBehind.inc({ outcome }),
  'tier-hit': ({ tierHits }, { tier }) => tierHits.inc({ tier }),
  'tier-fault': ({ tierFaults }, { tier, operation }) => tierFaults.inc({ tier, operation }),
  stored({ stored, storedBytes }, { bytes }) {
    stored.inc();
    storedBytes.inc(bytes);
  },
  evicted: ({ evictions }) => evictions.inc(),
  fetched({ fetchSeconds, bytesIn }, { durationMs, bytes }) {
    fetchSeconds.observe(durationMs / 1000);
    bytesIn.inc(bytes);
  },
  'old-host'({ oldHost, oldHostBytes }, { outcome, bytes }) {
    oldHost.inc({ outcome });
    oldHostBytes.inc(bytes);
  },
  refused: ({ refusals }, { reason }) => refusals.inc({ reason }),
  rendered({ renderSeconds, renderWaitSeconds, renderedBytes }, { format, renderMs, waitMs, outputBytes }) {
    renderSeconds.observe({ format }, renderMs / 1000);
    renderWaitSeconds.observe(waitMs / 1000);
    renderedBytes.inc({ format }, outputBytes);
  },
  'render-process': ({ processes }, { event }) => processes.inc({ event }),
  poison: ({ poisons }) => poisons.inc(),
  purged({ purges, purgedVariants }, { variantsDeleted }) {
    purges.inc();
    purgedVariants.inc(variantsDeleted);
  },
  message: ({ messages }, { outcome }) => messages.inc({ outcome }),
  bug: ({ bugs }) => bugs.inc(),
  reload: ({ reloads }, { outcome }) => reloads.inc({ outcome }),
  audit: nothing,
  lifecycle: nothing,
  warning: nothing,
};

/** Moves the figures that an event is about. */
export function countEvent<Type extends TelemetryEvent['type']>(metrics: Metrics, event: EventOf<Type>): void {
  const count: (metrics: Metrics, event: EventOf<Type>) => void = counts[event.type];
  count(metrics, event);
}

function nothing(): void {}
