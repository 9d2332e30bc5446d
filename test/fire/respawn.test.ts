import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { megabytes, percentile, recordFigure } from '../support/figures.ts';
import { renderProcesses } from '../support/process-group.ts';
import { startRenderer } from '../support/renderer.ts';

const rounds = 7;

/** How long the event loop stood still at most while something was done. */
async function longestDelayMs(task: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  // Each timer of its own tells how late the one before it was.
  await pause(20);
  await task();
  await pause(20);
  delay.disable();
  return delay.max / 1e6;
}

it('a process that holds much is not held up when a render process is replaced', async () => {
  const pool = startRenderer({ processes: 2 });
  onTestFinished(() => pool.renderer.close());
  await pool.seen('started', 2);
  // A full memory tier, as resident as one.
  const held = Array.from({ length: 8 }, () => Buffer.alloc(50 * 1024 ** 2, 1));
  const [replaced, ourselves]: [number[], number[]] = [[], []];
  for (let round = 1; round <= rounds; round += 1) {
    const [pid = 0] = renderProcesses(process.pid);
    const started = pool.seen('started', 2 + round);
    replaced.push(
      await longestDelayMs(async () => {
        process.kill(pid, 'SIGKILL');
        await started;
      }),
    );
    // For comparison: any program, started by the process that holds all that.
    ourselves.push(await longestDelayMs(() => once(spawn('true', { stdio: 'ignore' }), 'close')));
  }
  const size = megabytes(process.memoryUsage.rss());
  expect(held).toHaveLength(8);
  const [median, compared] = [percentile(replaced, 50), percentile(ourselves, 50)];
  recordFigure(
    35,
    `replacing a render process stops the loop of a server of ${size} MB for ${median.toFixed(1)} ms (median of ${rounds}; ${compared.toFixed(1)} ms if it started the process itself)`,
  );
  expect(median).toBeLessThan(compared);
});
