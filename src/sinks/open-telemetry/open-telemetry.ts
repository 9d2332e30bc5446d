import type { TelemetryEvent, Tracing } from '../../telemetry.ts';
import { createFigures, type Figures } from './figures.ts';
import { type Api, type LogsApi, load, type NodeSdk, type OpenTelemetryPackages, type Provider } from './packages.ts';
import { createRecords, type Records } from './records.ts';
import { createTraces } from './traces.ts';

/** Traces, metrics and logs by OpenTelemetry, to wherever its standard variables say. */
export interface OpenTelemetry extends Pick<Figures, 'gauge'> {
  readonly tracing: Tracing;
  readonly records: Records;
  report(event: TelemetryEvent): void;
  /** Resolves when what is held was handed on, or after some seconds. */
  flush(): Promise<void>;
}

/** What a start came to: without the packages a reason, for the log. */
export type OpenTelemetryStart = { readonly openTelemetry?: OpenTelemetry; readonly problem?: string };

type Environment = Readonly<Record<string, string | undefined>>;

const packages = ['@opentelemetry/api', '@opentelemetry/api-logs', '@opentelemetry/sdk-node'] as const;
const exporters = ['OTEL_TRACES_EXPORTER', 'OTEL_METRICS_EXPORTER', 'OTEL_LOGS_EXPORTER'] as const;
const endpoint = /^OTEL_EXPORTER_OTLP_(?:(?:TRACES|METRICS|LOGS)_)?ENDPOINT$/;
const flushMs = 5_000;

/** Somebody wants it: an endpoint or an exporter is named, and it is not switched off. */
function isWanted(environment: Environment): boolean {
  if (environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return false;
  const named = exporters.flatMap((name) => environment[name] || []);
  if (named.some((value) => value !== 'none')) return true;
  if (named.length === exporters.length) return false;
  return Object.entries(environment).some(([name, value]) => endpoint.test(name) && value !== '');
}

/** Loads and starts the SDK where the standard variables ask for it, and nothing at all where not. Never rejects. */
export async function startOpenTelemetry(environment: Environment): Promise<OpenTelemetryStart> {
  if (!isWanted(environment)) return {};
  try {
    const [api, logsApi, { NodeSDK }] = await Promise.all([
      load<Api>(packages[0]),
      load<LogsApi>(packages[1]),
      load<NodeSdk>(packages[2]),
    ]);
    const isNamed =
      environment['OTEL_SERVICE_NAME'] || /service\.name=/.test(environment['OTEL_RESOURCE_ATTRIBUTES'] ?? '');
    new NodeSDK({ instrumentations: [], ...(!isNamed && { serviceName: 'fovea' }) }).start();
    return { openTelemetry: createOpenTelemetry({ api, logsApi }) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const problem = `The variables of OpenTelemetry are set, and it could not be started: npm install --save-prod ${packages.join(' ')}. ${reason}`;
    return { problem };
  }
}

export function createOpenTelemetry({ api, logsApi }: OpenTelemetryPackages): OpenTelemetry {
  const traces = createTraces(api);
  const figures = createFigures(api);
  return {
    tracing: traces,
    records: createRecords(logsApi),
    gauge: figures.gauge,
    report(event) {
      figures.count(event);
      if (event.type === 'request') traces.tell(event);
    },
    flush: () =>
      flushAll([api.trace.getTracerProvider(), api.metrics.getMeterProvider(), logsApi.logs.getLoggerProvider()]),
  };
}

/** A collector that does not answer holds nobody up for long. */
async function flushAll(providers: readonly object[]): Promise<void> {
  const all = Promise.allSettled(providers.map(async (one: Provider) => (one.getDelegate?.() ?? one).forceFlush?.()));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, flushMs);
  });
  await Promise.race([all, late]);
  clearTimeout(timer);
}
