/** A finished variant, as the tiers keep it. */
export interface Variant {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** Strong entity tag of these bytes, quoted: the one they were made with. */
  readonly etag: string;
  /** Version of the original, and of the layers, they were made of: the identity's stamp. */
  readonly version: string;
  /** When the original, or a layer, was last modified. */
  readonly lastModified: Date;
}
