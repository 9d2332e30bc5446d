import { cancelled, Failure, isFailure } from '../../failure.ts';
import { StoreRefusal } from '../refusal.ts';

/** What the operating system says when a path cannot lead to an object. */
const absentCodes: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'ELOOP']);
/** Out of file descriptors: the process is too busy, not the disk broken. */
const overloadedCodes: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE']);

const permission = 'let the user that fovea runs as read and write the folder';

/** By the system's code: what the operator may do. */
const remedies: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'make the folder, mount it, or correct its name'],
  ['ENOTDIR', 'name a folder: a file is in the way'],
  ['EACCES', permission],
  ['EPERM', permission],
  ['EROFS', 'mount it writable, or keep it elsewhere'],
  ['ENOSPC', 'make room on the disk'],
  ['EDQUOT', 'make room on the disk'],
]);

/** This process may not look there. */
const forbiddenCodes: ReadonlySet<string> = new Set(['EACCES', 'EPERM']);
/** The file system knows no hard links (exFAT, SMB, Azure Files, much of FUSE), or none between these two places. */
const linklessCodes: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EXDEV',
  'EMLINK',
  'EINVAL',
]);

/** The code of a system error, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** True when the error means "there is no such object". */
export function meansNoFile(error: unknown): boolean {
  return absentCodes.has(codeOf(error) ?? '');
}

/** True when the error means that this process may not look there. */
export function meansForbidden(error: unknown): boolean {
  return forbiddenCodes.has(codeOf(error) ?? '');
}

/** True when the error of a link means that there are none. */
export function meansNoLinks(error: unknown): boolean {
  return linklessCodes.has(codeOf(error) ?? '');
}

/** Runs a task on the file system; what it throws comes out as the Failure that it stands for. */
export async function withDiskFailures<Result>(task: () => Promise<Result>): Promise<Result> {
  try {
    return await task();
  } catch (error) {
    throw diskFailure(error);
  }
}

/** The Failure that an error of the file system stands for; an error without a system call is a bug and stays as it is. */
export function diskFailure(error: unknown): unknown {
  if (isFailure(error)) return error;
  const code = codeOf(error);
  if (code === 'ABORT_ERR') return cancelled(error);
  if (code !== undefined && overloadedCodes.has(code)) {
    return new Failure('overloaded', 'Too many files are open.', { cause: error });
  }
  if (error instanceof Error && 'syscall' in error) {
    const cause = new StoreRefusal(error.message, remedies.get(code ?? ''), error);
    return new Failure('upstream', 'The folder could not be read or written.', { cause });
  }
  return error;
}
