import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import PQueue from 'p-queue';
import { Failure } from '../failure.ts';
import { codeOf, meansNoFile } from './disk/failures.ts';

/** A small file of a program's own, by its path: no store, and nothing lies beside it. */
export interface PlainFile {
  /** Undefined when it is not there. Failures: `too_large`, `upstream`. */
  read(maxBytes: number): Promise<string | undefined>;
  /** Whole or not at all, over what is there; one after the other, so that the last counts. Failure `upstream`. */
  write(text: string): Promise<void>;
}

export function createPlainFile(path: string): PlainFile {
  const writes = new PQueue({ concurrency: 1 });
  return {
    read: (maxBytes) => read(path, maxBytes),
    write: (text) => writes.add(() => write(path, text)),
  };
}

async function read(path: string, maxBytes: number): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes) throw new Failure('too_large', `${path} is too large: expected at most ${maxBytes} bytes.`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (meansNoFile(error)) return undefined;
    throw error instanceof Failure ? error : unusable(path, error);
  }
}

async function write(path: string, text: string): Promise<void> {
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}`);
  try {
    await writeFile(beside, text);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown): Failure {
  return new Failure('upstream', `${path} cannot be used (${codeOf(error) ?? 'unknown'}).`, { cause: error });
}
