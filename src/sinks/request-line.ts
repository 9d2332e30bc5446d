import type { TelemetryEvent, Visitor } from '../telemetry.ts';
import { quoted } from './plain.ts';

export type RequestEvent = Extract<TelemetryEvent, { readonly type: 'request' }>;

/** Renewed once a second: most of what it takes to write the time. */
interface Second {
  /** Since 1970. */
  at: number;
  /** Up to the point before the milliseconds. */
  text: string;
}

const second: Second = { at: Number.NaN, text: '' };

export interface RequestLineOptions {
  readonly nowMs: number;
  /** False: nothing that tells of a person is written. */
  readonly tellsVisitors: boolean;
}

/** The line of a request as the rest of the log writes its own, which takes several times as long for what is always alike. */
export function requestLine(event: RequestEvent, { nowMs, tellsVisitors }: RequestLineOptions): string {
  const { requestId, method, route, path, status, bytes, durationMs, picture, visitor, detail } = event;
  const sent = picture === undefined ? '' : `${field('tier', picture.tier)}${field('format', picture.format)}`;
  const more = `${sent}${tellsVisitors && visitor !== undefined ? asked(visitor) : ''}${field('detail', detail)}`;
  return `{"level":30,"time":"${timeOf(nowMs)}","event":"request","requestId":${quoted(requestId)},"method":${quoted(method)},"route":${quoted(route)},"path":${quoted(path)},"status":${status},"bytes":${bytes},"durationMs":${durationMs}${more}}\n`;
}

function asked({ client, referer, userAgent }: Visitor): string {
  return `${field('client', client)}${field('referer', referer)}${field('userAgent', userAgent)}`;
}

function field(name: string, text: string | undefined): string {
  return text === undefined ? '' : `,"${name}":${quoted(text)}`;
}

function timeOf(nowMs: number): string {
  const at = Math.floor(nowMs / 1000);
  if (at !== second.at) {
    second.at = at;
    second.text = new Date(at * 1000).toISOString().slice(0, -4);
  }
  return `${second.text}${String(nowMs % 1000).padStart(3, '0')}Z`;
}
