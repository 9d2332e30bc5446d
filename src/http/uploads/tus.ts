import { Failure } from '../../failure.ts';
import type { FileToPresign, RestBody, Resumed } from '../../uploads/index.ts';
import { toResponse } from '../answer.ts';
import { noteChanged } from '../audit.ts';
import { bodyOf, headerNumber, lengthOf } from '../bodies.ts';
import type { AppContext } from '../context.ts';
import { clientSignal } from '../context.ts';
import { conditionAnswer, failureResponse } from '../failures.ts';
import { callerOf, ownershipOf, type Uploader } from '../guards.ts';
import { leadTo, originOf, urlsOf } from './answers.ts';
import { uploadPreflight } from './cors.ts';
import type { UploadRoutesOptions } from './options.ts';

/*
 * tus 1.0.0 (tus.io/protocols/resumable-upload): an upload is a promised file, its address the batch's name, and it is
 * published when its last byte has come.
 */

export const tusPath = '/-/uploads/tus';
const version = '1.0.0';
const mediaType = 'application/offset+octet-stream';

/** As long as the longest ticket: who has lost a line in the evening goes on before the night is over. */
const expiresSeconds = 12 * 3600;
const maxMetadata = 4_096;

const algorithms = ['sha1', 'sha256', 'md5'] as const;
/** What is understood beside the core; every answer names the version. */
const extensions = 'creation,creation-with-upload,termination,expiration,checksum';

type Answering = (c: AppContext, uploader: Uploader, options: UploadRoutesOptions) => Promise<Response>;

/** Puts on what every answer of the protocol has, failures before a route's own part included. */
export function setTusHeaders(headers: Headers, path: string): void {
  if (path === tusPath || path.startsWith(`${tusPath}/`)) headers.set('Tus-Resumable', version);
}

/** What the server can do. Anybody may ask. */
export function answerTusOptions(_: AppContext, { uploads }: UploadRoutesOptions): Response {
  const response = uploadPreflight();
  response.headers.set('Tus-Version', version);
  response.headers.set('Tus-Extension', extensions);
  response.headers.set('Tus-Max-Size', String(uploads.maxBytes));
  response.headers.set('Tus-Checksum-Algorithm', algorithms.join(','));
  return response;
}

/** Begins an upload, and takes what of it comes along. */
export const answerTusCreation: Answering = inTus(async (c, uploader, options) => {
  const said = c.req.header('upload-metadata');
  const { batch, expires } = await options.uploads.promise(promisedBy(c, said), {
    ...{ expiresSeconds, said, ...ownershipOf(uploader) },
    signal: clientSignal(c),
  });
  noteChanged(c, 1);
  const headers = { Location: `${originOf(c, options)}${tusPath}/${batch}`, 'Upload-Expires': dateOf(expires) };
  if (!isBodyOf(c)) return c.body(null, 201, { ...headers, 'Upload-Offset': '0' });
  const resumed = await options.uploads.resume(batch, restOf(c, 0), callerOf(c, uploader));
  const answer = answerOf(c, resumed, options);
  if (answer.status !== 204) return answer;
  // It is the upload that was made, whatever has come of it since.
  for (const [name, value] of Object.entries(headers)) answer.headers.set(name, value);
  return new Response(null, { status: 201, headers: answer.headers });
});

/** How far it has come (HEAD), or the way to the picture. */
export const answerTusLook: Answering = async (c, uploader, options) =>
  c.req.method === 'HEAD' ? answerTusProgress(c, uploader, options) : leadToUploaded(c, uploader, options);

const answerTusProgress = inTus(async (c, uploader, { uploads }) => {
  const progress = await uploads.progress(batchOf(c), callerOf(c, uploader));
  if (progress.state === 'refused') throw progress.failure;
  const { length } = progress;
  if (progress.state === 'published')
    return c.body(null, 200, { 'Upload-Offset': String(length), 'Upload-Length': String(length) });
  const { offset, expires, said } = progress;
  return c.body(null, 200, {
    ...{ 'Upload-Offset': String(offset), 'Upload-Length': String(length), 'Upload-Expires': dateOf(expires) },
    ...(said === undefined ? {} : { 'Upload-Metadata': said }),
  });
});

async function leadToUploaded(c: AppContext, uploader: Uploader, options: UploadRoutesOptions): Promise<Response> {
  const progress = await options.uploads.progress(batchOf(c), callerOf(c, uploader));
  const key = progress.state === 'published' ? progress.key : undefined;
  return leadTo(c, key, { ...options, refusal: 'This upload is not published.' });
}

/** The rest of it, or as much as comes. */
export const answerTusRest: Answering = inTus(async (c, uploader, options) => {
  const offset = headerNumber(c.req.header('upload-offset'));
  if (offset === undefined) throw new Failure('invalid', 'The rest of an upload needs its Upload-Offset.');
  if (!isBodyOf(c)) throw new Failure('unsupported', `The rest of an upload is of the type ${mediaType}.`);
  const resumed = await options.uploads.resume(batchOf(c), restOf(c, offset), callerOf(c, uploader));
  return answerOf(c, resumed, options);
});

/** Gives an upload up, or takes back what it has published. */
export const answerTusEnd: Answering = inTus(async (c, uploader, { uploads }) => {
  const caller = callerOf(c, uploader);
  const progress = await uploads.progress(batchOf(c), caller);
  if (progress.state === 'published') await uploads.revert(progress.key, caller);
  else await uploads.abort(batchOf(c), caller);
  noteChanged(c, 1);
  return c.body(null, 204);
});

/** For clients that can only send GET and POST. */
export const answerTusOverride: Answering = async (c, uploader, options) => {
  const method = c.req.header('x-http-method-override')?.toUpperCase();
  if (method === 'PATCH') return answerTusRest(c, uploader, options);
  if (method === 'DELETE') return answerTusEnd(c, uploader, options);
  throw new Failure('invalid', 'Expected X-HTTP-Method-Override with PATCH or DELETE.');
};

/** Speaks the one version that there is. */
function inTus(answer: Answering): Answering {
  return async (c, uploader, options) => {
    if (c.req.header('tus-resumable') === version) return answer(c, uploader, options);
    const detail = `Expected Tus-Resumable: ${version}.`;
    return problem(c, { status: 412, title: 'Precondition failed', detail }, { 'Tus-Version': version });
  };
}

function problem(
  c: AppContext,
  terms: { readonly status: number; readonly title: string; readonly detail: string },
  headers: Readonly<Record<string, string>> = {},
): Response {
  const answer = conditionAnswer({ ...terms, requestId: c.get('requestId') });
  return toResponse({ ...answer, headers: { ...answer.headers, ...headers } });
}

function batchOf(c: AppContext): string {
  return c.req.param('batch') ?? '';
}

function dateOf(moment: number): string {
  return new Date(moment).toUTCString();
}

function isBodyOf(c: AppContext): boolean {
  return c.req.header('content-type') === mediaType;
}

function restOf(c: AppContext, offset: number): RestBody {
  return { offset, body: bodyOf(c), bytes: lengthOf(c), digest: digestOf(c.req.header('upload-checksum')) };
}

/** `sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=` */
function digestOf(text: string | undefined): RestBody['digest'] {
  if (text === undefined) return undefined;
  const [name, value = ''] = text.split(' ');
  const algorithm = algorithms.find((known) => known === name);
  if (algorithm !== undefined) return { algorithm, value: Buffer.from(value, 'base64') };
  throw new Failure('invalid', `The Upload-Checksum is not known: expected one of ${algorithms.join(', ')}.`);
}

/** The answer to a body. */
function answerOf(c: AppContext, resumed: Resumed, options: UploadRoutesOptions): Response {
  switch (resumed.state) {
    case 'elsewhere': {
      const detail = 'The upload does not end where this begins: ask for its offset by HEAD.';
      return problem(c, { status: 409, title: 'Conflict', detail });
    }
    case 'damaged':
      return problem(c, {
        status: 460,
        title: 'Checksum mismatch',
        detail: 'Other bytes than its Upload-Checksum came.',
      });
    case 'refused':
      c.set('detail', resumed.failure.message);
      return failureResponse(resumed.failure, c.get('requestId'));
    case 'open':
      return c.body(null, 204, { 'Upload-Offset': String(resumed.offset), 'Upload-Expires': dateOf(resumed.expires) });
    case 'published': {
      noteChanged(c, 1);
      const place = urlsOf(c, resumed.key, options)['original'];
      const told = {
        'Upload-Offset': String(resumed.length),
        ...(place === undefined ? {} : { 'Content-Location': place }),
      };
      return c.body(null, 204, told);
    }
  }
}

/** What a client promises: a type and a name as Uppy and others call them. Neither need be there: bytes tell. */
function promisedBy(c: AppContext, said: string | undefined): FileToPresign {
  const bytes = headerNumber(c.req.header('upload-length'));
  if (c.req.header('upload-concat') !== undefined)
    throw new Failure('invalid', 'Uploads in several files are not taken.');
  if (bytes === undefined) throw new Failure('invalid', 'An upload needs its Upload-Length when it begins.');
  const metadata = metadataOf(said);
  const type = metadata.get('filetype') ?? metadata.get('type') ?? '';
  const filename = metadata.get('filename') ?? metadata.get('name') ?? '';
  return {
    bytes,
    ...(type === '' ? {} : { type: type.slice(0, 200) }),
    // A name without an ending tells nothing.
    ...(filename.includes('.') ? { filename: filename.slice(-500) } : {}),
  };
}

/** `filename d29ybGQ=,is_private`: keys, and values in base64. */
function metadataOf(text: string | undefined): ReadonlyMap<string, string> {
  if (text === undefined) return new Map();
  if (text.length > maxMetadata)
    throw new Failure('invalid', `The Upload-Metadata is too long: at most ${maxMetadata} characters are taken.`);
  return new Map(
    text.split(',').map((pair) => {
      const [key = '', value = ''] = pair.trim().split(' ');
      return [key, Buffer.from(value, 'base64').toString('utf8')];
    }),
  );
}
