import type { Uploads } from '../../uploads/index.ts';

/** What the upload routes are built on. */
export interface UploadRoutesOptions {
  readonly uploads: Uploads;
  /** Where clients reach us, without a slash at the end; as their request says when undefined. */
  readonly publicUrl: string | undefined;
  /** Origins whose pages may upload: `https://shop.example`, or `*`. */
  readonly origins: readonly string[];
}
