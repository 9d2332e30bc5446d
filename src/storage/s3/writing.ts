import type { PutObjectCommandInput } from '@aws-sdk/client-s3';

/** What every object is put with, whoever puts it. */
export interface S3Writing {
  /** By keys of S3's or of KMS's: with that one, or the account's own for S3; the bucket decides when absent. */
  readonly encryption?: { readonly by: 's3' | 'kms'; readonly key?: string } | undefined;
  /** The bucket's when absent. */
  readonly storageClass?: string | undefined;
}

type WritingInput = Pick<PutObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId' | 'StorageClass'>;

/** For PutObject. */
export function writingInput({ encryption, storageClass }: S3Writing): WritingInput {
  return {
    ...(encryption === undefined ? {} : { ServerSideEncryption: encryption.by === 's3' ? 'AES256' : 'aws:kms' }),
    ...(encryption?.key === undefined ? {} : { SSEKMSKeyId: encryption.key }),
    // Other stores have classes of their own.
    ...(storageClass === undefined ? {} : { StorageClass: storageClass as NonNullable<WritingInput['StorageClass']> }),
  };
}

/** The same as the header fields that S3 reads, for those who send to it themselves. */
export function writingHeaders(writing: S3Writing): Readonly<Record<string, string>> {
  const { ServerSideEncryption, SSEKMSKeyId, StorageClass } = writingInput(writing);
  return {
    ...(ServerSideEncryption === undefined ? {} : { 'x-amz-server-side-encryption': ServerSideEncryption }),
    ...(SSEKMSKeyId === undefined ? {} : { 'x-amz-server-side-encryption-aws-kms-key-id': SSEKMSKeyId }),
    ...(StorageClass === undefined ? {} : { 'x-amz-storage-class': StorageClass }),
  };
}
