/**
 * A terminal sends Ctrl-C to a whole group of processes, and a supervisor may send SIGTERM to all of a service. It is the
 * server's to answer, which drains: the renders under way are a part of that. Ours end when the server does.
 */
export function leaveSignalsToServer(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
}
