import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Says in one line what is missing, instead of failing test by test. */
export async function setup(): Promise<void> {
  try {
    await promisify(execFile)('varnishd', ['-V']);
  } catch {
    throw new Error(
      'The Varnish tests need varnishd: run "apt-get install -y --no-install-recommends varnish varnish-modules" as root.',
    );
  }
}
