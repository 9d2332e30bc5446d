import { PutObjectCommand } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { checkKey } from '../keys.ts';
import type { PostToPresign, PresignedUpload, PutToPresign, UploadPresigner } from '../presign.ts';
import type { S3Bucket } from './bucket.ts';
import { s3Failure } from './failures.ts';
import { goWhereLearnt, type LearntRegions } from './region.ts';
import { writingHeaders, writingInput } from './writing.ts';

export interface S3PresignerOptions extends Partial<Pick<UploadPresigner, 'takesForms'>> {
  /** Where S3 has said that buckets are: what is signed for another region is refused. */
  readonly learnt?: LearntRegions;
}

/**
 * Signs uploads to a bucket. Signing is arithmetic: no request is sent, unless for credentials. With a client that
 * `createS3Client` has not made a URL would demand the checksum of an empty body.
 */
export function createS3UploadPresigner(
  bucket: S3Bucket,
  { takesForms = true, learnt = new Map() }: S3PresignerOptions = {},
): UploadPresigner {
  const inItsRegion = () => {
    goWhereLearnt({ ...bucket, learnt });
    return bucket;
  };
  return {
    takesForms,
    presignPost: (post) => presignPost(inItsRegion(), post),
    presignPut: (put) => presignPut(inItsRegion(), put),
  };
}

async function presignPost(place: S3Bucket, post: PostToPresign): Promise<PresignedUpload> {
  const { client, bucket, prefix, writing = {} } = place;
  checkKey(prefix + post.key);
  const { url, fields } = await withS3Failures(() =>
    createPresignedPost(client, {
      Bucket: bucket,
      Key: prefix + post.key,
      // 201 answers with a Location that forms and clients can read; the default is an empty 204.
      Fields: { 'Content-Type': post.contentType, success_action_status: '201', ...writingHeaders(writing) },
      Conditions: [['content-length-range', post.minBytes, post.maxBytes]],
      Expires: post.expiresSeconds,
    }),
  );
  return { method: 'POST', url, fields };
}

async function presignPut(place: S3Bucket, put: PutToPresign): Promise<PresignedUpload> {
  const { client, bucket, prefix, writing = {} } = place;
  checkKey(prefix + put.key);
  const headers = { ...headersOf(put), ...writingHeaders(writing) };
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: prefix + put.key,
    ...(put.contentType === undefined ? {} : { ContentType: put.contentType }),
    ...(put.bytes === undefined ? {} : { ContentLength: put.bytes }),
    ...(put.sha256 === undefined ? {} : { ChecksumSHA256: put.sha256 }),
    ...(put.onlyIfAbsent ? { IfNoneMatch: '*' } : {}),
    ...writingInput(writing),
  });
  // A header that is not signed is not enforced; one that is hoisted into the query is neither.
  const signed = new Set([...Object.keys(headers), ...(put.bytes === undefined ? [] : ['content-length'])]);
  const options = { expiresIn: put.expiresSeconds, signableHeaders: signed, unhoistableHeaders: signed };
  return { method: 'PUT', url: await withS3Failures(() => getSignedUrl(client, command, options)), headers };
}

/** What the client sends beside the body; its length it cannot choose. */
function headersOf({ contentType, sha256, onlyIfAbsent }: PutToPresign): Record<string, string> {
  return {
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...(sha256 === undefined ? {} : { 'x-amz-checksum-sha256': sha256 }),
    ...(onlyIfAbsent ? { 'if-none-match': '*' } : {}),
  };
}

async function withS3Failures<Result>(task: () => Promise<Result>): Promise<Result> {
  try {
    return await task();
  } catch (error) {
    throw s3Failure(error);
  }
}
