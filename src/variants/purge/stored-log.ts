import { z } from 'zod';

/** What a purge was about: originals by key, or all whose keys begin so. */
export type PurgeNotice = { readonly keys: readonly string[] } | { readonly prefix: string };

/** No variant's and no original's key begins so. */
export const logsFolder = '.fovea-purges/';
/** Another one than last time means that there are logs to read. */
export const markKey = `${logsFolder}mark`;

/** A log nobody has written to for so long is deleted: whoever has not looked since forgets everything instead. */
export const logLifeMs = 600_000;

export const everything: PurgeNotice = { prefix: '' };

const logSchema = z.object({
  /** The number of the first notice in it: those before have left it. */
  first: z.number(),
  notices: z.array(z.union([z.object({ keys: z.array(z.string()) }), z.object({ prefix: z.string() })])),
});
/** A log as it lies in the store. */
export type StoredLog = z.infer<typeof logSchema>;

export function parseLog(text: string): StoredLog | undefined {
  try {
    return logSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The notices of a log that are new to us; what cannot be known any more may have been about everything. */
export function newIn({ first, notices }: StoredLog, next: number): readonly PurgeNotice[] {
  return first > next ? [everything] : notices.slice(next - first);
}

/** All keys in one: forgetting costs a walk of what is under way, however many they are. */
export function merged(notices: readonly PurgeNotice[]): readonly PurgeNotice[] {
  const keys = notices.flatMap((notice) => ('keys' in notice ? notice.keys : []));
  const others = notices.filter((notice) => !('keys' in notice));
  return keys.length === 0 ? others : [{ keys }, ...others];
}
