/** A finished variant, as the tiers keep it. */
export interface Variant {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** Strong entity tag of these bytes, quoted: the one they were made with. */
  readonly etag: string;
  /** Version of the original they were made of. */
  readonly version: string;
  /** When the original was last modified. */
  readonly lastModified: Date;
}
