import { expect, it } from 'vitest';
import { createTelemetry, startOpenTelemetry } from '../../src/sinks/index.ts';

// What it does once it is started is tried with OpenTelemetry's own SDK: test/telemetry.

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

it.each([
  ['nothing is said', { OTEL_SERVICE_NAME: 'pictures' }],
  ['it is switched off', { ...endpoint, OTEL_SDK_DISABLED: 'true' }],
  [
    'no exporter is wanted',
    { ...endpoint, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
  ],
  ['the endpoint is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
])('where %s nothing is loaded', async (_, environment) => {
  expect(await startOpenTelemetry(environment)).toEqual({});
});

it.each([
  ['an endpoint', endpoint],
  ['an endpoint of traces', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' }],
  ['an exporter', { OTEL_TRACES_EXPORTER: 'console', OTEL_METRICS_EXPORTER: 'none' }],
])(
  'where %s is named and the packages are missing, the log says what to install, and the start goes on',
  async (_, environment) => {
    const started = await startOpenTelemetry(environment);
    const lines: string[] = [];
    const telemetry = createTelemetry({ logTo: { write: (line) => lines.push(line) }, level: 'warn' }, started);
    expect(lines).toEqual([expect.stringMatching(/npm install --save-prod @opentelemetry\/api .*sdk-node/)]);
    expect(telemetry.tracing).toBeUndefined();
    await telemetry.flush();
  },
);
