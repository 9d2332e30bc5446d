import { presignBody, ticketBody } from '../uploads/batches.ts';
import { replaceQuery } from '../uploads/replace.ts';
import { completeBody, createBody, signBody } from '../uploads/uppy.ts';
import { restoreBody } from '../uploads/versions.ts';
import {
  batchReport,
  nothing,
  presigned,
  replaced,
  restored,
  staged,
  ticket,
  uppyCompleted,
  uppyCreated,
  uppyParams,
  uppyPart,
  uppyParts,
  uppySigned,
  versions,
} from './answers.ts';
import type { Operations } from './operation.ts';

const preflight = { summary: 'Which origins may upload', answers: { 204: { means: 'As the headers of CORS say.' } } };
const published = { means: 'Published: the address of a single one is in Location.', content: batchReport };
const led = { means: 'Location leads to the picture.' };
const gone = { means: 'It is gone.' };
const placing = {
  description: 'For one file, until the address expires. It is staged, or published where its batch asked for that.',
  answers: {
    200: { means: 'Staged.', content: staged },
    201: { means: 'Staged by a form, or published.', content: batchReport },
  },
};
const noVersions = {
  means: 'The store is a folder, or there are several: neither tells of versions.',
  content: 'application/problem+json',
} as const;
const tusVersion = { 'Tus-Resumable': '1.0.0' };
const offset = { 'Upload-Offset': 'Bytes that have come.' };
const rest = {
  headers: {
    ...tusVersion,
    'Upload-Offset': 'Bytes that have come, as the server says.',
    'Upload-Checksum': 'sha1, sha256 or md5, and the digest in base64.',
  },
  bodies: ['application/offset+octet-stream'],
  answers: {
    204: { means: 'Taken; with its last byte the picture is published.', headers: offset },
    409: { means: 'The upload does not end there.', content: 'application/problem+json' },
    460: { means: 'Other bytes than the checksum names.', content: 'application/problem+json' },
  },
} as const;

/** What the routes mean by which originals come in. */
export const uploadOperations: Operations = {
  'OPTIONS /-/images': preflight,
  'OPTIONS /-/uploads': preflight,
  'OPTIONS /-/uploads/*': { ...preflight, description: 'Of whatever lies below /-/uploads/.' },
  'OPTIONS /-/uploads/tus': {
    summary: 'What of tus there is',
    answers: { 204: { means: 'Versions, extensions and the largest size are in the headers.' } },
  },
  'POST /-/images': {
    summary: 'Upload pictures in one request',
    description:
      'A form with files, and before each a field `key` if it shall have one (admin only); or a picture as the body.',
    query: { key: 'Of the picture that is the body (admin only).' },
    bodies: ['multipart/form-data', 'image/*'],
    answers: { 201: published },
  },
  'POST /-/uploads': {
    summary: 'Sign the uploads of a batch',
    description: 'Addresses that each take one file. Nothing is visible before the batch is published.',
    bodies: [presignBody],
    answers: { 201: { means: 'An address for each file.', content: presigned } },
  },
  'POST /-/uploads/tickets': {
    summary: 'Let a browser upload',
    description: 'What it may send together is limited where that is said.',
    bodies: [ticketBody],
    answers: { 201: { means: 'The ticket, a bearer token.', content: ticket } },
  },
  'POST /-/uploads/:batch/commit': {
    summary: 'Publish a batch',
    description: 'Whole or not at all, unless it was signed with `atomic: false`. May be repeated.',
    answers: { 200: published },
  },
  'DELETE /-/uploads/:batch': { summary: 'Give a batch up', answers: { 204: gone } },
  'PUT /-/originals/:key{.+}': {
    summary: 'Put a picture in the place of an original, or where none is',
    description:
      'Checked as every upload. What was made of the one before is purged, down to the CDN; what people have said of it stays.',
    query: replaceQuery,
    headers: {
      'If-Match': 'Only in the place of the original of this entity tag.',
      'If-None-Match': '*: only where none is.',
    },
    bodies: ['image/*'],
    answers: {
      200: { means: 'It is replaced.', content: replaced },
      201: { means: 'There was none, and now it is there.', content: replaced },
      412: { means: 'Another is there than the headers say.', content: 'application/problem+json' },
    },
  },
  'GET /-/versions/:key{.+}': {
    summary: 'Earlier states of an original, in a bucket that keeps them',
    answers: {
      200: { means: 'The newest hundred, newest first; of a deletion there is a mark.', content: versions },
      501: noVersions,
    },
  },
  'POST /-/versions/:key{.+}': {
    summary: 'Put an earlier state of an original in the place of what is there, or where none is any more',
    description: 'With what was said of it then. What was made of the one before is purged, down to the CDN.',
    bodies: [restoreBody],
    answers: {
      200: { means: 'It is there again.', content: restored },
      409: { means: 'The bucket keeps no versions.', content: 'application/problem+json' },
      501: noVersions,
    },
  },
  'PUT /-/uploads/files/:token': { summary: 'Send a file to its address', bodies: ['image/*'], ...placing },
  'POST /-/uploads/files/:token': {
    summary: 'Send a file to its address by a form',
    bodies: ['multipart/form-data'],
    ...placing,
  },
  'GET /-/uploads/files/:token/:key{.+}': {
    summary: 'The picture that an address has published',
    answers: { 303: led },
  },
  'POST /-/uploads/filepond': {
    summary: 'FilePond: a file, or the promise of one in chunks',
    headers: { 'Upload-Length': 'Bytes of a file that comes in chunks.' },
    bodies: ['multipart/form-data'],
    answers: { 201: { means: 'The id of the file or of its transfer.', content: 'text/plain' } },
  },
  'PATCH /-/uploads/filepond': {
    summary: 'FilePond: a chunk',
    query: { patch: 'The id of the transfer.' },
    headers: { 'Upload-Offset': 'Where it begins.' },
    bodies: ['application/offset+octet-stream'],
    answers: { 204: { means: 'Taken; with the last one the picture is published.', headers: offset } },
  },
  'GET /-/uploads/filepond': {
    summary: 'FilePond: how far a transfer is, or the way to a picture',
    query: { patch: 'The id of a transfer.', load: 'The id of a picture.', restore: 'The same.' },
    answers: { 200: { means: 'How far it is.', headers: offset }, 303: led },
  },
  'DELETE /-/uploads/filepond': {
    summary: 'FilePond: take an upload back',
    bodies: ['text/plain'],
    answers: { 204: gone },
  },
  'POST /-/uploads/tus': {
    summary: 'tus: begin an upload',
    headers: {
      ...tusVersion,
      'Upload-Length': 'Bytes of the file.',
      'Upload-Metadata': 'filename and filetype, in base64.',
    },
    bodies: ['application/offset+octet-stream'],
    answers: {
      201: { means: 'Begun, or with all its bytes published.', headers: { Location: 'Of the upload.', ...offset } },
    },
  },
  'GET /-/uploads/tus/:batch': {
    summary: 'tus: how far an upload is (HEAD), or the way to its picture',
    headers: tusVersion,
    answers: { 200: { means: 'How far it is, to HEAD.', headers: offset }, 303: led },
  },
  'PATCH /-/uploads/tus/:batch': { summary: 'tus: the rest of an upload, or as much as comes', ...rest },
  'POST /-/uploads/tus/:batch': {
    summary: 'tus: PATCH or DELETE for clients that can send neither',
    ...rest,
    headers: { ...rest.headers, 'X-HTTP-Method-Override': 'PATCH or DELETE.' },
  },
  'DELETE /-/uploads/tus/:batch': {
    summary: 'tus: give an upload up, or take back what it published',
    headers: tusVersion,
    answers: { 204: gone },
  },
  ...companionOperations('/-/uploads'),
  ...companionOperations('/-/uploads/tickets/:ticket'),
};

function companionOperations(at: string): Operations {
  return {
    [`GET ${at}/s3/params`]: {
      summary: 'Uppy: sign a whole file',
      query: { filename: 'What it is called.', type: 'Its media type.' },
      answers: { 200: { means: 'Where to send it.', content: uppyParams } },
    },
    [`POST ${at}/s3/sign`]: {
      summary: 'Uppy 6: sign a whole file',
      bodies: [signBody],
      answers: { 200: { means: 'Where to send it.', content: uppySigned } },
    },
    [`POST ${at}/s3/multipart`]: {
      summary: 'Uppy: begin a file in parts',
      bodies: [createBody],
      answers: { 200: { means: 'Begun.', content: uppyCreated } },
    },
    [`GET ${at}/s3/multipart/:uploadId`]: {
      summary: 'Uppy: parts that have come',
      answers: { 200: { means: 'They.', content: uppyParts } },
    },
    [`DELETE ${at}/s3/multipart/:uploadId`]: {
      summary: 'Uppy: give a file up',
      answers: { 200: { means: 'It is gone.', content: nothing } },
    },
    [`GET ${at}/s3/multipart/:uploadId/:part`]: {
      summary: 'Uppy: sign a part',
      answers: { 200: { means: 'Where to send it.', content: uppyPart } },
    },
    [`POST ${at}/s3/multipart/:uploadId/complete`]: {
      summary: 'Uppy: publish a file that came in parts',
      bodies: [completeBody],
      answers: { 200: { means: 'Published.', content: uppyCompleted } },
    },
  };
}
