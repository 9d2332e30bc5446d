import { toResponse } from '../answer.ts';
import { failureAnswer } from '../failures.ts';

/** Statuses whose body Cloudinary's SDKs read; of any other they tell the number alone. */
const read: ReadonlySet<number> = new Set([400, 401, 404, 420, 429, 500]);

/** What went wrong in the form that Cloudinary's clients read, with a status that they do. */
export function apiFailureResponse(error: unknown, requestId: string): Response {
  const { status, headers, body } = failureAnswer(error, requestId);
  const { detail } = JSON.parse(String(body)) as { readonly detail: string };
  const told = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  return toResponse({
    status: read.has(status) ? status : (readable[status] ?? status),
    headers: { ...headers, ...told },
    body: `${JSON.stringify({ error: { message: detail } })}\n`,
  });
}

const readable: Readonly<Record<number, number>> = { 413: 400, 415: 400, 422: 400, 410: 401, 503: 420 };
