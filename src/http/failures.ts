import { Failure, type FailureKind } from '../failure.ts';
import { type Answer, toResponse } from './answer.ts';
import type { ImageQuestion } from './asked.ts';
import { asPicture, formVaries, wantsPicture } from './error-pictures.ts';

interface FailureTerms {
  readonly status: number;
  readonly title: string;
  /** Errors say how long they may be kept: a cache would otherwise keep some of them as it likes (RFC 9111 §4.2.2). */
  readonly cacheControl: string;
}

const brief = 'public, max-age=60';
const never = 'no-store';

/** Every kind of failure as HTTP: the whole table. 499 is what the log says of a client that left. */
const failureAnswers: Readonly<Record<FailureKind, FailureTerms>> = {
  invalid: { status: 400, title: 'Bad request', cacheControl: brief },
  unauthorised: { status: 401, title: 'Unauthorised', cacheControl: never },
  expired: { status: 410, title: 'Expired', cacheControl: never },
  not_found: { status: 404, title: 'Not found', cacheControl: 'public, max-age=10' },
  too_large: { status: 413, title: 'Too large', cacheControl: brief },
  unsupported: { status: 415, title: 'Unsupported picture', cacheControl: brief },
  corrupt: { status: 422, title: 'Unreadable picture', cacheControl: brief },
  overloaded: { status: 503, title: 'Overloaded', cacheControl: never },
  upstream: { status: 502, title: 'Store failed', cacheControl: never },
  timeout: { status: 504, title: 'Too slow', cacheControl: never },
  cancelled: { status: 499, title: 'Client left', cacheControl: never },
};

const bug: FailureTerms = { status: 500, title: 'Internal error', cacheControl: never };
const bugDetail = 'Something went wrong on our side; the log knows what under this request id.';

/** Signs of our own messages, in ASCII. */
const asciiSigns: Readonly<Record<string, string>> = { '×': 'x', '–': '-', '−': '-', '…': '...', '≤': '<=', '’': "'" };

/** A header value: printable ASCII, of a length that no proxy refuses. */
export function headerText(text: string): string {
  const spelled = text.replace(/[×–−…≤’]/g, (sign) => asciiSigns[sign] ?? sign);
  return spelled.replace(/[^\x20-\x7e]+/g, '?').slice(0, 500);
}

/**
 * The answer for a failure: RFC 9457 problem details, and Cloudinary's `x-cld-error`. What is not a Failure is a
 * bug: a fixed text, the cause is the caller's to log. `extra` are further members of the problem (RFC 9457 §3.2).
 */
export function failureAnswer(
  error: unknown,
  requestId: string,
  extra: Readonly<Record<string, unknown>> = {},
): Answer {
  const failure = error instanceof Failure ? error : undefined;
  const { status, title, cacheControl } = failure === undefined ? bug : failureAnswers[failure.kind];
  const detail = failure?.message ?? bugDetail;
  const headers: Record<string, string> = {
    'Content-Type': 'application/problem+json',
    'Cache-Control': cacheControl,
    'X-Cld-Error': headerText(detail),
  };
  const retryAfter = failure?.retryAfterSeconds ?? (failure?.kind === 'overloaded' ? 1 : undefined);
  if (retryAfter !== undefined) headers['Retry-After'] = String(retryAfter);
  if (failure?.kind === 'unauthorised') headers['WWW-Authenticate'] = 'Bearer';
  const body = { type: 'about:blank', title, status, detail, requestId, ...extra };
  return { status, headers, body: `${JSON.stringify(body)}\n` };
}

/** A failure as one line among others tells it. */
export function toldFailure(error: unknown): {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
} {
  const { status, title } = error instanceof Failure ? failureAnswers[error.kind] : bug;
  return { status, title, detail: error instanceof Failure ? error.message : bugDetail };
}

/** `failureAnswer` for whoever asked for a picture: in a form that a page's `<img>` gets to see, where it is one that asks. */
export function pictureFailureAnswer(
  error: unknown,
  question: Pick<ImageQuestion, 'header' | 'isFromTrustedProxy' | 'rawTarget' | 'requestId'>,
): Answer {
  const answer = failureAnswer(error, question.requestId);
  answer.headers['Vary'] = formVaries.join(', ');
  if (!wantsPicture(question)) return answer;
  const title = error instanceof Failure ? failureAnswers[error.kind].title : bug.title;
  const detail = error instanceof Failure ? error.message : bugDetail;
  return asPicture(answer, { title, detail, rawTarget: question.rawTarget });
}

/** `failureAnswer` as a Response. */
export function failureResponse(
  error: unknown,
  requestId: string,
  extra: Readonly<Record<string, unknown>> = {},
): Response {
  return toResponse(failureAnswer(error, requestId, extra));
}

/** A range that begins past the end of a body of so many bytes (RFC 9110 §15.5.17). */
export function noPartAnswer(size: number, requestId: string): Answer {
  const detail = `The range begins past the end: the picture has ${size} bytes.`;
  const answer = conditionAnswer({ status: 416, title: 'Range not satisfiable', detail, requestId });
  return { ...answer, headers: { ...answer.headers, 'Content-Range': `bytes */${size}`, 'Accept-Ranges': 'bytes' } };
}

/** What was asked for on the condition that it is still the same, and is not (RFC 9110 §15.5.13). */
export function unwantedAnswer(requestId: string): Answer {
  const detail = 'The picture is another by now than the one that the request names.';
  return conditionAnswer({ status: 412, title: 'Precondition failed', detail, requestId });
}

/** No failure: it hangs on what the client has, so that nobody else is to get it. */
export function conditionAnswer(problem: { readonly status: number } & Readonly<Record<string, unknown>>): Answer {
  const headers = { 'Content-Type': 'application/problem+json', 'Cache-Control': never };
  return { status: problem.status, headers, body: `${JSON.stringify({ type: 'about:blank', ...problem })}\n` };
}

/** The response to a method that a path does not take. */
export function methodNotAllowed(allow: string): Response {
  const body = { type: 'about:blank', title: 'Method not allowed', status: 405, detail: `Allowed here: ${allow}.` };
  return new Response(`${JSON.stringify(body)}\n`, {
    status: 405,
    headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': brief, Allow: allow },
  });
}
