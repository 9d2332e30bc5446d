import type { TelemetryEvent } from '../../telemetry.ts';
import { version } from '../../version.ts';
import { requestLabels } from './attributes.ts';
import type { Api } from './packages.ts';

/** As the semantic conventions advise for the duration of requests, in seconds. */
const boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

export interface Figures {
  count(event: TelemetryEvent): void;
  gauge(name: string, help: string, read: () => number): void;
}

/** Figures under the names of the semantic conventions where they have one, and under `fovea.` where not. */
export function createFigures(api: Api): Figures {
  const meter = api.metrics.getMeter('fovea', version);
  const seconds = (name: string, description: string) =>
    meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries: boundaries } });
  const counter = (name: string, description: string, unit: string) => meter.createCounter(name, { description, unit });
  const instruments = {
    requestSeconds: seconds('http.server.request.duration', 'Duration of HTTP server requests.'),
    responseBytes: meter.createHistogram('http.server.response.body.size', { unit: 'By' }),
    pictures: counter('fovea.pictures', 'Pictures sent, by where they came from.', '{picture}'),
    renderSeconds: seconds('fovea.render.duration', 'Time inside a render process.'),
    renderWaitSeconds: seconds('fovea.render.wait.duration', 'Time waiting for a render process.'),
    fetchSeconds: seconds('fovea.original.fetch.duration', 'Time to fetch an original.'),
    faults: counter('fovea.tier.faults', 'Store operations that failed.', '{fault}'),
    refusals: counter('fovea.refusals', 'Requests refused before any work.', '{request}'),
    bugs: counter('fovea.bugs', 'Errors that nobody expected.', '{error}'),
  };
  return {
    count: (event) => countEvent(instruments, event),
    gauge: (name, description, read) =>
      meter
        .createObservableGauge(`fovea.${name}`, { description })
        .addCallback((result) => void result.observe(read())),
  };
}

type Counter = ReturnType<ReturnType<Api['metrics']['getMeter']>['createCounter']>;
type Histogram = ReturnType<ReturnType<Api['metrics']['getMeter']>['createHistogram']>;

interface Instruments
  extends Readonly<Record<'pictures' | 'faults' | 'refusals' | 'bugs', Counter>>,
    Readonly<
      Record<'requestSeconds' | 'responseBytes' | 'renderSeconds' | 'renderWaitSeconds' | 'fetchSeconds', Histogram>
    > {}

function countEvent(instruments: Instruments, event: TelemetryEvent): void {
  switch (event.type) {
    case 'request': {
      const labels = requestLabels(event);
      instruments.requestSeconds.record(event.durationMs / 1000, labels);
      instruments.responseBytes.record(event.bytes, labels);
      const { picture, route } = event;
      if (picture !== undefined)
        instruments.pictures.add(1, { 'http.route': route, 'fovea.picture.tier': picture.tier });
      break;
    }
    case 'rendered':
      instruments.renderSeconds.record(event.renderMs / 1000, { 'fovea.picture.format': event.format });
      instruments.renderWaitSeconds.record(event.waitMs / 1000);
      break;
    case 'fetched':
      instruments.fetchSeconds.record(event.durationMs / 1000);
      break;
    case 'tier-fault':
      instruments.faults.add(1, { 'fovea.tier': event.tier, 'fovea.operation': event.operation });
      break;
    case 'refused':
      instruments.refusals.add(1, { 'fovea.reason': event.reason });
      break;
    case 'bug':
      instruments.bugs.add(1);
      break;
  }
}
