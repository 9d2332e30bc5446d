import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { contentTypeByExtension } from '../content-type.ts';
import type { PutOptions } from '../store.ts';
import { codeOf, meansNoFile } from './failures.ts';
import { makeFolders } from './make-folders.ts';
import { reservedSegments } from './paths.ts';
import { syncFolders } from './sync.ts';

const factsSchema = z.object({
  /** The body these facts belong to: with any other body they are ignored. */
  etag: z.string(),
  contentType: z.string().optional(),
  metadata: z.record(z.string(), z.string()),
});
const sidecarSchema = z.object({ key: z.string(), bodies: z.array(factsSchema) });

type Sidecar = z.infer<typeof sidecarSchema>;

/** What a plain file cannot say about the object it holds. */
export type SidecarFacts = z.infer<typeof factsSchema>;

/** A sidecar is written before its body appears, so it also speaks of the bodies before: readers may still hold them. */
const maxBodies = 4;

/** What has to be written beside a body; undefined when the plain file says it all. */
export function factsToKeep(key: string, etag: string, options: PutOptions): SidecarFacts | undefined {
  const { contentType, metadata = {} } = options;
  const isPlain = contentType === undefined || contentType === contentTypeByExtension(key);
  if (isPlain && Object.keys(metadata).length === 0) return undefined;
  return { etag, metadata: { ...metadata }, ...(contentType === undefined ? {} : { contentType }) };
}

/** The facts kept for exactly this body, if any. */
export async function readFacts(root: string, key: string, etag: string): Promise<SidecarFacts | undefined> {
  const sidecar = await readSidecar(sidecarFile(root, key));
  return sidecar?.key === key ? sidecar.bodies.find((facts) => facts.etag === etag) : undefined;
}

interface SidecarPlace {
  readonly root: string;
  readonly key: string;
  readonly syncs: boolean;
}

/** Adds the facts of a body that is about to appear; whole or not at all, like the body. */
export async function writeFacts(place: SidecarPlace, facts: SidecarFacts): Promise<void> {
  const { root, key, syncs } = place;
  const file = sidecarFile(root, key);
  if (await createSidecar(file, place, facts)) return;
  const before = await readSidecar(file);
  const bodies = [facts, ...(before?.bodies ?? [])].slice(0, maxBodies);
  const temporary = path.join(root, reservedSegments.temporary, randomUUID());
  try {
    await writeFile(temporary, JSON.stringify({ key, bodies } satisfies Sidecar), { flag: 'wx', flush: syncs });
    await moveInto(file, temporary);
    if (syncs) await syncFolders(root, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Where there is none yet nobody needs one before its body appears, so it may grow in its place, which is two calls less than to
 * look first and to move it there. Whoever finds one that was cut off takes it for none. False where there is one, or no folder
 * for it yet.
 */
async function createSidecar(file: string, { root, key, syncs }: SidecarPlace, facts: SidecarFacts): Promise<boolean> {
  try {
    await writeFile(file, JSON.stringify({ key, bodies: [facts] } satisfies Sidecar), { flag: 'wx', flush: syncs });
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  if (syncs) await syncFolders(root, file);
  return true;
}

/** Its folder is there but for the first of some 256 that are never removed. */
async function moveInto(file: string, temporary: string): Promise<void> {
  try {
    await rename(temporary, file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    await makeFolders(path.dirname(file));
    await rename(temporary, file);
  }
}

/** Removes whatever is kept for the key. */
export async function removeFacts(root: string, key: string): Promise<void> {
  await rm(sidecarFile(root, key), { force: true });
}

/** Named by the key's hash: `a` and `a.json/b` are both keys, and a key's last segment may already fill a file name. */
export function sidecarFile(root: string, key: string): string {
  const name = createHash('sha256').update(key).digest('hex').slice(0, 40);
  return path.join(root, reservedSegments.sidecars, name.slice(0, 2), `${name.slice(2)}.json`);
}

async function readSidecar(file: string): Promise<Sidecar | undefined> {
  try {
    const parsed = sidecarSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    return parsed.data;
  } catch (error) {
    if (meansNoFile(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
