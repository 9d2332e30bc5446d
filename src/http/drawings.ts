import { mediaTypeOf } from '../formats.ts';
import type { IdentifiedOriginal } from '../variants/index.ts';
import type { Answer } from './answer.ts';
import { isUnwanted } from './conditions.ts';
import { unwantedAnswer } from './failures.ts';
import { contentDisposition } from './headers.ts';
import { answerHeld, type ImageStep, validators } from './held.ts';

/** A drawing has styles, and pictures that lie in it; nothing runs, and nothing is fetched. */
const drawingPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";

/** An SVG as it is, but for what could run in it, where the configuration lets it out; undefined for whatever else. */
export async function answerDrawing(step: ImageStep, identified: IdentifiedOriginal): Promise<Answer | undefined> {
  const { question, asked, options } = step;
  const { source, sources, state } = identified.identity;
  if (options.sendsSvg !== true || !/\.svg$/i.test(source)) return undefined;
  const shown = { sources, lastModified: state.lastModified, isCurrent: true };
  const known = answerHeld(step, { etags: [options.variants.drawingEtag(identified)] }, shown);
  if (known !== undefined) return known;
  const drawing = await options.variants.openDrawing(identified, question.signal);
  if (drawing === undefined) return undefined;
  const { etag, bytes, lastModified, isCurrent } = drawing;
  const sent = { sources, lastModified, isCurrent };
  const names = { etags: [etag] };
  const unchanged = answerHeld(step, names, sent);
  if (unchanged !== undefined) return unchanged;
  if (isUnwanted(question, names)) return unwantedAnswer(question.requestId);
  const headers = {
    ...validators(etag, sent, options),
    'Content-Type': mediaTypeOf('svg+xml'),
    'Content-Length': String(bytes.byteLength),
    'Content-Disposition': contentDisposition('inline', asked.filename),
    'Content-Security-Policy': drawingPolicy,
    'Cache-Status': 'fovea; fwd=miss; detail=original',
  };
  return { status: 200, headers, body: bytes, tier: 'original' };
}
