import type { TelemetryEvent } from '../../telemetry.ts';
import { version } from '../../version.ts';
import type { Told } from '../told.ts';
import { requestAttributes } from './attributes.ts';
import type { Attributes, LogsApi } from './packages.ts';

type RequestEvent = Extract<TelemetryEvent, { readonly type: 'request' }>;

/** Takes what the log takes: as often, and from the same level on. */
export interface Records {
  told(told: Told, again: Readonly<Record<string, number>>): void;
  request(event: RequestEvent, tellsVisitors: boolean): void;
}

/** As the data model of logs numbers them. */
const severities = { info: 9, warn: 13, error: 17 } as const;

export function createRecords({ logs }: LogsApi): Records {
  const logger = logs.getLogger('fovea', version);
  const emit = (level: Told['level'], body: string, attributes: Attributes) =>
    logger.emit({ severityNumber: severities[level], severityText: level.toUpperCase(), body, attributes });
  return {
    told: ({ level, fields, message }, again) =>
      emit(level, message ?? String(Reflect.get(fields, 'event') ?? ''), { ...attributesOf(fields), ...again }),
    request(event, tellsVisitors) {
      const told = tellsVisitors ? event : { ...event, visitor: undefined };
      emit('info', `${event.method} ${event.path} ${event.status}`, requestAttributes(told));
    },
  };
}

/** Plain values under names of ours; an error under those of the semantic conventions. */
function attributesOf(fields: object): Attributes {
  const attributes: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof Error) {
      attributes['exception.type'] = value.name;
      attributes['exception.message'] = value.message;
      if (value.stack !== undefined) attributes['exception.stacktrace'] = value.stack;
    } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      attributes[`fovea.${name}`] = value;
    }
  }
  return attributes;
}
