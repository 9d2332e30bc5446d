/** What the rooms tell about themselves. Logic reports typed events; only sinks write. No secrets, no signed URLs. */
export type TelemetryEvent =
  | {
      readonly type: 'request';
      readonly requestId: string;
      readonly method: string;
      /** One of a fixed few names: it is a metrics label. */
      readonly route: string;
      /** The path without query and signature. */
      readonly path: string;
      readonly status: number;
      readonly bytes: number;
      readonly durationMs: number;
      readonly detail?: string;
    }
  | { readonly type: 'bug'; readonly requestId?: string; readonly where: string; readonly error: unknown }
  | { readonly type: 'tier-hit'; readonly tier: 'memory' | 'store' | 'render' | 'collapsed' }
  | {
      readonly type: 'tier-fault';
      readonly tier: 'originals' | 'variants';
      readonly operation: string;
      readonly error: unknown;
    }
  | { readonly type: 'stored'; readonly bytes: number; readonly durationMs: number }
  | { readonly type: 'evicted'; readonly bytes: number }
  | { readonly type: 'fetched'; readonly bytes: number; readonly durationMs: number }
  | { readonly type: 'refused'; readonly reason: 'queue-full' }
  | {
      readonly type: 'rendered';
      readonly format: string;
      readonly inputBytes: number;
      readonly outputBytes: number;
      readonly waitMs: number;
      readonly renderMs: number;
    }
  | {
      readonly type: 'render-process';
      readonly event: 'started' | 'recycled' | 'killed-deadline' | 'killed-cancelled' | 'died';
      readonly pid: number | undefined;
      readonly detail?: string;
    }
  | { readonly type: 'poison'; readonly fingerprint: string }
  | { readonly type: 'lifecycle'; readonly message: string };

/** Where events go. Never throws, never blocks. */
export interface Telemetry {
  report(event: TelemetryEvent): void;
}

/** For callers that want no telemetry (tests, one-shot commands). */
export const silentTelemetry: Telemetry = { report: () => undefined };
