import { Readable } from 'node:stream';
import { Failure, isFailure } from '../failure.ts';
import { extensionOf, formatOfMediaType, isImageFormat } from '../formats.ts';
import { misspeltHint } from '../grammar/index.ts';
import { type Delivered, type IdentifiedOriginal, type IdentifiedVariant, notFound } from '../variants/index.ts';
import type { Answer } from './answer.ts';
import { type Asked, createAsking, type ImageQuestion, type ImagesOptions } from './asked.ts';
import { failureAnswer, headerText } from './failures.ts';
import {
  cacheControlUntil,
  cacheStatus,
  contentDisposition,
  hintNames,
  lastModifiedField,
  matchesEtag,
  notModifiedSince,
  serverTiming,
  tagHeaders,
} from './headers.ts';

/** Hints that a browser sends us only after it was asked for them. */
const acceptedHints = 'Sec-CH-DPR, Sec-CH-Width, Sec-CH-Viewport-Width, DPR, Width, Viewport-Width';

/** The substitute for a missing picture is looked for again soon: the real one may arrive any moment. */
const substituteCacheControl = 'public, max-age=60';

/** What the name of a variant's file ends in; an original that no variant could be keeps its own name. */
function extensionFor(contentType: string): string | undefined {
  const format = formatOfMediaType(contentType);
  if (isImageFormat(format)) return extensionOf(format);
  return contentType === 'application/json' ? 'json' : undefined;
}

function disposition(asked: Asked, contentType: string): string {
  const stem = asked.filename.replace(/\.[A-Za-z0-9]{1,5}$/, '');
  const extension = extensionFor(contentType);
  const name = asked.delivery.attachment?.filename ?? stem;
  const filename = extension === undefined ? asked.filename : `${name}.${extension}`;
  return contentDisposition(asked.delivery.attachment === undefined ? 'inline' : 'attachment', filename);
}

function validators(
  options: ImagesOptions,
  etag: string,
  lastModified: Date,
  sources: readonly string[],
): Record<string, string> {
  return {
    ETag: etag,
    'Last-Modified': lastModifiedField(lastModified, Date.now()),
    'Cache-Control': options.cacheControl,
    ...tagHeaders(sources),
  };
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

function variantAnswer(
  options: ImagesOptions,
  { headersOnly }: ImageQuestion,
  asked: Asked,
  delivered: Delivered,
): Answer {
  const headers = validators(options, delivered.etag, delivered.lastModified, delivered.sources);
  headers['Content-Type'] = delivered.contentType;
  headers['Content-Length'] = String(delivered.size);
  headers['Content-Disposition'] = disposition(asked, delivered.contentType);
  headers['Accept-Ranges'] = 'none';
  headers['Cache-Status'] = cacheStatus(delivered, options.storesVariants && delivered.isCurrent);
  // A purge overtook it: whoever waited gets it, but the edge must not keep it for a year.
  if (!delivered.isCurrent) headers['Cache-Control'] = 'no-store';
  const timing = serverTiming(delivered);
  if (timing !== undefined) headers['Server-Timing'] = timing;
  const { body } = delivered;
  if (!(body instanceof Readable)) return { status: 200, headers, body };
  if (headersOnly) body.destroy();
  return { status: 200, headers, body: headersOnly ? null : (Readable.toWeb(body) as ReadableStream) };
}

async function answerVariant(
  options: ImagesOptions,
  question: ImageQuestion,
  asked: Asked,
  identified: IdentifiedVariant,
): Promise<Answer> {
  const { identity } = identified;
  const notModified = (etag: string): Answer => ({
    status: 304,
    headers: validators(options, etag, identity.lastModified, identity.sources),
    body: null,
  });
  const kept = options.variants.etagInMemory(identity);
  if (isFresh(question, [identity.etag, kept], identity.lastModified)) return notModified(kept ?? identity.etag);
  const delivered = await options.variants.deliver(identified, {
    signal: question.signal,
    client: question.client,
    onHeld: question.onHeld,
    isLimited: asked.isLimited,
  });
  // Stored under an older build: its own tag may be the one the client holds.
  if (delivered.from === 'store' && isFresh(question, [delivered.etag], delivered.lastModified)) {
    if (delivered.body instanceof Readable) delivered.body.destroy();
    return notModified(delivered.etag);
  }
  return variantAnswer(options, question, asked, delivered);
}

async function answerOriginal(
  options: ImagesOptions,
  question: ImageQuestion,
  asked: Asked,
  identified: IdentifiedOriginal,
): Promise<Answer> {
  const { identity } = identified;
  const headers = validators(options, identity.etag, identity.state.lastModified, identity.sources);
  if (isFresh(question, [identity.etag], identity.state.lastModified)) {
    return { status: 304, headers, body: null };
  }
  const opened = await options.variants.openOriginal(identified, question.signal);
  const { size, contentType, body } = opened;
  if (contentType === undefined && !isOtherKind(identity.source, options.otherOriginals)) {
    body.destroy();
    // In the words for what is not there: which files lie beside the pictures is the operator's matter, and in the log.
    const reason = 'the file of this name is no picture, and otherOriginals does not name its kind';
    throw notFound(asked.candidates[0]?.key ?? identity.source, reason);
  }
  if (!opened.isCurrent) headers['Cache-Control'] = 'no-store';
  // Only what we recognise as a picture is shown in place; anything else is bytes to keep (an SVG or a page among them).
  headers['Content-Type'] = contentType ?? 'application/octet-stream';
  const kind = contentType === undefined ? 'attachment' : 'inline';
  headers['Content-Disposition'] = contentDisposition(kind, asked.filename);
  headers['Content-Length'] = String(size);
  headers['Accept-Ranges'] = 'none';
  headers['Cache-Status'] = 'fovea; fwd=miss; detail=original';
  if (question.headersOnly) {
    body.destroy();
    return { status: 200, headers, body: null };
  }
  return { status: 200, headers, body: Readable.toWeb(body) as ReadableStream };
}

/** True for an extension that the configuration names: a file that is sent, though it is no picture of ours. */
function isOtherKind(key: string, extensions: readonly string[]): boolean {
  return extensions.includes(key.slice(key.lastIndexOf('.') + 1).toLowerCase());
}

/** The same chain on the substitute that `d_` names, for a picture that is missing. */
async function answerSubstitute(
  options: ImagesOptions,
  question: ImageQuestion,
  asked: Asked,
  reason: Error,
): Promise<Answer | undefined> {
  const key = asked.delivery.defaultImage;
  const transform = asked.candidates[0]?.transform;
  if (key === undefined || transform === undefined) return undefined;
  const { signal } = question;
  const found = await options.variants.identify([{ key, transform }], { signal, readAhead: true });
  if (found.kind !== 'variant') return undefined;
  const answer = await answerVariant(options, question, asked, found);
  answer.headers['Cache-Control'] = substituteCacheControl;
  answer.headers['X-Cld-Error'] = headerText(reason.message);
  return answer;
}

async function answerAsked(options: ImagesOptions, question: ImageQuestion, asked: Asked): Promise<Answer> {
  const readAhead = question.header('if-none-match') === undefined;
  try {
    const found = await options.variants.identify(asked.candidates, { signal: question.signal, readAhead });
    return found.kind === 'variant'
      ? await answerVariant(options, question, asked, found)
      : await answerOriginal(options, question, asked, found);
  } catch (error) {
    const substitute = isFailure(error, 'not_found') && (await answerSubstitute(options, question, asked, error));
    if (substitute) return substitute;
    throw error;
  }
}

/** The same failure; for what is not there with what may have been meant. */
function hinted(error: unknown, asked: Asked | undefined): unknown {
  if (!isFailure(error, 'not_found')) return error;
  const hint = misspeltHint(asked?.candidates[0]?.key ?? '');
  return hint === '' ? error : new Failure('not_found', `${error.message}${hint}`, { cause: error.cause });
}

export type AnswerImage = (question: ImageQuestion, onError: (error: unknown) => void) => Promise<Answer>;

/**
 * Answers GET of a picture: parse → authorise → negotiate → identify → 304? → deliver. Every failure becomes its
 * answer here; `onError` hears of each.
 */
export function createImageAnswers(options: ImagesOptions): AnswerImage {
  const ask = createAsking(options);
  return async (question, onError) => {
    let asked: Asked | undefined;
    let answer: Answer;
    try {
      asked = ask(question);
      answer = await answerAsked(options, question, asked);
    } catch (error) {
      const told = hinted(error, asked);
      onError(told);
      answer = failureAnswer(told, question.requestId);
    }
    const { headers } = answer;
    // Refused or held for headers that no cache looks at: kept, it would be what others get as well.
    if (question.wasForwarded && asked?.isHeldForForwarding !== false) headers['Cache-Control'] = 'no-store';
    if (asked?.vary !== undefined) {
      headers['Vary'] = asked.vary;
      if (hintNames.test(asked.vary)) headers['Accept-CH'] = acceptedHints;
    }
    if (asked?.expires !== undefined) {
      const secondsLeft = Math.max(0, Math.floor(asked.expires - Date.now() / 1000));
      headers['Cache-Control'] = cacheControlUntil(secondsLeft, headers['Cache-Control'] ?? '');
    }
    return answer;
  };
}
