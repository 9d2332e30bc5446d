import type { TelemetryEvent } from '../telemetry.ts';

type RequestEvent = Extract<TelemetryEvent, { readonly type: 'request' }>;

/** What JSON writes as it is. */
const plain = /^[ !#-[\]-~]*$/;

/** Renewed once a second: most of what it takes to write the time. */
interface Second {
  /** Since 1970. */
  at: number;
  /** Up to the point before the milliseconds. */
  text: string;
}

const second: Second = { at: Number.NaN, text: '' };

/** The line of a request as the rest of the log writes its own, which takes several times as long for what is always alike. */
export function requestLine(event: RequestEvent, nowMs: number): string {
  const { requestId, method, route, path, status, bytes, durationMs, detail } = event;
  const said = detail === undefined ? '' : `,"detail":${quoted(detail)}`;
  return `{"level":30,"time":"${timeOf(nowMs)}","event":"request","requestId":${quoted(requestId)},"method":${quoted(method)},"route":${quoted(route)},"path":${quoted(path)},"status":${status},"bytes":${bytes},"durationMs":${durationMs}${said}}\n`;
}

function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}

function timeOf(nowMs: number): string {
  const at = Math.floor(nowMs / 1000);
  if (at !== second.at) {
    second.at = at;
    second.text = new Date(at * 1000).toISOString().slice(0, -4);
  }
  return `${second.text}${String(nowMs % 1000).padStart(3, '0')}Z`;
}
