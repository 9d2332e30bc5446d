import { isatty } from 'node:tty';

/**
 * Resolves to the signal that ends the process. SIGHUP is none of them: the configuration is read again, unless it says that
 * the terminal has gone that the process was started on.
 */
export function untilStopped(reload: () => void): Promise<'SIGTERM' | 'SIGINT' | 'SIGHUP'> {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  return new Promise((resolve) => {
    process.on('SIGHUP', () => {
      if (terminals.length > 0 && !terminals.some((descriptor) => isatty(descriptor))) resolve('SIGHUP');
      else reload();
    });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
}
