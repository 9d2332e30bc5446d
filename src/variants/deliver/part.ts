import type { ByteRange } from '../../byte-range.ts';

/** What somebody wants of a body whose length he need not know: a byte to another, or to the end; or the last so many. */
export type WantedRange =
  | { readonly first: number; readonly last: number | undefined }
  | { readonly lastBytes: number };

/** A part that is asked for, and of which body: of another, all of it is wanted. */
export interface AskedPart {
  readonly range: WantedRange;
  /** Strong entity tag, quoted. */
  readonly ofEtag?: string;
  readonly ofDate?: Date;
}

/** A body as a whole. */
interface Whole {
  readonly etag: string;
  /** Absent where bodies of one date may differ: a variant's is its original's, whatever has drawn it. */
  readonly lastModified?: Date;
  /** Bytes. */
  readonly size: number;
}

/** What is sent of a body; `none`: the part that is asked for lies past its end. */
export type SentPart = ByteRange | 'whole' | 'none';

/** What is to be sent of a body to whoever asks for this part of it. */
export function partOf(asked: AskedPart | undefined, whole: Whole): SentPart {
  if (asked === undefined || !isAskedOf(asked, whole)) return 'whole';
  const { range } = asked;
  const { size } = whole;
  if (!('lastBytes' in range)) {
    const { first, last = size - 1 } = range;
    return first < size ? { start: first, end: Math.min(last + 1, size) } : 'none';
  }
  if (range.lastBytes === 0) return 'none';
  // Of an empty body that may be asked, and no Content-Range can tell of it (RFC 9110 §14.1.2).
  return size === 0 ? 'whole' : { start: Math.max(0, size - range.lastBytes), end: size };
}

function isAskedOf({ ofEtag, ofDate }: AskedPart, { etag, lastModified }: Whole): boolean {
  if (ofEtag !== undefined && ofEtag !== etag) return false;
  return ofDate === undefined || ofDate.getTime() === lastModified?.getTime();
}
