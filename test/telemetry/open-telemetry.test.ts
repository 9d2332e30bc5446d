import * as api from '@opentelemetry/api';
import { context, metrics, propagation, trace } from '@opentelemetry/api';
import * as logsApi from '@opentelemetry/api-logs';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openCdn } from '../../src/cdn/index.ts';
import { readConfig } from '../../src/config/index.ts';
import { listen } from '../../src/http/index.ts';
import { createService, type Service } from '../../src/service/index.ts';
import { createOpenTelemetry, createTelemetry } from '../../src/sinks/index.ts';
import { createFakeRenderer } from '../support/fake-renderer.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { timedGet } from '../support/load.ts';
import { createMemoryStore } from '../support/memory-store.ts';

// Traces, metrics and logs as OpenTelemetry's own SDK is handed them.

const spans = new InMemorySpanExporter();
const figures = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const records = new InMemoryLogRecordExporter();
const reader = new PeriodicExportingMetricReader({ exporter: figures, exportIntervalMillis: 3_600_000 });

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }));
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
logsApi.logs.setGlobalLoggerProvider(
  new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: records })] }),
);

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${parentId}-01`;

let service: Service;
let server: Awaited<ReturnType<typeof listen>>;
const originals = createFaultyStore(createMemoryStore());

beforeAll(async () => {
  const openTelemetry = createOpenTelemetry({ api, logsApi });
  const telemetry = createTelemetry({ logTo: { write: () => undefined }, level: 'info' }, { openTelemetry });
  await originals.put('cat.jpg', Buffer.from('the picture of a cat'));
  service = await createService(readConfig({ FOVEA_UNSIGNED: 'any' }), telemetry, {
    originalsStore: originals,
    variantsStore: createMemoryStore(),
    renderer: createFakeRenderer(),
    cdn: await openCdn('none'),
  });
  server = await listen(service.app, { port: 0, host: '127.0.0.1' });
});

afterAll(async () => {
  await server.close();
  await service.close();
});

beforeEach(() => {
  spans.reset();
  records.reset();
});

const ask = (path: string, headers: Readonly<Record<string, string>> = {}) => timedGet(server.url + path, headers);

/** Names of spans, each under the one that it is a part of. */
function tree(parent: string): Readonly<Record<string, unknown>> {
  const under = spans.getFinishedSpans().filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent);
  return Object.fromEntries(under.map((span) => [span.name, tree(span.spanContext().spanId)]));
}

describe('traces', () => {
  it('take over the trace of whoever asks, with a span for each step of a cold request', async () => {
    await ask('/w_100/cat.jpg', { traceparent, 'user-agent': 'a test' });
    await service.variants.settled();
    expect(tree(parentId)).toMatchObject({
      'GET image': {
        ask: {},
        identify: { version: { 'originals head': {} } },
        deliver: { check: {}, admission: { fetch: { 'originals get': {} }, render: {} }, 'variants put': {} },
      },
    });
    const [request] = spans.getFinishedSpans().filter(({ name }) => name === 'GET image');
    expect(request?.spanContext().traceId).toBe(traceId);
    expect(request?.kind).toBe(api.SpanKind.SERVER);
    expect(request?.attributes).toMatchObject({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'http.route': 'image',
      'url.path': '/w_100/cat.jpg',
      'client.address': '127.0.0.1',
      'user_agent.original': 'a test',
      'fovea.picture.tier': 'render',
      'fovea.picture.format': 'jpeg',
    });
  });

  it('have what is answered at once out of memory, too', async () => {
    for (let times = 0; times < 3; times += 1) await ask('/w_110/cat.jpg');
    spans.reset();
    await ask('/w_110/cat.jpg', { traceparent });
    expect(tree(parentId)).toEqual({ 'GET image': {} });
    expect(spans.getFinishedSpans()[0]?.attributes['fovea.picture.tier']).toBe('memory');
  });

  it('say where it failed, and of what kind the failure was', async () => {
    originals.fail('head', { kind: 'upstream' });
    expect((await ask('/w_120/dog.jpg', { traceparent })).status).toBe(502);
    originals.heal();
    const failed = spans.getFinishedSpans().filter(({ status }) => status.code === api.SpanStatusCode.ERROR);
    expect(failed.map(({ name }) => name)).toEqual(expect.arrayContaining(['originals head', 'identify', 'GET image']));
    expect(failed.find(({ name }) => name === 'GET image')?.attributes['error.type']).toBe('502');
    expect(failed.find(({ name }) => name === 'originals head')?.attributes['error.type']).toBe('upstream');
  });
});

describe('metrics', () => {
  it('have the names and labels of the semantic conventions', async () => {
    await ask('/w_130/cat.jpg');
    await reader.forceFlush();
    const found = figures
      .getMetrics()
      .at(-1)
      ?.scopeMetrics.flatMap(({ metrics: told }) => told);
    const duration = found?.find(({ descriptor }) => descriptor.name === 'http.server.request.duration');
    expect(duration?.descriptor.unit).toBe('s');
    expect(duration?.dataPoints.map(({ attributes }) => attributes)).toContainEqual({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'http.route': 'image',
    });
    expect(found?.map(({ descriptor }) => descriptor.name)).toEqual(
      expect.arrayContaining(['http.server.response.body.size', 'fovea.pictures', 'fovea.queue_depth']),
    );
  });
});

describe('logs', () => {
  it('are what the log has, beside the trace that they belong to', async () => {
    await ask('/w_140/cat.jpg', { traceparent });
    const [record] = records.getFinishedLogRecords();
    expect(record).toMatchObject({ severityText: 'INFO', body: 'GET /w_140/cat.jpg 200' });
    expect(record?.spanContext?.traceId).toBe(traceId);
    expect(record?.attributes).toMatchObject({ 'http.response.status_code': 200, 'fovea.picture.tier': 'render' });
  });
});
