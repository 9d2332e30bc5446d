import { z } from 'zod';
import { Failure } from '../../failure.ts';
import { parseFocus } from '../../grammar/index.ts';
import type { Replaceable } from '../../uploads/index.ts';
import type { Variants } from '../../variants/index.ts';
import { toResponse } from '../answer.ts';
import { noteChanged } from '../audit.ts';
import { bodyOf } from '../bodies.ts';
import { type AppContext, clientSignal, keyBehind } from '../context.ts';
import { unwantedAnswer } from '../failures.ts';
import { matchesStrongly } from '../headers.ts';
import { urlsOf } from './answers.ts';
import { checkIsPicture } from './images.ts';
import type { UploadRoutesOptions } from './options.ts';

export interface ReplaceParts extends UploadRoutesOptions {
  readonly variants: Pick<Variants, 'stat' | 'purge'>;
}

/** As long as a purge may take: it goes on when its client leaves. */
const purgeTimeoutMs = 15 * 60_000;

export const replaceQuery = z.strictObject({ focal: z.string().optional() });

/**
 * `PUT /-/originals/<key>`: the picture that is the body takes the place of an original, or comes where none is. It is checked
 * as every upload; what was made of the one before is purged, down to the edge.
 */
export async function answerReplacement(c: AppContext, parts: ReplaceParts): Promise<Response> {
  const { uploads, variants } = parts;
  const key = keyBehind(c, '/-/originals/');
  const claim = c.req.header('content-type') ?? '';
  checkIsPicture(claim);
  const { focal } = queryOf(c);
  const focus = focal === undefined ? undefined : parseFocus(focal);
  const over = await replaceable(c, key, variants);
  const replaced = over && (await uploads.replace({ key, claim, focus, body: bodyOf(c) }, replaceOptions(c, over)));
  if (replaced === undefined) return toResponse(unwantedAnswer(c.get('requestId')));
  noteChanged(c, 1);
  const { wasThere, ...facts } = replaced;
  const purged = await variants.purge(
    { keys: [key] },
    { signal: AbortSignal.timeout(purgeTimeoutMs), reference: c.get('requestId') },
  );
  const urls = urlsOf(c, key, parts);
  const { variantsDeleted, memoryEvicted, edge } = purged;
  const told = { ...facts, replaced: wasThere, urls, variantsDeleted, memoryEvicted, edge };
  return c.json(told, wasThere ? 200 : 201, {
    'Cache-Control': 'no-store',
    ...(urls['original'] !== undefined && { Location: urls['original'] }),
  });
}

function replaceOptions(c: AppContext, over: Replaceable) {
  return { over, signal: clientSignal(c) };
}

/** What If-Match and If-None-Match let be replaced; undefined where that is not what is there. */
async function replaceable(
  c: AppContext,
  key: string,
  variants: ReplaceParts['variants'],
): Promise<Replaceable | undefined> {
  const [ifMatch, ifNoneMatch] = [c.req.header('if-match'), c.req.header('if-none-match')];
  if (ifMatch !== undefined) {
    const state = await variants.stat(key, clientSignal(c));
    return state !== undefined && matchesStrongly(ifMatch, state.answeredEtag) ? { etag: state.etag } : undefined;
  }
  if (ifNoneMatch === undefined) return 'any';
  if (ifNoneMatch.trim() === '*') return 'absent';
  throw new Failure('invalid', 'If-None-Match: expected *, for an original that is not there yet.');
}

function queryOf(c: AppContext): z.infer<typeof replaceQuery> {
  const parsed = replaceQuery.safeParse(c.req.query());
  if (parsed.success) return parsed.data;
  throw new Failure('invalid', 'The query: expected nothing but focal=x,y.');
}
