/** Ends a process now, whatever it is doing. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already, and its end is on the way.
  }
}
