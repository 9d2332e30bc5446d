import { isFailure } from '../../failure.ts';
import type { TelemetryEvent, TraceHeaders, Tracing } from '../../telemetry.ts';
import { version } from '../../version.ts';
import { errorTypeOf, requestAttributes } from './attributes.ts';
import type { Api, Context, Span, TraceCarrier, Tracer } from './packages.ts';

type RequestEvent = Extract<TelemetryEvent, { readonly type: 'request' }>;

export interface Traces extends Tracing {
  /** Says of a request's span what became of it; makes one for what was answered at once. */
  tell(event: RequestEvent): void;
}

/** As the API numbers them. */
const serverKind = 1;
const errorStatus = 2;

interface TracesState {
  readonly api: Api;
  readonly tracer: Tracer;
}

export function createTraces(api: Api): Traces {
  const state: TracesState = { api, tracer: api.trace.getTracer('fovea', version) };
  return {
    request: (headers, work) => traceRequest(state, headers, work),
    step: (name, work) => traceStep(state, name, work),
    tell: (event) => tell(state, event),
  };
}

async function traceRequest<T>(state: TracesState, headers: TraceHeaders, work: () => Promise<T>): Promise<T> {
  const { api, tracer } = state;
  const parent = parentOf(state, headers);
  const span = tracer.startSpan('request', { kind: serverKind }, parent);
  return api.context.with(api.trace.setSpan(parent, span), () => ending(span, work));
}

/** What nobody's request has brought about is traced by nobody. */
async function traceStep<T>({ api, tracer }: TracesState, name: string, work: () => Promise<T>): Promise<T> {
  if (api.trace.getActiveSpan() === undefined) return work();
  const context = api.context.active();
  const span = tracer.startSpan(name, {}, context);
  return api.context.with(api.trace.setSpan(context, span), () => ending(span, work));
}

async function ending<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    span.setAttributes({ 'error.type': nameOf(error) });
    span.setStatus({ code: errorStatus });
    throw error;
  } finally {
    span.end();
  }
}

function nameOf(error: unknown): string {
  if (isFailure(error)) return error.kind;
  return error instanceof Error ? error.name : typeof error;
}

/** W3C Trace Context: the trace of whoever asks. */
function parentOf({ api }: TracesState, headers: TraceHeaders): Context {
  const carrier: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) carrier[name] = value;
  return api.propagation.extract(api.ROOT_CONTEXT, carrier satisfies TraceCarrier);
}

function tell(state: TracesState, event: RequestEvent): void {
  const active = state.api.trace.getActiveSpan();
  const span = active ?? spanOf(state, event);
  span.updateName(`${event.method} ${event.route}`);
  span.setAttributes(requestAttributes(event));
  if (errorTypeOf(event) !== undefined) span.setStatus({ code: errorStatus });
  if (active === undefined) span.end();
}

/** Of what was answered before anybody could follow it. */
function spanOf(state: TracesState, { trace, durationMs, method }: RequestEvent): Span {
  const startTime = Date.now() - durationMs;
  return state.tracer.startSpan(method, { kind: serverKind, startTime }, parentOf(state, trace ?? {}));
}
