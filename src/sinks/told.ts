import { isFailure } from '../failure.ts';
import type { TelemetryEvent } from '../telemetry.ts';

/** What the log says of an event. */
export interface Told {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message?: string;
  /** What is said again for the same cause is counted. Undefined: each is told. */
  readonly cause?: string;
}

type Other = Exclude<TelemetryEvent, { readonly type: 'request' }>;
type TellingOf<Type extends Other['type']> = (event: Extract<Other, { readonly type: Type }>) => Told | undefined;

/** By type; what metrics tell better is told by nothing here. */
const tellings: { readonly [Type in Other['type']]: TellingOf<Type> } = {
  purged: tellWhole,
  audit: tellWhole,
  lifecycle: ({ message }) => ({ level: 'info', fields: {}, message }),
  reload: ({ outcome, message }) => ({ level: outcome === 'done' ? 'info' : 'error', fields: {}, message }),
  warning: ({ message }) => ({ level: 'warn', fields: {}, message, cause: `warning ${message.slice(0, 300)}` }),
  'tier-fault': ({ type, tier, operation, error }) => ({
    level: 'warn',
    fields: { event: type, tier, operation, err: error },
    message: 'store fault',
    cause: `${type} ${tier} ${operation} ${causeOf(error)}`,
  }),
  bug: ({ requestId, where, error }) => ({
    level: 'error',
    fields: { event: 'bug', requestId, where, err: error },
    message: 'bug',
    cause: `bug ${where} ${causeOf(error)}`,
  }),
  poison: () => ({
    level: 'warn',
    fields: { event: 'poison' },
    message: 'an original ends whatever renders it',
    cause: 'poison',
  }),
  message({ outcome, error }) {
    if (outcome === 'done') return undefined;
    const cause = `message ${outcome} ${causeOf(error)}`;
    return { level: 'warn', fields: { event: `message-${outcome}`, err: error }, cause };
  },
  'render-process'(event) {
    if (event.event === 'started' || event.event === 'recycled') return undefined;
    const fields = { ...event, event: `render-process-${event.event}`, type: undefined };
    return { level: 'warn', fields, cause: `render-process ${event.event}` };
  },
  'tier-hit': tellNothing,
  'made-behind': tellNothing,
  stored: tellNothing,
  evicted: tellNothing,
  fetched: tellNothing,
  'old-host': tellNothing,
  refused: tellNothing,
  rendered: tellNothing,
};

export function toldOf<Type extends Other['type']>(event: Extract<Other, { readonly type: Type }>): Told | undefined {
  const telling: TellingOf<Type> = tellings[event.type];
  return telling(event);
}

function tellWhole(event: Other): Told {
  return { level: 'info', fields: { event: event.type, ...event, type: undefined } };
}

function tellNothing(): undefined {
  return undefined;
}

/** Names why something failed: kind, class and code, and where it was thrown. Messages hold names and numbers, and are no cause. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = 'code' in error ? String(error.code) : '';
  const kind = isFailure(error) ? error.kind : '';
  const place = /\n\s+at ([^\n]{1,200})/.exec(error.stack ?? '')?.[1] ?? '';
  const deeper = error.cause instanceof Error ? ` < ${error.cause.name} ${codeOf(error.cause)}` : '';
  return `${error.name} ${kind} ${code} ${place}${deeper}`.slice(0, 500);
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : '';
}
