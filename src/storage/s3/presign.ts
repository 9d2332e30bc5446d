import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { checkKey } from '../keys.ts';
import type { PostToSign, PutToSign, SignedUpload, UploadSigner } from '../presign.ts';
import { s3Failure } from './failures.ts';

export interface S3UploadSignerOptions {
  /** Made by `createS3Client`: with the SDK's own defaults a URL would demand the checksum of an empty body. */
  readonly client: S3Client;
  readonly bucket: string;
  /** What every key in the bucket begins with: empty, or ends in `/`. */
  readonly prefix: string;
}

/** Signs uploads to a bucket. Signing is arithmetic: no request is sent, unless for credentials. */
export function createS3UploadSigner({ client, bucket, prefix }: S3UploadSignerOptions): UploadSigner {
  async function signPost(post: PostToSign): Promise<SignedUpload> {
    checkKey(prefix + post.key);
    const { url, fields } = await translated(() =>
      createPresignedPost(client, {
        Bucket: bucket,
        Key: prefix + post.key,
        // 201 answers with a Location that forms and clients can read; the default is an empty 204.
        Fields: { 'Content-Type': post.contentType, success_action_status: '201' },
        Conditions: [['content-length-range', post.minBytes, post.maxBytes]],
        Expires: post.expiresSeconds,
      }),
    );
    return { method: 'POST', url, fields };
  }

  async function signPut(put: PutToSign): Promise<SignedUpload> {
    checkKey(prefix + put.key);
    const headers = headersOf(put);
    const command = new PutObjectCommand({
      Bucket: bucket,
      Key: prefix + put.key,
      ...(put.contentType === undefined ? {} : { ContentType: put.contentType }),
      ...(put.bytes === undefined ? {} : { ContentLength: put.bytes }),
      ...(put.sha256 === undefined ? {} : { ChecksumSHA256: put.sha256 }),
      ...(put.onlyIfAbsent ? { IfNoneMatch: '*' } : {}),
    });
    // A header that is not signed is not enforced; one that is hoisted into the query is neither.
    const signed = new Set([...Object.keys(headers), ...(put.bytes === undefined ? [] : ['content-length'])]);
    const url = await translated(() =>
      getSignedUrl(client, command, {
        expiresIn: put.expiresSeconds,
        signableHeaders: signed,
        unhoistableHeaders: signed,
      }),
    );
    return { method: 'PUT', url, headers };
  }

  return { signPost, signPut };
}

/** What the client sends beside the body; its length it cannot choose. */
function headersOf({ contentType, sha256, onlyIfAbsent }: PutToSign): Record<string, string> {
  return {
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...(sha256 === undefined ? {} : { 'x-amz-checksum-sha256': sha256 }),
    ...(onlyIfAbsent ? { 'if-none-match': '*' } : {}),
  };
}

async function translated<Result>(task: () => Promise<Result>): Promise<Result> {
  try {
    return await task();
  } catch (error) {
    throw s3Failure(error);
  }
}
