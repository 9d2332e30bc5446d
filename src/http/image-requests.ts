import type { Telemetry } from '../telemetry.ts';
import { lengthOf, pictureSent, toResponse } from './answer.ts';
import type { Callers } from './callers/callers.ts';
import { type AppContext, arrivalOf, clientSignal, onSent, rawTarget } from './context.ts';
import { commonHeaders } from './headers.ts';
import type { AnswerImage } from './images.ts';
import type { Lane } from './lane.ts';
import { reportError } from './report-error.ts';

export interface ImageRequestParts {
  readonly answerImage: AnswerImage;
  readonly callers: Callers;
  readonly lane: Pick<Lane, 'takes' | 'note'>;
  readonly telemetry: Telemetry;
}

/** GET and HEAD of a picture: the request without the framework, and the answer as its Response. */
export async function answerImageRequest(
  c: AppContext,
  { answerImage, callers, lane, telemetry }: ImageRequestParts,
): Promise<Response> {
  const requestId = c.get('requestId');
  const arrived = arrivalOf(c);
  const { incoming } = c.env ?? {};
  const answer = await answerImage({
    rawTarget: rawTarget(c),
    header: (name) => c.req.header(name),
    isFromTrustedProxy: () => callers.isFromTrustedProxy(arrived),
    wasForwarded: callers.wasForwarded(arrived),
    signal: clientSignal(c),
    client: () => callers.clientOf(arrived),
    onHeld: (giveBack) => onSent(c, giveBack),
    headersOnly: c.req.method === 'HEAD',
    requestId,
    mayRepeat: incoming !== undefined && lane.takes(incoming),
  });
  if (incoming !== undefined && answer.repeat !== undefined) lane.note(incoming, answer.repeat);
  if (answer.error !== undefined) reportError(c, answer.error, telemetry);
  c.set('sent', lengthOf(answer));
  c.set('picture', pictureSent(answer));
  return toResponse(answer, { ...commonHeaders, 'X-Request-Id': requestId });
}

/** Any site may show our pictures and read them into a canvas. */
export function answerPreflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
      'Access-Control-Allow-Headers': '*',
      'Access-Control-Max-Age': '86400',
      'Cache-Control': 'public, max-age=86400',
    },
  });
}
