export { type Addresses, type AddressOptions, createAddresses } from './addresses.ts';
export type { PublishedFile } from './batch.ts';
export type { Caller } from './caller.ts';
export type { IncomingFile, Placed, PlacedBody } from './receive.ts';
export type { BatchReport, FileReport } from './report.ts';
export { type FileToSign, maxFiles, type SignedBatch, type SignedFile, type SignOptions } from './sign.ts';
export type { SweepOptions, Swept } from './sweep.ts';
export type { PlaceToken } from './tokens.ts';
export { createUploads, type UploadedPart, type Uploads, type UploadsParts } from './uploads.ts';
