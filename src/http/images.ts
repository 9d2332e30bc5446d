import { Readable } from 'node:stream';
import { type ByteRange, lengthOfRange } from '../byte-range.ts';
import { isFailure } from '../failure.ts';
import { extensionOf, formatOfMediaType, isImageFormat } from '../formats.ts';
import { grammarAt, queryHint } from '../grammar/index.ts';
import { type Delivered, type IdentifiedOriginal, type IdentifiedVariant, notFound } from '../variants/index.ts';
import { type Answer, type Came, type Repeat, tierOf } from './answer.ts';
import { type Asked, createAsking, type ImageQuestion, type ImagesOptions } from './asked.ts';
import { askedPart, isUnwanted, type Names } from './conditions.ts';
import { hinted } from './did-you-mean.ts';
import { answerDrawing } from './drawings.ts';
import { headerText, noPartAnswer, pictureFailureAnswer, unwantedAnswer } from './failures.ts';
import type { Front } from './front/front.ts';
import {
  acceptedHints,
  cacheControlUntil,
  cacheStatus,
  contentDisposition,
  hintNames,
  joinVary,
  serverTiming,
} from './headers.ts';
import { answerHeld, type ImageStep, notModified, validators } from './held.ts';

/** The substitute for a missing picture is looked for again soon: the real one may arrive any moment. */
const substituteCacheControl = 'public, max-age=60';

export type AnswerImage = (question: ImageQuestion) => Promise<Answer>;

/**
 * Answers GET of a picture: parse → authorise → negotiate → identify → 304? → deliver. Every failure becomes its
 * answer here, and is told with it.
 */
export function createImageAnswers(options: ImagesOptions, front: Front): AnswerImage {
  const ask = createAsking(options);
  const { tracing } = options;
  return async (question) => {
    let asked: Asked | undefined;
    let answer: Answer;
    try {
      asked = tracing === undefined ? ask(question) : await tracing.step('ask', async () => ask(question));
      answer = await answerAsked({ question, asked, options });
    } catch (cause) {
      answer = (await front(cause, question)) ?? (await failed(cause, { asked, question, options }));
    }
    limitKeeping(answer.headers, question, asked);
    return answer;
  };
}

/** Told with what may have been meant. */
async function failed(
  cause: unknown,
  missing: Parameters<typeof hinted>[1] & Pick<ImageStep, 'question'>,
): Promise<Answer> {
  const error = await hinted(cause, missing);
  return { ...pictureFailureAnswer(error, missing.question), error };
}

async function answerAsked(step: ImageStep): Promise<Answer> {
  const { question, asked, options } = step;
  const { signal, client } = question;
  const readAhead = question.header('if-none-match') === undefined;
  try {
    const found = await options.variants.identify(asked.candidates, { signal, client, readAhead });
    return found.kind === 'variant' ? await answerVariant(step, found) : await answerOriginal(step, found);
  } catch (error) {
    const substitute = isFailure(error, 'not_found') && (await answerSubstitute(step, error));
    if (substitute) return substitute;
    throw error;
  }
}

async function answerVariant(step: ImageStep, identified: IdentifiedVariant): Promise<Answer> {
  const { question, asked, options } = step;
  const { identity } = identified;
  const kept = options.variants.etagInMemory(identity);
  const unchanged = answerHeld(step, { etags: tagsOf(identity, kept) }, { ...identity, isCurrent: true });
  if (unchanged !== undefined) {
    return kept === undefined ? unchanged : { ...unchanged, repeat: repeatOf(step, identified) };
  }
  const delivered = await options.variants.deliver(identified, {
    signal: question.signal,
    client: question.client,
    onHeld: question.onHeld,
    isLimited: asked.isLimited,
    mayStandIn: true,
    part: askedPart(question),
  });
  // Stored under an older build, or of an original overwritten meanwhile: its own tag may be the one the client holds.
  const found = { etags: [delivered.etag] };
  const since = delivered.etag === identity.etag ? undefined : answerHeld(step, found, delivered);
  if (since !== undefined) {
    leave(delivered.body);
    return since;
  }
  const isLasting = delivered.from === 'memory' && delivered.standsIn !== true;
  const repeat = isLasting ? repeatOf(step, identified) : undefined;
  const headers = variantHeaders(delivered, asked, options);
  return { ...answerBody(question, delivered, { names: found, headers }), repeat };
}

/**
 * What whoever asks the same is answered out of memory, made by the same functions. Undefined for what hangs on the clock: a URL
 * that ends, and a Last-Modified that is to come.
 */
function repeatOf({ question, asked, options }: ImageStep, identified: IdentifiedVariant): Repeat | undefined {
  if (!question.mayRepeat || asked.expires !== undefined) return undefined;
  const standing = options.variants.standing(identified, asked.candidates);
  const variant = standing && options.variants.recall(standing);
  if (standing === undefined || variant === undefined) return undefined;
  const { identity } = identified;
  const { sources, lastModified } = identity;
  if (Math.max(lastModified.getTime(), variant.lastModified.getTime()) > Date.now()) return undefined;
  const size = variant.bytes.byteLength;
  const sent = variantHeaders({ ...variant, ...fromMemory, sources }, asked, options);
  Object.assign(sent, extentHeaders('whole', size));
  limitKeeping(sent, question, asked);
  const unchanged = tagsOf(identity, variant.etag).map((etag) => {
    const { headers } = notModified(etag, { ...identity, isCurrent: true }, options);
    limitKeeping(headers, question, asked);
    return { etag, headers };
  });
  return { standing, sent, unchanged };
}

/** Those that a client may have of a variant, the one of what is in memory first. */
function tagsOf({ etag }: IdentifiedVariant['identity'], kept: string | undefined): readonly string[] {
  return kept === undefined || kept === etag ? [etag] : [kept, etag];
}

const fromMemory = { from: 'memory', collapsed: false, isCurrent: true, timings: {} } as const;

async function answerOriginal(step: ImageStep, identified: IdentifiedOriginal): Promise<Answer> {
  const drawing = await answerDrawing(step, identified);
  if (drawing !== undefined) return drawing;
  const { question, asked, options } = step;
  const { etag, source, sources, state } = identified.identity;
  const { lastModified } = state;
  const unchanged = answerHeld(step, { etags: [etag], lastModified }, { sources, lastModified, isCurrent: true });
  if (unchanged !== undefined) return unchanged;
  const part = askedPart(question);
  const opened = await options.variants.openOriginal(identified, { signal: question.signal, part });
  const { contentType, body, isCurrent } = opened;
  if (contentType === undefined && !isOtherKind(source, options.otherOriginals)) {
    leave(body);
    // In the words for what is not there: which files lie beside the pictures is the operator's matter, and in the log.
    const reason = 'the file of this name is no picture, and otherOriginals does not name its kind';
    throw notFound(asked.candidates[0]?.key ?? source, reason);
  }
  const shown = { sources, lastModified: opened.lastModified, isCurrent };
  // Overwritten since it was looked up: the client may have the new one already.
  const found = { etags: [opened.etag], lastModified: opened.lastModified };
  const since = opened.etag === etag ? undefined : answerHeld(step, found, shown);
  if (since !== undefined) {
    leave(body);
    return since;
  }
  const headers = validators(opened.etag, shown, options);
  // Only what we recognise as a picture is shown in place; anything else is bytes to keep (an SVG or a page among them).
  headers['Content-Type'] = contentType ?? 'application/octet-stream';
  const kind = contentType === undefined ? 'attachment' : 'inline';
  headers['Content-Disposition'] = contentDisposition(kind, asked.filename);
  headers['Cache-Status'] = 'fovea; fwd=miss; detail=original';
  const hint = queryHint(question.rawTarget, grammarAt(options.grammar, question.header('host')));
  if (hint !== undefined) headers['X-Fovea-Hint'] = headerText(hint);
  return answerBody(question, opened, { names: found, headers });
}

/** What is sent of a body, and under which status: the whole, one part of it, or nothing of what the client cannot use. */
function answerBody(
  question: ImageQuestion,
  sent: Pick<Delivered, 'body' | 'size' | 'part'> & Came,
  { names, headers }: { readonly names: Names; readonly headers: Record<string, string> },
): Answer {
  const { body, size, part } = sent;
  if (isUnwanted(question, names)) {
    leave(body);
    return unwantedAnswer(question.requestId);
  }
  if (part === 'none') return noPartAnswer(size, question.requestId);
  Object.assign(headers, extentHeaders(part, size));
  return { status: part === 'whole' ? 200 : 206, headers, body: sentBody(body, question), tier: tierOf(sent) };
}

/** How much of a body is sent, and that less of it may be asked for. */
function extentHeaders(part: ByteRange | 'whole', size: number): Record<string, string> {
  if (part === 'whole') return { 'Accept-Ranges': 'bytes', 'Content-Length': String(size) };
  const range = `bytes ${part.start}-${part.end - 1}/${size}`;
  return { 'Accept-Ranges': 'bytes', 'Content-Length': String(lengthOfRange(part)), 'Content-Range': range };
}

/** The same chain on the substitute that `d_` names, for a picture that is missing. */
async function answerSubstitute(step: ImageStep, reason: Error): Promise<Answer | undefined> {
  const { question, asked, options } = step;
  const key = asked.delivery.defaultImage;
  const transform = asked.candidates[0]?.transform;
  if (key === undefined || transform === undefined) return undefined;
  const { signal, client } = question;
  const found = await options.variants.identify([{ key, transform }], { signal, client, readAhead: true });
  if (found.kind !== 'variant') return undefined;
  // The real one may arrive any moment.
  const answer = await answerVariant({ ...step, question: { ...question, mayRepeat: false } }, found);
  // What nobody may keep is not kept for a short time either.
  if (answer.headers['Cache-Control'] !== 'no-store') answer.headers['Cache-Control'] = substituteCacheControl;
  answer.headers['X-Cld-Error'] = headerText(reason.message);
  return answer;
}

/** Everything that is said of a variant that is sent. */
function variantHeaders(
  delivered: Omit<Delivered, 'body' | 'size' | 'part'>,
  asked: Asked,
  options: ImagesOptions,
): Record<string, string> {
  const headers = validators(delivered.etag, delivered, options);
  headers['Content-Type'] = delivered.contentType;
  headers['Content-Disposition'] = disposition(asked, delivered.contentType);
  headers['Cache-Status'] = cacheStatus(delivered, options.storesVariants && delivered.isCurrent);
  const timing = serverTiming(delivered);
  if (timing !== undefined) headers['Server-Timing'] = timing;
  return headers;
}

function disposition(asked: Asked, contentType: string): string {
  const stem = asked.filename.replace(/\.[A-Za-z0-9]{1,5}$/, '');
  const extension = extensionFor(contentType);
  const name = asked.delivery.attachment?.filename ?? stem;
  const filename = extension === undefined ? asked.filename : `${name}.${extension}`;
  return contentDisposition(asked.delivery.attachment === undefined ? 'inline' : 'attachment', filename);
}

/** What the name of a variant's file ends in; an original that no variant could be keeps its own name. */
function extensionFor(contentType: string): string | undefined {
  const format = formatOfMediaType(contentType);
  if (isImageFormat(format)) return extensionOf(format);
  return contentType === 'application/json' ? 'json' : undefined;
}

/** HEAD has none, and what was opened for it is closed. */
function sentBody(body: Uint8Array | Readable, { headersOnly }: ImageQuestion): Answer['body'] {
  if (!(body instanceof Readable)) return body;
  if (!headersOnly) return Readable.toWeb(body) as ReadableStream;
  leave(body);
  return null;
}

/** Nobody reads it. */
function leave(body: Uint8Array | Readable): void {
  if (body instanceof Readable) body.destroy();
}

/** True for an extension that the configuration names: a file that is sent, though it is no picture of ours. */
function isOtherKind(key: string, extensions: readonly string[]): boolean {
  return extensions.includes(key.slice(key.lastIndexOf('.') + 1).toLowerCase());
}

/** Says for whom and how long caches may keep an answer, a refusal too: what it hangs on, and when its URL ends. */
function limitKeeping(
  headers: Record<string, string>,
  { wasForwarded }: ImageQuestion,
  asked: Asked | undefined,
): void {
  // Refused or held for headers that no cache looks at: kept, it would be what others get as well.
  if (wasForwarded && asked?.isHeldForForwarding !== false) headers['Cache-Control'] = 'no-store';
  if (asked?.vary !== undefined) {
    headers['Vary'] = joinVary(asked.vary, headers['Vary']);
    if (hintNames.test(asked.vary)) headers['Accept-CH'] = acceptedHints;
  }
  if (asked?.expires !== undefined) {
    const secondsLeft = Math.max(0, Math.floor(asked.expires - Date.now() / 1000));
    headers['Cache-Control'] = cacheControlUntil(secondsLeft, headers['Cache-Control'] ?? '');
  }
}
