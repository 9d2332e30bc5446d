// Makes the two buckets on an S3 server and puts the sample photograph into one. Usage: node buckets.mjs ENDPOINT
import { readFile } from 'node:fs/promises';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const client = new S3Client({
  endpoint: process.argv[2],
  forcePathStyle: true,
  requestChecksumCalculation: 'WHEN_REQUIRED',
});
for (const Bucket of ['originals', 'variants']) await client.send(new CreateBucketCommand({ Bucket }));
const Body = await readFile(new URL('../../data/originals/seeding.jpg', import.meta.url));
await client.send(new PutObjectCommand({ Bucket: 'originals', Key: 'seeding.jpg', Body, ContentType: 'image/jpeg' }));
