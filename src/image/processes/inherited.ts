import { closeSync, readdirSync, readFileSync } from 'node:fs';

/** What the kernel tells of each descriptor of this process: proc(5), /proc/pid/fdinfo. */
const folder = '/proc/self/fdinfo';
/** O_CLOEXEC (asm-generic/fcntl.h): on whatever Node opens, and on nothing that a parent left open for us to find. */
const closeOnExec = 0o2000000;
/** Standard input, output and errors: each process that is started here has its own. */
const standard = 3;

/**
 * Closes every descriptor that a process started from here would inherit. Node marks those that it finds at its start to
 * be closed, but only up to the first gap past the fifteenth; and no shell can close one above the ninth. Where there is
 * no /proc nothing is known and nothing closed; systems other than Linux hand nothing down that was not asked for.
 */
export function closeInherited(): void {
  for (const descriptor of descriptors()) if (descriptor >= standard && isInherited(descriptor)) closeSync(descriptor);
}

function descriptors(): readonly number[] {
  try {
    return readdirSync(folder).map(Number);
  } catch {
    return [];
  }
}

function isInherited(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`${folder}/${descriptor}`, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0;
  } catch {
    return false; // It was the one by which the folder was read.
  }
}
