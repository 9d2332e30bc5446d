/** How a server may differ from AWS's. */
export interface S3Oddities {
  /** False: it sends all there is, whatever part is asked for. */
  readonly knowsRanges: boolean;
  /** False: its listings name keys as they are, whatever encoding is asked for, and do not say so. */
  readonly encodesKeys: boolean;
  /** Many at once: by any checksum, by Content-MD5 only and no header of another, or not at all. */
  readonly deletesMany: 'by any checksum' | 'by MD5' | 'never';
  /** Where the bucket is: what is signed for another region is redirected. Anywhere when undefined. */
  readonly region: string | undefined;
  /** False: a signed form is 501. Of a policy the length is held, and what it demands of fields. */
  readonly takesForms: boolean;
  /** False: a DELETE of what is not there is 404. */
  readonly forgivesDeletes: boolean;
  /** `If-None-Match: *` of a PUT: heeded, passed over, or 501. */
  readonly createsOnly: 'heeded' | 'ignored' | 'refused';
  /** `If-Match` of a PUT: heeded in either form, heeded without quotes only, passed over, or 501. */
  readonly putIfMatch: 'heeded' | 'bare' | 'ignored' | 'refused';
  /** The same of a DELETE. */
  readonly deleteIfMatch: 'heeded' | 'bare' | 'ignored' | 'refused';
  /** False: a checksum of another kind than Content-MD5, in a header or behind a stream, is 501. */
  readonly takesChecksums: boolean;
  /** False: etags have no quotes anywhere. */
  readonly quotesEtags: boolean;
  /** False: the answer to a HEAD does not say how long the object is. */
  readonly tellsLengths: boolean;
}

export const asAws: S3Oddities = {
  knowsRanges: true,
  encodesKeys: true,
  deletesMany: 'by any checksum',
  region: undefined,
  takesForms: true,
  forgivesDeletes: true,
  createsOnly: 'heeded',
  putIfMatch: 'heeded',
  deleteIfMatch: 'heeded',
  takesChecksums: true,
  quotesEtags: true,
  tellsLengths: true,
};

/** Servers as they were met, or as public reports tell of them; the table in docs/stores.md says by whom. */
export const s3Profiles: Readonly<Record<string, Partial<S3Oddities>>> = {
  AWS: {},
  // As it was met: `test/s3` runs the same suite on the real one.
  'radosgw 16': { takesChecksums: false, putIfMatch: 'bare', deleteIfMatch: 'ignored' },
  MinIO: { deleteIfMatch: 'ignored' },
  'Google Cloud Storage': {
    createsOnly: 'ignored',
    putIfMatch: 'ignored',
    deleteIfMatch: 'ignored',
    takesChecksums: false,
  },
  'Cloudflare R2': { takesForms: false, deleteIfMatch: 'ignored', deletesMany: 'by MD5' },
  'Backblaze B2': { takesForms: false, createsOnly: 'refused', putIfMatch: 'refused', deleteIfMatch: 'ignored' },
  'an old clone': {
    knowsRanges: false,
    encodesKeys: false,
    deletesMany: 'never',
    forgivesDeletes: false,
    createsOnly: 'refused',
    putIfMatch: 'ignored',
    deleteIfMatch: 'refused',
    takesChecksums: false,
    quotesEtags: false,
    tellsLengths: false,
  },
};
