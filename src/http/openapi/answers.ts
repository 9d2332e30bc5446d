import { z } from 'zod';

/* What answers look like. Requests are checked by schemas of the routes' own; these only tell, and a test holds answers to them. */

const moment = z.iso.datetime();
const share = z.number().min(0).max(1);
const point = z.object({ x: share, y: share });

/** RFC 9457, which every failure is told in. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  requestId: z.string().optional(),
});

const edgePurges = z.array(z.object({ provider: z.string(), id: z.string(), status: z.string() }));
const purgeFigures = { variantsDeleted: z.int(), memoryEvicted: z.int(), edge: edgePurges };

export const purged = z.object({ id: z.string(), dryRun: z.boolean(), originals: z.int(), ...purgeFigures });

export const erased = z.object({
  id: z.string(),
  dryRun: z.boolean(),
  key: z.string(),
  wasThere: z.boolean(),
  ...purgeFigures,
});

export const original = z.object({
  key: z.string(),
  bytes: z.int(),
  lastModified: moment,
  contentType: z.string().optional(),
  focus: point.optional(),
  alt: z.string().optional(),
  isProtected: z.boolean(),
  etag: z.string(),
  /** Where it was taken, in degrees: told when that is asked for. */
  position: z.object({ latitude: z.number(), longitude: z.number() }).optional(),
});

export const replaced = z.object({
  key: z.string(),
  type: z.string(),
  format: z.string(),
  width: z.int(),
  height: z.int(),
  bytes: z.int(),
  thumbhash: z.string(),
  replaced: z.boolean(),
  urls: z.record(z.string(), z.string()),
  ...purgeFigures,
});

export const versions = z.object({
  key: z.string(),
  versions: z.array(
    z.object({
      id: z.string(),
      lastModified: moment,
      isLatest: z.boolean(),
      isDeleted: z.boolean(),
      bytes: z.int().optional(),
    }),
  ),
});

export const restored = z.object({ key: z.string(), version: z.string(), bytes: z.int(), ...purgeFigures });

export const originals = z.object({
  originals: z.array(z.object({ key: z.string(), bytes: z.int(), lastModified: moment })),
  next: z.string().optional(),
});

export const worded = z.object({ key: z.string(), alt: z.string().nullable() });

export const focused = z.object({ key: z.string(), focus: point.nullable() });

export const explained = z.object({
  url: z.string(),
  dialect: z.string().optional(),
  isSigned: z.boolean().optional(),
  id: z.string().optional(),
  parts: z.array(z.object({ written: z.string(), means: z.string() })).optional(),
  transformation: z.string().optional(),
  vary: z.string().optional(),
  refused: z.object({ status: z.int(), title: z.string(), detail: z.string() }).optional(),
  answers: z
    .array(
      z.object({
        accept: z.string().optional(),
        key: z.string().optional(),
        canonical: z.string().optional(),
        etag: z.string(),
        cacheTag: z.string(),
        kept: z.enum(['memory', 'store', 'nowhere']).optional(),
      }),
    )
    .optional(),
});

/** The rest of it is in the reference of `fl_describe`. */
export const information = z.looseObject({
  format: z.string(),
  width: z.int(),
  height: z.int(),
  bytes: z.int(),
  palette: z.array(z.string()),
  thumbHash: z.string(),
  blurHash: z.string(),
  placeholder: z.string(),
  alt: z.string().optional(),
});

/** What became of a file that was sent. */
const fileReport = z.looseObject({
  key: z.string(),
  status: z.enum(['published', 'refused', 'withheld']),
  format: z.string().optional(),
  width: z.int().optional(),
  height: z.int().optional(),
  url: z.string().optional(),
  urls: z.record(z.string(), z.string()).optional(),
  error: z.object({ title: z.string(), status: z.int(), detail: z.string() }).optional(),
});

export const batchReport = z.object({ batch: z.string(), files: z.array(fileReport) });

const texts = z.record(z.string(), z.string());
const address = z.object({
  key: z.string(),
  method: z.enum(['POST', 'PUT']),
  url: z.url(),
  headers: texts.optional(),
  fields: texts.optional(),
  expires: moment,
});
export const presigned = z.object({ batch: z.string(), expires: moment, uploads: z.array(address) });
export const ticket = z.object({ ticket: z.string(), endpoint: z.url(), expires: moment });
export const staged = z.object({ key: z.string() });

export const uppyParams = z.object({
  method: z.string(),
  url: z.url(),
  fields: texts.optional(),
  headers: texts,
  expires: z.int(),
  key: z.string(),
  batch: z.string(),
});
export const uppySigned = z.object({
  method: z.enum(['POST', 'PUT']),
  url: z.url(),
  key: z.string(),
  headers: texts,
  fields: texts.optional(),
  expires: moment,
});
export const uppyCreated = z.object({ key: z.string(), uploadId: z.string() });
export const uppyParts = z.array(z.object({ PartNumber: z.int(), Size: z.int(), ETag: z.string() }));
export const uppyPart = z.object({ url: z.url(), headers: texts.optional(), expires: z.int() });
export const uppyCompleted = z.object({ location: z.string().optional(), key: z.string() });
export const nothing = z.object({});
