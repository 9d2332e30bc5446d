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
      /** Absent for what is no picture. */
      readonly picture?: PictureSent | undefined;
      readonly visitor?: Visitor | undefined;
      readonly detail?: string;
      /** Of whoever asks, where somebody traces. */
      readonly trace?: TraceHeaders | undefined;
    }
  | { readonly type: 'bug'; readonly requestId?: string; readonly where: string; readonly error: unknown }
  | { readonly type: 'tier-hit'; readonly tier: 'memory' | 'store' | 'render' | 'collapsed' }
  | {
      readonly type: 'tier-fault';
      readonly tier: 'originals' | 'variants' | 'edge' | 'queue';
      readonly operation: string;
      readonly error: unknown;
    }
  /** What became of an AVIF that was not waited for; `left`: too many were waiting. */
  | { readonly type: 'made-behind'; readonly outcome: 'made' | 'failed' | 'left' }
  | { readonly type: 'stored'; readonly bytes: number; readonly durationMs: number }
  | { readonly type: 'evicted'; readonly bytes: number }
  | { readonly type: 'fetched'; readonly bytes: number; readonly durationMs: number }
  /** What became of an original that was looked for where it lay before. */
  | { readonly type: 'old-host'; readonly outcome: 'moved' | 'missing' | 'failed'; readonly bytes: number }
  | { readonly type: 'refused'; readonly reason: 'queue-full' | 'sending-full' }
  /** By the room that draws, and by no other: each render is counted once. */
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
  | {
      readonly type: 'purged';
      readonly originals: number;
      readonly variantsDeleted: number;
      readonly memoryEvicted: number;
    }
  /** What became of a message of the queue; `unreadable` ones are left for the dead-letter queue. */
  | {
      readonly type: 'message';
      readonly outcome: 'done' | 'dropped' | 'retried' | 'unreadable';
      readonly error?: unknown;
    }
  | { readonly type: 'poison'; readonly fingerprint: string }
  /** What somebody with the admin token or a ticket has done, or tried to. */
  | {
      readonly type: 'audit';
      readonly requestId: string;
      readonly act: string;
      /** `admin`, or a ticket's id. */
      readonly who: string;
      /** The address that it was asked from. */
      readonly from: string;
      /** Of whatever the act is about: originals, files, batches, tickets. */
      readonly count: number;
      readonly outcome: 'done' | 'failed';
    }
  | { readonly type: 'lifecycle'; readonly message: string }
  /** What became of reading the configuration again. */
  | { readonly type: 'reload'; readonly outcome: 'done' | 'refused'; readonly message: string }
  /** What an operator should change, or have meant. */
  | { readonly type: 'warning'; readonly message: string };

/** Where events go. Never throws, never blocks. */
export interface Telemetry {
  report(event: TelemetryEvent): void;
  /** Undefined where nobody traces. */
  readonly tracing?: Tracing | undefined;
}

/** Follows requests through their steps. What work comes to, or throws, is passed on. */
export interface Tracing {
  /** A request as a part of the trace that its headers name (W3C Trace Context), or of a new one. */
  request<T>(headers: TraceHeaders, work: () => Promise<T>): Promise<T>;
  /** A step of the request that is at work; outside of one it is done, and not followed. */
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export interface TraceHeaders {
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
}

/** Who asks, in bounded words; they are the visitor's own, but for the first. */
export interface Visitor {
  /** The address, as trusted proxies tell it. */
  readonly client: string;
  /** Origin and path of the page: queries hold names, searches and tokens. */
  readonly referer: string | undefined;
  readonly userAgent: string | undefined;
}

export interface PictureSent {
  readonly tier: PictureTier;
  /** Undefined where nothing was sent, or what is no picture of ours. */
  readonly format: string | undefined;
}

/** `unchanged`: the client has it already, and nothing was read. `original`: the file itself. */
export type PictureTier = 'memory' | 'store' | 'render' | 'collapsed' | 'original' | 'unchanged';
