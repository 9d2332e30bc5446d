/** What one connection may cost: every wait of it is bounded. */
export interface ListenLimits {
  /** Milliseconds a client has to send its headers; slowloris lives on more. */
  readonly headersTimeoutMs: number;
  /** Milliseconds a client has to send a whole request, the body of an upload included. */
  readonly requestTimeoutMs: number;
  /** Milliseconds an idle connection is kept. */
  readonly keepAliveTimeoutMs: number;
  /** Milliseconds in which a client that is sent an answer must take some of it. */
  readonly sendStallTimeoutMs: number;
  /** Bytes a second that it must take when that is less than the kernel asks us for in this time. */
  readonly leastBytesPerSecond: number;
  /** Clients at once that may be so slow; one more is closed. */
  readonly maxSlowReaders: number;
  /** Milliseconds between two looks at those times. */
  readonly checkIntervalMs: number;
  /** Bytes of all headers and the request line together; past it 431. */
  readonly maxHeaderBytes: number;
  /** Bytes of the request target; past it 414. */
  readonly maxTargetBytes: number;
  /** Sockets held at once; one more is closed at once. */
  readonly maxConnections: number;
  /** Those of one client, once half of all are held; one more is answered with 503 and closed. */
  readonly maxConnectionsEach: number;
  /** Connections that wait for us to take them; the kernel passes over one more, and its client tries again 1 s later. */
  readonly maxWaitingConnections: number;
  /** Milliseconds that requests under way get at shutdown. */
  readonly drainTimeoutMs: number;
}

export const defaultListenLimits: ListenLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  // Longer than CloudFront's and nginx's own idle time of 60 s: the proxy closes first, so no request meets a closed door.
  keepAliveTimeoutMs: 65_000,
  // The kernel holds up to 2.5 MB for a client and asks for more when a third of them are gone: at 150 kB/s every 6 s.
  sendStallTimeoutMs: 11_000,
  // The poorest of radio links carry more; tools that hold servers up read some bytes a second.
  leastBytesPerSecond: 500,
  // A tenth of all.
  maxSlowReaders: 1_000,
  // Node looks every 30 s unless told otherwise, which would stretch ten seconds to forty.
  checkIntervalMs: 2_000,
  maxHeaderBytes: 16 * 1024,
  // What RFC 9110 §4.1 asks for at least; CloudFront takes 8,192.
  maxTargetBytes: 8_000,
  // Each costs some tens of kilobytes.
  maxConnections: 10_000,
  // An eighth: seven others come in beside whoever opens as many as it can.
  maxConnectionsEach: 1_250,
  // One is taken in each turn of the loop, and Node's own 511 are less than a crowd. Linux keeps to its somaxconn, 4,096 by
  // default.
  maxWaitingConnections: 4_096,
  // A render at its deadline, and the wait before it.
  drainTimeoutMs: 25_000,
};
