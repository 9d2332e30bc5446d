/** What pages of other origins may send and read; Uppy, FilePond and clients of tus need all of these. */
const allowedHeaders = [
  'Authorization',
  'Content-Type',
  'If-None-Match',
  'Tus-Resumable',
  'Upload-Checksum',
  'Upload-Length',
  'Upload-Metadata',
  'Upload-Name',
  'Upload-Offset',
  'Uppy-Auth-Token',
  'Uppy-Versions',
  'X-HTTP-Method-Override',
  'X-Request-ID',
  'X-Requested-With',
];
const exposedHeaders = [
  'Content-Location',
  'ETag',
  'Location',
  'Tus-Checksum-Algorithm',
  'Tus-Extension',
  'Tus-Max-Size',
  'Tus-Resumable',
  'Tus-Version',
  'Upload-Expires',
  'Upload-Length',
  'Upload-Metadata',
  'Upload-Offset',
  'X-Request-Id',
];
const allowedMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const preflightSeconds = 600;

/** Lets the page that asked read the answer if its origin is configured; the answer differs by origin, and says so. */
export function setUploadHeaders(headers: Headers, origin: string | undefined, origins: readonly string[]): void {
  headers.set('Cache-Control', 'no-store');
  headers.delete('Access-Control-Allow-Origin');
  const anybody = origins.includes('*');
  if (!anybody) headers.append('Vary', 'Origin');
  const allowed = anybody ? '*' : origins.find((one) => one === origin);
  if (allowed === undefined) return;
  headers.set('Access-Control-Allow-Origin', allowed);
  headers.set('Access-Control-Expose-Headers', exposedHeaders.join(', '));
}

/** The answer to a preflight; without `Access-Control-Allow-Origin` beside it browsers take it for a no. */
export function uploadPreflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'Access-Control-Allow-Methods': allowedMethods.join(', '),
      'Access-Control-Allow-Headers': allowedHeaders.join(', '),
      'Access-Control-Max-Age': String(preflightSeconds),
    },
  });
}
