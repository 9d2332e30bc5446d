/** A request that its holder may send once the store's rules on it are met; nothing else of the store opens to him. */
export interface PresignedUpload {
  readonly method: 'POST' | 'PUT';
  readonly url: string;
  /** To be sent exactly so (PUT). */
  readonly headers?: Readonly<Record<string, string>>;
  /** Form fields, to be sent before the file (POST). */
  readonly fields?: Readonly<Record<string, string>>;
}

export interface PostToPresign {
  readonly key: string;
  /** Exactly this type. */
  readonly contentType: string;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly expiresSeconds: number;
}

export interface PutToPresign {
  readonly key: string;
  /** Undefined: any type, any length; whoever reads the object has to look at both. */
  readonly contentType?: string;
  readonly bytes?: number;
  /** SHA-256 of the body, base64; the store refuses another one. */
  readonly sha256?: string;
  /** Create only: a second use is refused. */
  readonly onlyIfAbsent?: boolean;
  readonly expiresSeconds: number;
}

/**
 * Lets others put an object without our credentials and without its bytes passing through us: the store itself holds
 * them to type, size and time. What was signed cannot be taken back before it expires. Failures: `invalid` (a key that
 * the store cannot hold), `upstream` (no credentials to sign with).
 */
export interface UploadPresigner {
  /** False for a store that knows no signed forms: everything goes there by PUT. */
  readonly takesForms: boolean;
  presignPost(post: PostToPresign): Promise<PresignedUpload>;
  presignPut(put: PutToPresign): Promise<PresignedUpload>;
}
