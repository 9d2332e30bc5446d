import { Readable } from 'node:stream';
import { isFailure } from '../failure.ts';
import {
  type DeliveryHints,
  type GrammarOptions,
  type ImageRequest,
  type NegotiationRequest,
  negotiate,
  originalCandidates,
  parseTarget,
} from '../grammar/index.ts';
import type { Candidate, Delivered, OriginalIdentity, VariantIdentity, Variants } from '../variants/index.ts';
import { type AccessPolicy, authorise, type Permit, permitted } from './authorise.ts';
import { failureResponse } from './failures.ts';
import {
  cacheControlUntil,
  cacheStatus,
  contentDisposition,
  hintNames,
  matchesEtag,
  notModifiedSince,
  serverTiming,
  tagHeaders,
} from './headers.ts';

export interface ImagesOptions {
  readonly variants: Variants;
  readonly grammar: GrammarOptions;
  readonly policy: AccessPolicy;
  /** Client hints fill in `w_auto` and `dpr_auto`. */
  readonly clientHints: boolean;
  /** Cache-Control of pictures. */
  readonly cacheControl: string;
  /** False when there is no store of variants: nothing is `stored` then. */
  readonly storesVariants: boolean;
}

/** What an image request is, apart from the framework it came through. */
export interface ImageQuestion {
  /** As on the request line: neither decoded nor normalised. */
  readonly rawTarget: string;
  readonly header: (name: string) => string | undefined;
  readonly signal: AbortSignal;
  /** HEAD: the same headers, and no body is opened for long. */
  readonly headersOnly: boolean;
  readonly requestId: string;
}

/** Hints that a browser sends us only after it was asked for them. */
const acceptedHints = 'Sec-CH-DPR, Sec-CH-Width, Sec-CH-Viewport-Width, DPR, Width, Viewport-Width';

/** The substitute for a missing picture is looked for again soon: the real one may arrive any moment. */
const substituteCacheControl = 'public, max-age=60';

/** How a question is answered: the parts that later steps need. */
interface Asked {
  readonly candidates: readonly Candidate[];
  readonly delivery: DeliveryHints;
  readonly vary: string | undefined;
  readonly filename: string;
  /** Past so many stored variants of one original, no new one is made for this request. */
  readonly maxVariants: number | undefined;
}

const extensions: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'image/gif': 'gif',
  'application/json': 'json',
};

function negotiationHeaders({ header }: ImageQuestion, { clientHints, policy }: ImagesOptions): NegotiationRequest {
  return {
    accept: header('accept'),
    foveaAccept: header('x-fovea-accept'),
    saveData: header('save-data'),
    hints: !clientHints
      ? undefined
      : {
          dpr: header('sec-ch-dpr') ?? header('dpr'),
          width: header('sec-ch-width') ?? header('width'),
          viewportWidth: header('sec-ch-viewport-width') ?? header('viewport-width'),
          ladder: policy.ladder.widths,
        },
  };
}

function ask(request: ImageRequest, permit: Permit, options: ImagesOptions, question: ImageQuestion): Asked {
  const { policy } = options;
  const headers = negotiationHeaders(question, options);
  const varies = new Set<string>();
  const candidates = originalCandidates(request, options.grammar).map(({ key, transform }): Candidate => {
    if (transform === undefined) return { key, transform };
    const negotiated = negotiate(transform, headers);
    for (const name of negotiated.varies) varies.add(name);
    return { key, transform: permitted(negotiated.transform, permit, policy) };
  });
  return {
    candidates,
    delivery: request.transform?.delivery ?? {},
    vary: varies.size === 0 ? undefined : [...varies].join(', '),
    filename: request.id.slice(request.id.lastIndexOf('/') + 1),
    maxVariants: permit.isTrusted ? undefined : policy.maxVariantsPerOriginal,
  };
}

function disposition(asked: Asked, contentType: string): string {
  const stem = asked.filename.replace(/\.[A-Za-z0-9]{1,5}$/, '');
  const extension = extensions[contentType];
  const name = asked.delivery.attachment?.filename ?? stem;
  const filename = extension === undefined ? asked.filename : `${name}.${extension}`;
  return contentDisposition(asked.delivery.attachment === undefined ? 'inline' : 'attachment', filename);
}

function validators(options: ImagesOptions, etag: string, lastModified: Date, source: string): Headers {
  return new Headers({
    ETag: etag,
    'Last-Modified': lastModified.toUTCString(),
    'Cache-Control': options.cacheControl,
    ...tagHeaders(source),
  });
}

/** If-None-Match decides alone when it is there (RFC 9110 §13.1.3). */
function isFresh(question: ImageQuestion, etags: readonly (string | undefined)[], lastModified: Date): boolean {
  const ifNoneMatch = question.header('if-none-match');
  if (ifNoneMatch !== undefined) {
    return etags.some((etag) => etag !== undefined && matchesEtag(ifNoneMatch, etag));
  }
  const ifModifiedSince = question.header('if-modified-since');
  return ifModifiedSince !== undefined && notModifiedSince(ifModifiedSince, lastModified);
}

function variantResponse(options: ImagesOptions, asked: Asked, delivered: Delivered): Response {
  const headers = validators(options, delivered.etag, delivered.lastModified, delivered.source);
  headers.set('Content-Type', delivered.contentType);
  headers.set('Content-Length', String(delivered.bytes.byteLength));
  headers.set('Content-Disposition', disposition(asked, delivered.contentType));
  headers.set('Accept-Ranges', 'none');
  headers.set('Cache-Status', cacheStatus(delivered, options.storesVariants && delivered.isCurrent));
  // A purge overtook it: whoever waited gets it, but the edge must not keep it for a year.
  if (!delivered.isCurrent) headers.set('Cache-Control', 'no-store');
  const timing = serverTiming(delivered);
  if (timing !== undefined) headers.set('Server-Timing', timing);
  // lib.dom's BodyInit wants an ArrayBuffer-backed view; ours may be a slice of a pooled buffer, which is as good.
  return new Response(delivered.bytes as Uint8Array<ArrayBuffer>, { headers });
}

async function answerVariant(
  options: ImagesOptions,
  question: ImageQuestion,
  asked: Asked,
  identity: VariantIdentity,
): Promise<Response> {
  const notModified = (etag: string) =>
    new Response(null, {
      status: 304,
      headers: validators(options, etag, identity.lastModified, identity.source),
    });
  const kept = options.variants.etagInMemory(identity);
  if (isFresh(question, [identity.etag, kept], identity.lastModified)) return notModified(kept ?? identity.etag);
  const delivered = await options.variants.deliver(identity, {
    signal: question.signal,
    ...(asked.maxVariants !== undefined && { maxVariants: asked.maxVariants }),
  });
  // Stored under an older build: its own tag may be the one the client holds.
  if (delivered.from === 'store' && isFresh(question, [delivered.etag], delivered.lastModified)) {
    return notModified(delivered.etag);
  }
  return variantResponse(options, asked, delivered);
}

async function answerOriginal(
  options: ImagesOptions,
  question: ImageQuestion,
  asked: Asked,
  identity: OriginalIdentity,
): Promise<Response> {
  const headers = validators(options, identity.etag, identity.state.lastModified, identity.source);
  if (isFresh(question, [identity.etag], identity.state.lastModified)) {
    return new Response(null, { status: 304, headers });
  }
  const { size, contentType, body } = await options.variants.openOriginal(identity, question.signal);
  // Only what we recognise as a picture is shown in place; anything else is bytes to keep (an SVG or a page among them).
  headers.set('Content-Type', contentType ?? 'application/octet-stream');
  const kind = contentType === undefined ? 'attachment' : 'inline';
  headers.set('Content-Disposition', contentDisposition(kind, asked.filename));
  headers.set('Content-Length', String(size));
  headers.set('Accept-Ranges', 'none');
  headers.set('Cache-Status', 'fovea; fwd=miss; detail=original');
  if (question.headersOnly) {
    body.destroy();
    return new Response(null, { headers });
  }
  return new Response(Readable.toWeb(body) as ReadableStream, { headers });
}

/** The same chain on the substitute that `d_` names, for a picture that is missing. */
async function answerSubstitute(
  options: ImagesOptions,
  question: ImageQuestion,
  asked: Asked,
  reason: Error,
): Promise<Response | undefined> {
  const key = asked.delivery.defaultImage;
  const transform = asked.candidates[0]?.transform;
  if (key === undefined || transform === undefined) return undefined;
  const { signal } = question;
  const found = await options.variants.identify([{ key, transform }], { signal, readAhead: true });
  if (found.kind !== 'variant') return undefined;
  const response = await answerVariant(options, question, asked, found.identity);
  response.headers.set('Cache-Control', substituteCacheControl);
  response.headers.set('X-Cld-Error', reason.message.replace(/[^\x20-\x7e]+/g, '?'));
  return response;
}

async function answerAsked(options: ImagesOptions, question: ImageQuestion, asked: Asked): Promise<Response> {
  const readAhead = question.header('if-none-match') === undefined;
  try {
    const found = await options.variants.identify(asked.candidates, { signal: question.signal, readAhead });
    return found.kind === 'variant'
      ? await answerVariant(options, question, asked, found.identity)
      : await answerOriginal(options, question, asked, found.identity);
  } catch (error) {
    const substitute = isFailure(error, 'not_found') && (await answerSubstitute(options, question, asked, error));
    if (substitute) return substitute;
    throw error;
  }
}

/**
 * Answers GET of a picture: parse → authorise → negotiate → identify → 304? → deliver. Every failure becomes its
 * response here; `onBug` hears of those that nobody expected.
 */
export async function answerImage(
  options: ImagesOptions,
  question: ImageQuestion,
  onError: (error: unknown) => void,
): Promise<Response> {
  let vary: string | undefined;
  let expires: number | undefined;
  let response: Response;
  try {
    const request = parseTarget(question.rawTarget, options.grammar);
    const permit = authorise(request, options.policy, Date.now());
    expires = permit.expires;
    const asked = ask(request, permit, options, question);
    vary = asked.vary;
    response = await answerAsked(options, question, asked);
  } catch (error) {
    onError(error);
    response = failureResponse(error, question.requestId);
  }
  if (vary !== undefined) response.headers.set('Vary', vary);
  if (vary !== undefined && hintNames.test(vary)) response.headers.set('Accept-CH', acceptedHints);
  if (expires !== undefined) {
    const secondsLeft = Math.max(0, Math.floor(expires - Date.now() / 1000));
    const cacheControl = response.headers.get('Cache-Control') ?? '';
    response.headers.set('Cache-Control', cacheControlUntil(secondsLeft, cacheControl));
  }
  return response;
}
