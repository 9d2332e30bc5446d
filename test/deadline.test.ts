import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { startDeadline, unlessAborted, withDeadline } from '../src/deadline.ts';
import { Failure } from '../src/failure.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = () => new Promise<never>(() => undefined);

test('a task that does not look at its signal is left when the time is up, for the reason given', async () => {
  const reason = () => new Failure('overloaded', 'Come again.');
  const work = withDeadline({ ms: 100, reason }, never);
  const told = expect(work).rejects.toMatchObject({ kind: 'overloaded', message: 'Come again.' });
  await vi.advanceTimersByTimeAsync(100);
  await told;
});

test('many may wait for one deadline without a word of Node about listeners that leak', async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error) => void warnings.push(name);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  const { signal, end, stop } = startDeadline({ ms: 100 });
  onTestFinished(stop);
  const waiting = Array.from({ length: 30 }, () => unlessAborted(never(), signal));
  end(new Failure('overloaded', 'Come again.'));
  expect((await Promise.allSettled(waiting)).every(({ status }) => status === 'rejected')).toBe(true);
  // Node warns a turn later.
  await nextTurn();
  expect(warnings).toEqual([]);
});

test('without a reason it is a timeout that tells the milliseconds', async () => {
  const told = expect(withDeadline({ ms: 100 }, never)).rejects.toMatchObject({
    kind: 'timeout',
    message: 'Not done after 100 ms.',
  });
  await vi.advanceTimersByTimeAsync(100);
  await told;
});

test('what a task throws because its signal fired comes out as what the signal stands for', async () => {
  const work = withDeadline(
    { ms: 100 },
    ({ signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('socket hang up')))),
  );
  const told = expect(work).rejects.toMatchObject({ kind: 'timeout' });
  await vi.advanceTimersByTimeAsync(100);
  await told;
});

test('a caller who leaves ends it as cancelled, and nothing is begun for one who has left', async () => {
  const caller = new AbortController();
  const told = expect(withDeadline({ ms: 100, signal: caller.signal }, never)).rejects.toMatchObject({
    kind: 'cancelled',
  });
  caller.abort();
  await told;
  const task = vi.fn(async () => 1);
  await expect(withDeadline({ ms: 100, signal: caller.signal }, task)).rejects.toMatchObject({ kind: 'cancelled' });
  expect(task).not.toHaveBeenCalled();
});

test('whatever it comes to, no timer is left, and the caller leaving later reaches nobody', async () => {
  const caller = new AbortController();
  const seen: AbortSignal[] = [];
  await withDeadline({ ms: 100, signal: caller.signal }, async ({ signal }) => void seen.push(signal));
  await expect(
    withDeadline({ ms: 100, signal: caller.signal }, async ({ signal }) => {
      seen.push(signal);
      throw new Error('a bug');
    }),
  ).rejects.toThrow('a bug');
  expect(vi.getTimerCount()).toBe(0);
  caller.abort();
  expect(seen.map((signal) => signal.aborted)).toEqual([false, false]);
});

test('is extended once, and begins anew as often as something moves', () => {
  const deadline = startDeadline({ ms: 100 });
  deadline.extend(50);
  deadline.extend(1000);
  vi.advanceTimersByTime(149);
  expect(deadline.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(deadline.signal.aborted).toBe(true);

  const moving = startDeadline({ ms: 100 });
  vi.advanceTimersByTime(99);
  moving.restart();
  vi.advanceTimersByTime(99);
  moving.restart();
  vi.advanceTimersByTime(99);
  expect(moving.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(moving.signal.reason).toMatchObject({ kind: 'timeout' });
});
