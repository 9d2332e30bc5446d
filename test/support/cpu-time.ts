/** Mean milliseconds of processor time that one call takes: unlike the clock, it does not depend on who else runs. */
export function cpuTimeMs(work: () => void, runs = 20): number {
  work();
  const start = process.cpuUsage();
  for (let run = 0; run < runs; run += 1) work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000 / runs;
}
