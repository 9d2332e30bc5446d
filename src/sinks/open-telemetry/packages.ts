/** What we use of `@opentelemetry/api`, which is loaded only where somebody asks for it: these are no dependencies. */
export interface Api {
  readonly ROOT_CONTEXT: Context;
  readonly context: { active(): Context; with<T>(context: Context, work: () => T): T };
  readonly propagation: { extract(context: Context, carrier: TraceCarrier): Context };
  readonly trace: {
    getTracer(name: string, version: string): Tracer;
    getTracerProvider(): object;
    getActiveSpan(): Span | undefined;
    setSpan(context: Context, span: Span): Context;
  };
  readonly metrics: { getMeter(name: string, version: string): Meter; getMeterProvider(): object };
}

/** The same of `@opentelemetry/api-logs`. */
export interface LogsApi {
  readonly logs: { getLogger(name: string, version: string): Logger; getLoggerProvider(): object };
}

/** And of `@opentelemetry/sdk-node`, which reads the standard variables itself. */
export interface NodeSdk {
  readonly NodeSDK: new (options: {
    readonly serviceName?: string;
    readonly instrumentations: [];
  }) => { start(): void };
}

export interface OpenTelemetryPackages {
  readonly api: Api;
  readonly logsApi: LogsApi;
}

/** What work is a part of. */
export interface Context {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): Context;
  deleteValue(key: symbol): Context;
}

export type TraceCarrier = Readonly<Record<string, string>>;
type Attribute = string | number | boolean;
export type Attributes = Readonly<Record<string, Attribute>>;

export interface Span {
  setAttributes(attributes: Attributes): unknown;
  setStatus(status: { readonly code: number }): unknown;
  updateName(name: string): unknown;
  end(): void;
}

export interface Tracer {
  startSpan(name: string, options: { readonly kind?: number; readonly startTime?: number }, context: Context): Span;
}

interface InstrumentOptions {
  readonly unit?: string;
  readonly description?: string;
  readonly advice?: { readonly explicitBucketBoundaries: number[] };
}

export interface Meter {
  createCounter(name: string, options: InstrumentOptions): { add(value: number, attributes?: Attributes): void };
  createHistogram(name: string, options: InstrumentOptions): { record(value: number, attributes?: Attributes): void };
  createObservableGauge(
    name: string,
    options: InstrumentOptions,
  ): { addCallback(read: (result: { observe(value: number): void }) => void): void };
}

export interface Logger {
  emit(record: {
    readonly severityNumber: number;
    readonly severityText: string;
    readonly body: string;
    readonly attributes: Attributes;
  }): void;
}

/** What of their providers can hand on what it holds; the API's own stands before another. */
export interface Provider {
  getDelegate?(): Provider;
  forceFlush?(): Promise<void>;
}

/** Failures are the loader's own. */
export async function load<Package>(name: string): Promise<Package> {
  return (await import(name)) as Package;
}
