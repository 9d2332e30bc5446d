import { z } from 'zod';

const names = z.array(z.string().min(1)).optional();

/** Messages of our own making; the field `fovea` tells them from S3's. */
export const jobSchema = z.discriminatedUnion('fovea', [
  /** The edge's second purge. */
  z.strictObject({
    fovea: z.literal('purge-edge'),
    tags: z.array(z.string()),
    reference: z.string(),
    /** Milliseconds since 1970. */
    dueAt: z.number(),
  }),
  /** A whole purge, by whoever may write to the queue. */
  z.strictObject({ fovea: z.literal('purge'), keys: names, prefixes: names, tags: names, urls: names }),
]);

export type Job = z.infer<typeof jobSchema>;
