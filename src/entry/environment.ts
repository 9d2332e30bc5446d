import { homedir } from 'node:os';

/**
 * The process's environment, with a HOME where the system knows none: a user whom no file lists, as in containers, has no
 * home folder, and the AWS SDK, which looks for its settings there, would fail with every request. `/` is what runc says.
 */
export function environment(): NodeJS.ProcessEnv {
  try {
    homedir();
  } catch {
    process.env['HOME'] = '/';
  }
  return process.env;
}
