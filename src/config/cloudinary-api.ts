import { z } from 'zod';

const text = z.string().min(1).max(500);
const presetName = z.string().regex(/^[\w .-]{1,100}$/, 'a preset name has letters, digits, blanks, dots, _ and -');

/** What an upload preset says where the upload itself does not. */
const uploadPreset = z.strictObject({
  /** Before each name, without a slash at its end. */
  folder: z
    .string()
    .regex(/^[^/](?:.*[^/])?$/, 'expected a folder without slashes at its ends, as in shop/new')
    .optional(),
  tags: z.array(text).max(100).optional(),
  /** Transformations whose URLs are answered. */
  eager: z.array(text).max(20).optional(),
  /** Named after its file. */
  useFilename: z.boolean().optional(),
  /** `false`: a file's name alone, without letters that make it unique. */
  uniqueFilename: z.boolean().optional(),
  allowedFormats: z.array(text).max(30).optional(),
});

const uploadPresets = z
  .union([z.array(presetName).max(100), z.record(presetName, uploadPreset)], {
    error: 'expected names, or an object with what each name stands for',
  })
  .transform(
    (presets): Readonly<Record<string, UploadPreset>> =>
      Array.isArray(presets) ? Object.fromEntries(presets.map((name) => [name, {}])) : presets,
  )
  .default({});

export type UploadPreset = Readonly<z.infer<typeof uploadPreset>>;

/** Cloudinary's API for uploads, for clients of it. */
export const cloudinaryApi = z
  .strictObject({
    key: text,
    /** One, or several of which the newest comes first. */
    secret: z
      .union([text, z.array(text).min(1).max(20)], { error: 'expected a text, or a list of such' })
      .transform((given) => [given].flat()),
    /** `true`: a signed upload that says nothing of it replaces what is there, as it does at Cloudinary. */
    overwrites: z.boolean().default(false),
    /** For whoever signs. */
    presets: uploadPresets,
    /** For everybody. */
    unsignedPresets: uploadPresets,
  })
  .optional();
