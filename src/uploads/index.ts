export {
  type AddressOptions,
  createAddresses,
  createExamples,
  createLongAddresses,
  type LongAddress,
} from './addresses.ts';
export type { Caller } from './batch/caller.ts';
export { maxFiles, type PublishedFile } from './batch/records.ts';
export type { BatchReport, FileReport } from './batch/report.ts';
export type { Taken, TicketToken } from './batch/ticket.ts';
export { visibleOriginals } from './commit/visible.ts';
export type { PresignedFile } from './presign/address.ts';
export type { TicketIssuers, TicketKey } from './presign/minted.ts';
export type { PresignedBatch } from './presign/presign.ts';
export type { FileToPresign } from './presign/promised.ts';
export type { PlaceToken } from './presign/tokens.ts';
export type { Placed, PlacedBody } from './receive/place.ts';
export type { IncomingFile } from './receive/receive.ts';
export type { Progress, RestBody, Resumed } from './receive/resume.ts';
export type { Replaceable } from './replace/put-over.ts';
export type { NamedPlace } from './replace/receive-named.ts';
export type { Replaced, Replacement } from './replace/replace.ts';
export type { OriginalVersions } from './replace/restore.ts';
export { createUploads, type Uploads, type UploadsParts } from './uploads.ts';
