import { type AdminOptions, answerMetrics, answerPurge, answerPurgeOfTarget } from './admin.ts';
import { answerDestroy, answerExplicit, answerRename } from './cloudinary/assets.ts';
import type { CloudinaryParts } from './cloudinary/options.ts';
import { answerApiUpload } from './cloudinary/upload.ts';
import { answerExplain, type ExplainParts } from './explain.ts';
import { answerHealth, answerReady, type HealthParts } from './health.ts';
import { answerImageRequest, answerPreflight, type ImageRequestParts } from './image-requests.ts';
import { answerInfo, answerPlaceholder } from './info.ts';
import { answerManyInfos, type ManyInfosParts } from './many-infos.ts';
import { answerManyOriginals, type ManyOriginalsParts } from './many-originals.ts';
import { answerOpenApi, type OpenApiParts } from './openapi/document.ts';
import { answerErasure, answerOriginal, type OriginalParts } from './original.ts';
import { answerAlt, answerFocus, answerOriginals, type OriginalsParts } from './originals.ts';
import { answerDemo, answerPlayground, answerPlaygroundFile } from './playground/playground.ts';
import type { Route } from './route.ts';
import { answerAbortion, answerCommit, answerPresigning, answerTicket } from './uploads/batches.ts';
import { uploadPreflight } from './uploads/cors.ts';
import { answerChunk, answerLook, answerProcess, answerRevert } from './uploads/filepond.ts';
import { answerPlacing, leadToPlaced } from './uploads/files.ts';
import { answerImages } from './uploads/images.ts';
import { answerReplacement, type ReplaceParts } from './uploads/replace.ts';
import {
  answerTusCreation,
  answerTusEnd,
  answerTusLook,
  answerTusOptions,
  answerTusOverride,
  answerTusRest,
} from './uploads/tus.ts';
import {
  answerAbort,
  answerComplete,
  answerCreate,
  answerParams,
  answerPart,
  answerParts,
  answerSign,
} from './uploads/uppy.ts';
import { answerRestoration, answerVersions } from './uploads/versions.ts';

type ServiceRoute = Route<
  AdminOptions &
    ExplainParts &
    HealthParts &
    ImageRequestParts &
    ManyInfosParts &
    ManyOriginalsParts &
    OpenApiParts &
    OriginalParts &
    OriginalsParts
>;
type UploadRoute = Route<ReplaceParts>;
type CloudinaryRoute = Route<CloudinaryParts>;

/*
 * Every route, in the order in which they are tried: method (GET takes HEAD too), path (a pattern of hono's), the name in
 * the metrics, whose pages may read the answer, who may ask, what it changes on their behalf, and what answers. SECURITY.md
 * has the same table. Tables are read by their columns, so they are not formatted as code is.
 */

/** Our own, about the service. */
// biome-ignore format: a table
export const serviceRoutes: readonly ServiceRoute[] = [
  { method: 'GET',  path: '/-/health',  label: 'health',  cors: 'everybody', guard: 'open',                  answer: answerHealth },
  { method: 'GET',  path: '/-/ready',   label: 'ready',   cors: 'everybody', guard: 'open',                  answer: answerReady },
  { method: 'GET',  path: '/-/openapi.json', label: 'openapi.json', cors: 'everybody', guard: 'open',        answer: answerOpenApi },
  { method: 'GET',  path: '/-/explain', label: 'explain', cors: 'everybody', guard: 'url',                   answer: answerExplain },
  { method: 'GET',  path: '/-/info/:key{.+}', label: 'info', cors: 'everybody', guard: 'url',                answer: answerInfo },
  { method: 'POST', path: '/-/info',    label: 'info',    cors: 'everybody', guard: 'url',                   answer: answerManyInfos },
  { method: 'GET',  path: '/-/placeholder/:key{.+}', label: 'info', cors: 'everybody', guard: 'url',         answer: answerPlaceholder },
  { method: 'GET',  path: '/-/playground', label: 'playground', cors: 'everybody', guard: 'open',            answer: answerPlayground },
  { method: 'GET',  path: '/-/demo', label: 'playground', cors: 'everybody', guard: 'open',                  answer: answerDemo },
  { method: 'GET',  path: '/-/playground/:file', label: 'playground', cors: 'everybody', guard: 'open',      answer: answerPlaygroundFile },
  { method: 'GET',  path: '/-/originals', label: 'originals', cors: 'everybody', guard: 'admin', act: undefined, answer: answerOriginals },
  { method: 'POST', path: '/-/originals', label: 'originals', cors: 'everybody', guard: 'admin', act: 'change originals', answer: answerManyOriginals },
  { method: 'PUT',  path: '/-/focus/:key{.+}', label: 'focus', cors: 'everybody', guard: 'admin', act: 'set a focal point', answer: answerFocus },
  { method: 'PUT',  path: '/-/alt/:key{.+}', label: 'alt', cors: 'everybody', guard: 'admin', act: 'set an alt text', answer: answerAlt },
  { method: 'GET',    path: '/-/originals/:key{.+}', label: 'originals', cors: 'everybody', guard: 'admin', act: undefined, answer: answerOriginal },
  { method: 'DELETE', path: '/-/originals/:key{.+}', label: 'originals', cors: 'everybody', guard: 'admin', act: 'delete an original', answer: answerErasure },
  { method: 'GET',  path: '/-/metrics', label: 'metrics', cors: 'everybody', guard: 'admin', act: undefined, answer: answerMetrics },
  { method: 'POST', path: '/-/purge',   label: 'purge',   cors: 'everybody', guard: 'admin', act: 'purge',   answer: answerPurge },
];

const images = { label: 'images', cors: 'configured' } as const;
const uploads = { label: 'uploads', cors: 'configured' } as const;

/** By which originals come in, where they do over HTTP. */
// biome-ignore format: a table
export const uploadRoutes: readonly UploadRoute[] = [
  { method: 'OPTIONS', path: '/-/images',                        ...images,  guard: 'open',                                 answer: uploadPreflight },
  { method: 'OPTIONS', path: '/-/uploads',                       ...uploads, guard: 'open',                                 answer: uploadPreflight },
  // A preflight, or a client that asks what there is.
  { method: 'OPTIONS', path: '/-/uploads/tus',                   ...uploads, guard: 'open',                                 answer: answerTusOptions },
  { method: 'OPTIONS', path: '/-/uploads/*',                     ...uploads, guard: 'open',                                 answer: uploadPreflight },
  { method: 'POST',    path: '/-/images',                        ...images,  guard: 'uploader', act: 'receive a file',      answer: answerImages },
  // In the place of what is there: whoever names an original may have it replaced, and of uploaders that is an admin alone.
  { method: 'PUT',     path: '/-/originals/:key{.+}', label: 'originals', cors: 'everybody', guard: 'admin', act: 'replace an original', answer: answerReplacement },
  { method: 'GET',     path: '/-/versions/:key{.+}', label: 'versions', cors: 'everybody', guard: 'admin', act: undefined, answer: answerVersions },
  { method: 'POST',    path: '/-/versions/:key{.+}', label: 'versions', cors: 'everybody', guard: 'admin', act: 'restore an original', answer: answerRestoration },
  { method: 'PUT',     path: '/-/uploads/files/:token',          ...uploads, guard: 'address',                              answer: answerPlacing },
  { method: 'POST',    path: '/-/uploads/files/:token',          ...uploads, guard: 'address',                              answer: answerPlacing },
  // Clients of S3 take `<address>/<key>` for the place of what they sent.
  { method: 'GET',     path: '/-/uploads/files/:token/:key{.+}', ...uploads, guard: 'address',                              answer: leadToPlaced },
  { method: 'POST',    path: '/-/uploads/filepond',              ...uploads, guard: 'uploader', act: 'receive a file',      answer: answerProcess },
  { method: 'PATCH',   path: '/-/uploads/filepond',              ...uploads, guard: 'uploader', act: 'receive a file',      answer: answerChunk },
  { method: 'GET',     path: '/-/uploads/filepond',              ...uploads, guard: 'uploader', act: undefined,             answer: answerLook },
  { method: 'DELETE',  path: '/-/uploads/filepond',              ...uploads, guard: 'uploader', act: 'take an upload back', answer: answerRevert },
  { method: 'POST',    path: '/-/uploads/tus',                   ...uploads, guard: 'uploader', act: 'begin an upload',     answer: answerTusCreation },
  // Also what has come whole and was not published, for whoever asks how far it is.
  { method: 'GET',     path: '/-/uploads/tus/:batch',            ...uploads, guard: 'uploader', act: undefined,             answer: answerTusLook },
  { method: 'PATCH',   path: '/-/uploads/tus/:batch',            ...uploads, guard: 'uploader', act: 'receive a file',      answer: answerTusRest },
  { method: 'POST',    path: '/-/uploads/tus/:batch',            ...uploads, guard: 'uploader', act: 'receive a file',      answer: answerTusOverride },
  { method: 'DELETE',  path: '/-/uploads/tus/:batch',            ...uploads, guard: 'uploader', act: 'take an upload back', answer: answerTusEnd },
  ...companion('/-/uploads'),
  ...companion('/-/uploads/tickets/:ticket'),
  { method: 'POST',    path: '/-/uploads',                       ...uploads, guard: 'uploader', act: 'sign uploads',        answer: answerPresigning },
  { method: 'POST',    path: '/-/uploads/tickets',               ...uploads, guard: 'admin',    act: 'give out a ticket',   answer: answerTicket },
  { method: 'POST',    path: '/-/uploads/:batch/commit',         ...uploads, guard: 'uploader', act: 'publish a batch',     answer: answerCommit },
  { method: 'DELETE',  path: '/-/uploads/:batch',                ...uploads, guard: 'uploader', act: 'abort a batch',       answer: answerAbortion },
];

/** The S3 routes of Uppy's Companion: Uppy 5 sends its ticket in a header, Uppy 6 has it in the path. */
// biome-ignore format: a table
function companion(at: string): readonly UploadRoute[] {
  return [
  { method: 'GET',    path: `${at}/s3/params`,                       ...uploads, guard: 'uploader', act: 'sign uploads',    answer: answerParams },
  { method: 'POST',   path: `${at}/s3/sign`,                         ...uploads, guard: 'uploader', act: 'sign uploads',    answer: answerSign },
  { method: 'POST',   path: `${at}/s3/multipart`,                    ...uploads, guard: 'uploader', act: 'begin an upload', answer: answerCreate },
  { method: 'GET',    path: `${at}/s3/multipart/:uploadId`,          ...uploads, guard: 'uploader', act: undefined,         answer: answerParts },
  { method: 'DELETE', path: `${at}/s3/multipart/:uploadId`,          ...uploads, guard: 'uploader', act: 'abort a batch',   answer: answerAbort },
  // A part of what has begun: the batch is in the log already.
  { method: 'GET',    path: `${at}/s3/multipart/:uploadId/:part`,    ...uploads, guard: 'uploader', act: undefined,         answer: answerPart },
  { method: 'POST',   path: `${at}/s3/multipart/:uploadId/complete`, ...uploads, guard: 'uploader', act: 'publish a batch', answer: answerComplete },
  ];
}

const api = { label: 'cloudinary', cors: 'configured' } as const;
const apiAt = '/v1_1/:account/:kind{image|auto}';

/** Cloudinary's API for uploads, where a configuration opens it. */
// biome-ignore format: a table
export const cloudinaryRoutes: readonly CloudinaryRoute[] = [
  { method: 'OPTIONS', path: `${apiAt}/upload`,   ...api, guard: 'open',                              answer: uploadPreflight },
  { method: 'POST',    path: `${apiAt}/upload`,   ...api, guard: 'form', act: 'receive a file',       answer: answerApiUpload },
  { method: 'POST',    path: `${apiAt}/destroy`,  ...api, guard: 'form', act: 'delete an original',   answer: answerDestroy },
  { method: 'POST',    path: `${apiAt}/rename`,   ...api, guard: 'form', act: 'rename an original',   answer: answerRename },
  { method: 'POST',    path: `${apiAt}/explicit`, ...api, guard: 'form', act: 'tell of an original',  answer: answerExplicit },
];

/** Everything that is no path of ours: pictures. `PURGE` of any of their URLs purges the original behind it. */
// biome-ignore format: a table
export const imageRoutes: readonly ServiceRoute[] = [
  { method: 'GET',     path: '*', label: 'image', cors: 'everybody', guard: 'url',                 answer: answerImageRequest },
  { method: 'OPTIONS', path: '*', label: 'image', cors: 'everybody', guard: 'open',                answer: answerPreflight },
  { method: 'PURGE',   path: '*', label: 'image', cors: 'everybody', guard: 'admin', act: 'purge', answer: answerPurgeOfTarget },
];

type Area = Pick<UploadRoute, 'label' | 'cors'>;

const ownAreas: ReadonlyMap<string, Area> = new Map(
  [...serviceRoutes, ...uploadRoutes].map(({ path, label, cors }) => [areaName(path), { label, cors }]),
);
const imageArea: Area = { label: 'image', cors: 'everybody' };
const otherArea: Area = { label: 'other', cors: 'everybody' };

/** What holds for everything at a path and below, whatever the method and whether it is there or not. */
export function areaOf(path: string): Area {
  if (isApiPath(path)) return api;
  return isOwnPath(path) ? (ownAreas.get(areaName(path)) ?? otherArea) : imageArea;
}

/**
 * Below `/-/`, where all of ours is. imgproxy's builders write a dash where a URL has no signature: what only its URLs have
 * behind it (an option with its colon, `plain`, `enc`, a source in base64, longer than any name of ours) is a picture's.
 */
export function isOwnPath(path: string): boolean {
  return path.startsWith('/-/') && !/^(?:plain\/|enc\/|[^/]*(?::|%3a)|[\w-]{22})/i.test(path.slice('/-/'.length));
}

/** Of a route of Cloudinary's API, where there is one. */
export function isApiPath(path: string): boolean {
  return /^\/v1_1\/[^/]+\/(?:image|auto)\/(?:upload|destroy|rename|explicit)$/.test(path);
}

function areaName(path: string): string {
  return path.split('/', 3)[2] ?? '';
}
