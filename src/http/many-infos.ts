import { z } from 'zod';
import { batchesOf } from '../batches.ts';
import { Failure } from '../failure.ts';
import { checkId } from '../grammar/index.ts';
import type { Telemetry } from '../telemetry.ts';
import { isOriginalOpen, policyFor } from './authorise.ts';
import { jsonOf } from './bodies.ts';
import { type AppContext, arrivalOf, clientSignal } from './context.ts';
import { toldFailure } from './failures.ts';
import { isAdmin } from './guards.ts';
import { type Asking, describeOriginal, type InfoParts } from './info.ts';
import { ndjsonResponse } from './ndjson.ts';
import { reportError } from './report-error.ts';

const maxKeys = 100;
/** Renders that one request has under way or in the line: as many as somebody who loads a page. */
const atOnce = 4;

export const infosBody = z.strictObject({ keys: z.array(z.string().min(1).max(1024)).min(1).max(maxKeys) });

export interface ManyInfosParts extends InfoParts {
  readonly telemetry: Telemetry;
}

/** `POST /-/info`: all that is known of many originals, a line for each in their order, for whoever may have that one. */
export async function answerManyInfos(c: AppContext, parts: ManyInfosParts): Promise<Response> {
  const { keys } = await jsonOf(c, infosBody, `{keys} with at most ${maxKeys} of them`);
  for (const key of keys) checkId(key);
  if (new Set(keys).size < keys.length) throw new Failure('invalid', 'A key comes twice: expected each once.');
  return ndjsonResponse(c, linesOf(c, parts, keys));
}

async function* linesOf(c: AppContext, parts: ManyInfosParts, keys: readonly string[]) {
  const arrived = arrivalOf(c);
  const policy = policyFor(parts.images.policy, { wasForwarded: parts.callers.wasForwarded(arrived) });
  const mayAll = isAdmin(c, parts.adminToken);
  const asking: Asking = {
    signal: clientSignal(c),
    client: () => parts.callers.clientOf(arrived),
    // Each is a line of some kilobytes, which is copied before it is sent.
    onHeld: (giveBack) => giveBack(),
  };
  for (const some of batchesOf(keys, atOnce)) {
    yield* await Promise.all(
      some.map((key) => (mayAll || isOriginalOpen(key, policy) ? lineOf(c, parts, { key, asking }) : refusedLine(key))),
    );
  }
}

interface Described {
  readonly key: string;
  readonly asking: Asking;
}

/** What goes wrong with one is told in its line, and ends no other's. */
async function lineOf(c: AppContext, { variants, telemetry }: ManyInfosParts, { key, asking }: Described) {
  try {
    return { key, ...JSON.parse(Buffer.from(await describeOriginal(variants, key, asking)).toString('utf8')) };
  } catch (error) {
    reportError(c, error, telemetry);
    return { key, error: toldFailure(error) };
  }
}

function refusedLine(key: string) {
  const failure = new Failure('unauthorised', 'This original is not for everybody: it needs the admin token.');
  return { key, error: toldFailure(failure) };
}
