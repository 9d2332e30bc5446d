import { basename, dirname } from 'node:path';
import { Failure } from '../failure.ts';
import { createDiskStore, type ObjectStore } from '../storage/index.ts';
import type { Context } from './command.ts';

/** A file of this machine, and the key it shall have. */
export interface FileToUpload {
  readonly key: string;
  open(): Promise<AsyncIterable<Uint8Array>>;
}

export interface UploadSelection {
  readonly prefix: string;
  readonly key?: string | undefined;
  /** In a folder only what comes after this key. */
  readonly startAfter?: string | undefined;
}

export interface FilesToUpload {
  /** In order of their keys within each folder. */
  readonly files: AsyncIterable<FileToUpload>;
  readonly total: number | undefined;
}

type Folder = Pick<ObjectStore, 'head' | 'get' | 'list'>;

/** What a folder is searched for; what is named outright is taken as it is, and judged by its bytes. */
export const pictureName = /^(?:[^./][^/]*\/)*[^./][^/]*\.(?:jpe?g|png|webp|gif|avif|hei[cf]|tiff?|bmp|ico|svg|jxl)$/i;

/** Finds the files that paths name. Failures: `not_found`, `invalid`. */
export async function filesToUpload(
  paths: readonly string[],
  selection: UploadSelection,
  { signal, output }: Pick<Context, 'signal' | 'output'>,
): Promise<FilesToUpload> {
  const sources = await Promise.all(paths.map((path) => sourceOf(path, signal)));
  const hasFolder = sources.some(({ isFile }) => !isFile);
  if (selection.key !== undefined && (hasFolder || sources.length > 1)) {
    throw new Failure('invalid', '--key is for a single file: expected --prefix for several.');
  }
  return { files: filesOf(sources, selection, { signal, output }), total: hasFolder ? undefined : sources.length };
}

interface Source {
  readonly folder: Folder;
  /** Of the file in it. */
  readonly name: string;
  readonly isFile: boolean;
}

async function sourceOf(path: string, signal: AbortSignal): Promise<Source> {
  const name = basename(path);
  const parent = createDiskStore({ directory: dirname(path) });
  const isName = name !== '' && name !== '.' && name !== '..';
  if (isName && (await parent.head(name, { signal })) !== undefined) return { folder: parent, name, isFile: true };
  const folder = createDiskStore({ directory: path });
  for await (const _ of folder.list('', { signal })) return { folder, name, isFile: false };
  throw new Failure('not_found', `There is no such file, and nothing in such a folder: ${path}`);
}

/** A file of this machine, as it streams in. Failure `not_found`. */
export async function readFile(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const object = await createDiskStore({ directory: dirname(path) }).get(basename(path), { signal });
  if (object === undefined)
    throw new Failure('not_found', `There is no such plain file: ${path} (- reads from a pipe)`);
  return object.body;
}

type Search = Pick<Context, 'signal' | 'output'>;

async function* filesOf(sources: readonly Source[], selection: UploadSelection, search: Search) {
  for (const { folder, name, isFile } of sources) {
    const key = selection.key ?? `${selection.prefix}${name}`;
    if (isFile) yield { key, open: () => openFile(folder, name, search.signal) };
    else yield* filesIn(folder, selection, search);
  }
}

async function* filesIn(folder: Folder, { prefix, startAfter }: UploadSelection, { signal, output }: Search) {
  const after = startAfter?.startsWith(prefix) ? startAfter.slice(prefix.length) : undefined;
  const options = after === undefined || after === '' ? { signal } : { signal, startAfter: after };
  for await (const { key: name } of folder.list('', options)) {
    if (pictureName.test(name)) {
      yield { key: `${prefix}${name}`, open: () => openFile(folder, name, signal) };
    } else output.note(`${name}: not taken for a picture by its name, left out`);
  }
}

async function openFile(folder: Folder, name: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const object = await folder.get(name, { signal });
  if (object === undefined) throw new Failure('not_found', `The file has gone: ${name}`);
  return object.body;
}
