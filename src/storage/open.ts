import { fileURLToPath } from 'node:url';
import { Failure } from '../failure.ts';
import type { OutboundProxy } from '../outbound/index.ts';
import type { Telemetry } from '../telemetry.ts';
import { makeFolders } from './disk/make-folders.ts';
import { createDiskStore } from './disk.ts';
import { isKey } from './keys.ts';
import type { UploadPresigner } from './presign.ts';
import type { S3Bucket } from './s3/bucket.ts';
import type { LearntRegions } from './s3/region.ts';
import type { S3Writing } from './s3/writing.ts';
import type { ObjectStore } from './store.ts';

/** For one store alone. */
interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface OpenStoreOptions {
  /** Any S3-compatible server; AWS when absent. */
  readonly s3Endpoint?: string;
  /** How a bucket there is addressed: in the path (by default), or as a part of the host name. */
  readonly s3Addressing?: 'path' | 'virtual';
  /** How files go straight to it: as signed forms (by default), or by PUT where it knows none. */
  readonly s3UploadMethod?: 'POST' | 'PUT';
  /** Of the bucket, where it is known; what S3 says otherwise is followed. */
  readonly s3Region?: string | undefined;
  /** Without them the SDK's own chain decides. */
  readonly s3Credentials?: S3Credentials | undefined;
  /** What to set where that is wrong. */
  readonly s3RegionSetting?: string;
  /** Where S3 has said that buckets are; this store's own when absent. */
  readonly s3LearntRegions?: LearntRegions;
  /** What everything is put with there. */
  readonly s3Writing?: S3Writing;
  /** What lies between this machine and S3; nothing when absent. */
  readonly proxy?: OutboundProxy | undefined;
  /** What is put into a folder is on its disk when the put resolves. */
  readonly syncs?: boolean;
  /** A folder that is not there is made; that it cannot be is told by whoever uses it. */
  readonly makesFolder?: boolean;
  /** Told, once of each, of a folder below a folder store's that a listing may not look into, and passes over. */
  readonly telemetry?: Telemetry;
}

const bucketName = /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/i;

/**
 * Opens the store that a location names: `file:DIR` or `s3://bucket/prefix`; `invalid` for anything else.
 *
 * @example
 * const originals = await openStore('s3://my-pictures/originals');
 * const found = await originals.get('cats/tom.jpg', { signal });
 * // undefined when it is not there; found.body is read to its end or destroyed
 */
export async function openStore(location: string, options: OpenStoreOptions = {}): Promise<ObjectStore> {
  if (location.startsWith('file:')) return openDiskStore(directoryOf(location), options);
  if (location.startsWith('s3://')) return openS3Store(location, options);
  throw badLocation(location);
}

async function openDiskStore(
  directory: string,
  { makesFolder = false, syncs = false, telemetry }: OpenStoreOptions,
): Promise<ObjectStore> {
  if (makesFolder) await makeFolders(directory).catch(() => undefined);
  return createDiskStore({ directory, telemetry, syncs });
}

function directoryOf(location: string): string {
  const directory = location.slice('file:'.length);
  if (directory === '') throw badLocation(location);
  if (!directory.startsWith('//')) return directory;
  try {
    return fileURLToPath(location);
  } catch {
    throw badLocation(location);
  }
}

/** Lets uploads go straight to the store that a location names; undefined where the store has no such door. */
export async function openUploadPresigner(
  location: string,
  options: OpenStoreOptions = {},
): Promise<UploadPresigner | undefined> {
  if (!location.startsWith('s3://')) return undefined;
  const [bucket, { createS3UploadPresigner }] = await Promise.all([
    openBucket(location, options),
    import('./s3/presign.ts'),
  ]);
  const { learnt } = bucket;
  return createS3UploadPresigner(bucket, { takesForms: options.s3UploadMethod !== 'PUT', learnt });
}

async function openS3Store(location: string, options: OpenStoreOptions): Promise<ObjectStore> {
  const [bucket, { createS3Store }] = await Promise.all([openBucket(location, options), import('./s3.ts')]);
  return createS3Store(bucket);
}

async function openBucket(location: string, options: OpenStoreOptions): Promise<OpenedBucket> {
  const { s3Endpoint: endpoint, s3Addressing: addressing = 'path', s3Region: region, proxy, telemetry } = options;
  const { s3Credentials: credentials } = options;
  const { s3RegionSetting: setting = 'AWS_REGION', s3LearntRegions: learnt = new Map<string, string>() } = options;
  const place = bucketOf(location);
  // Only here, so that a service on a folder starts without loading the AWS SDK.
  const [{ createS3Client }, { followRegion }] = await Promise.all([
    import('./s3/client.ts'),
    import('./s3/region.ts'),
  ]);
  const client = await createS3Client({
    proxy,
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(endpoint === undefined ? {} : { endpoint, addressing }),
  });
  followRegion({ client, bucket: place.bucket, learnt, setting, telemetry });
  return { client, learnt, ...place, ...(options.s3Writing === undefined ? {} : { writing: options.s3Writing }) };
}

interface OpenedBucket extends S3Bucket {
  readonly learnt: LearntRegions;
}

function bucketOf(location: string): Pick<S3Bucket, 'bucket' | 'prefix'> {
  const [bucket = '', ...segments] = location.slice('s3://'.length).split('/');
  const prefix = segments.join('/').replace(/\/$/, '');
  if (!bucketName.test(bucket) || (prefix !== '' && !isKey(prefix))) throw badLocation(location);
  return { bucket, prefix: prefix === '' ? '' : `${prefix}/` };
}

function badLocation(location: string): Failure {
  return new Failure(
    'invalid',
    `Not a store: expected file:DIR or s3://bucket/prefix, got ${JSON.stringify(location)}.`,
  );
}
