import { z } from 'zod';
import { httpUrl, storeLocation } from './values.ts';

const text = z.string().min(1);

/** A store of originals beside that of FOVEA_ORIGINALS. */
const listedStore = z.strictObject({
  /** The beginning of the keys that lie there; in the store they lie without it. */
  prefix: z
    .string()
    .regex(/^(?:[^/].*\/)?$/, 'expected the beginning of keys up to a slash, as in shop/, or ""')
    .refine((prefix) => !prefix.startsWith('.fovea'), 'keys that begin with .fovea are kept for fovea itself'),
  store: storeLocation,
  region: text.optional(),
  endpoint: httpUrl.optional(),
  addressing: z.enum(['path', 'virtual']).optional(),
  /** Without them those that the AWS SDK finds. */
  credentials: z.strictObject({ accessKeyId: text, secretAccessKey: text, sessionToken: text.optional() }).optional(),
  /** Nothing is put there, and nothing deleted. */
  readOnly: z.boolean().default(false),
  /** Seconds for which a version from there is believed; FOVEA_ORIGINAL_TTL where it is not said. */
  ttlSeconds: z.number().int().min(0).max(3600).optional(),
});

export type ListedOriginals = Readonly<z.infer<typeof listedStore>>;

/** In the order in which they are asked; FOVEA_ORIGINALS comes behind them, and `oldHost` behind that. */
export const listedStores = z.array(listedStore).max(20).default([]);
