import { buffer } from 'node:stream/consumers';
import type { ReadableStream } from 'node:stream/web';
import { type Failure, isFailure } from '../failure.ts';
import { mediaTypeOf } from '../formats.ts';
import { canonical, explainTarget, grammarAt, queryHint } from '../grammar/index.ts';
import { type Asked, type ImageQuestion, type ImagesOptions, readQuestion } from './asked.ts';
import { createImageAnswers } from './images.ts';

/** What becomes of a URL here, before anything is drawn. */
export interface Judged {
  /**
   * `differs`: it is answered, with something else than it says. `missing`: nothing has its name; told only where that was
   * looked for, or where the name is all that it could be.
   */
  readonly outcome: 'answered' | 'differs' | 'refused' | 'unauthorised' | 'missing';
  /** Whose language it is in, where that is not our own. */
  readonly dialect: string | undefined;
  /** Why not, or how. */
  readonly reason: string | undefined;
}

type JudgeOptions = Pick<ImagesOptions, 'grammar' | 'policy' | 'clientHints'> & {
  readonly variants: Pick<ImagesOptions['variants'], 'firstThere'>;
};

export interface Judging {
  readonly signal: AbortSignal;
  /** The original is looked for, too. */
  readonly looksUp: boolean;
  /** At which it was asked; undefined where that is not known. */
  readonly host?: string | undefined;
}

export type Judge = (rawTarget: string, judging: Judging) => Promise<Judged>;

const accepts = ['avif', 'webp'].map((format) => `image/${format}`).join();

/**
 * Says of URLs what whoever asks for them through a proxy would get, as a browser of today: the way of a request as far as its
 * original. Failures: the store's.
 */
export function createJudge(options: JudgeOptions): Judge {
  return async (rawTarget, judging) => {
    const dialect = dialectOf(rawTarget, { ...options, grammar: grammarAt(options.grammar, judging.host) });
    let asked: Asked;
    try {
      asked = readQuestion(questionFor(rawTarget, judging), options);
    } catch (error) {
      if (!isFailure(error)) throw error;
      return {
        outcome: isFailure(error, 'unauthorised', 'expired') ? 'unauthorised' : 'refused',
        dialect,
        reason: error.message,
      };
    }
    const missing = await missingIn(asked, judging, options);
    if (missing !== undefined) return { ...missing, dialect };
    const reason = differenceOf(rawTarget, { asked, dialect, options, judging });
    return { outcome: reason === undefined ? 'answered' : 'differs', dialect, reason };
  };
}

function dialectOf(rawTarget: string, { grammar }: JudgeOptions): string | undefined {
  try {
    return explainTarget(rawTarget, grammar).dialect;
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

/** Of what could be read in no other way than as a name, whether there is such a thing decides what was meant. */
async function missingIn(
  { candidates, unread, isLimited }: Asked,
  { signal, looksUp }: Judging,
  { variants }: JudgeOptions,
): Promise<Omit<Judged, 'dialect'> | undefined> {
  if (!looksUp && unread === undefined) return undefined;
  const keys = candidates.map(({ key }) => key);
  if ((await variants.firstThere(keys, { signal, client: () => '' })) !== undefined) return undefined;
  if (unread !== undefined && isLimited) return { outcome: 'refused', reason: (unread as Failure).message };
  return { outcome: 'missing', reason: 'There is no original of this name' };
}

interface Difference {
  readonly asked: Asked;
  readonly dialect: string | undefined;
  readonly options: JudgeOptions;
  readonly judging: Judging;
}

function differenceOf(rawTarget: string, { asked, dialect, options, judging }: Difference): string | undefined {
  if (dialect === undefined && queryHint(rawTarget, grammarAt(options.grammar, judging.host)) !== undefined) {
    return 'Its query means nothing here: name the dialect that reads it in "dialects"';
  }
  // The ladder may have taken another width than was asked for.
  const free = { ...options, policy: { ...options.policy, unsigned: 'any', unsignedForwarded: 'any' } as const };
  const unheld = readQuestion(questionFor(rawTarget, judging), free);
  const text = ({ candidates: [first] }: Asked) => first?.transform && canonical(first.transform);
  return text(asked) === text(unheld) ? undefined : 'The ladder gives it another size: "snap" takes the next step';
}

function questionFor(
  rawTarget: string,
  { signal, host }: Pick<Judging, 'signal' | 'host'>,
  accept = accepts,
): ImageQuestion {
  const headers: Readonly<Record<string, string | undefined>> = { accept, host };
  return {
    rawTarget,
    header: (name) => headers[name],
    wasForwarded: true,
    isFromTrustedProxy: () => false,
    signal,
    client: () => '',
    onHeld: (giveBack) => giveBack(),
    headersOnly: false,
    requestId: '',
    mayRepeat: false,
  };
}

/** A picture as it would be answered. */
export interface AnsweredPicture {
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** Draws pictures as they would be answered to whoever accepts JPEG and PNG alone. */
export function createPictures(
  options: ImagesOptions,
): (rawTarget: string, signal: AbortSignal) => Promise<AnsweredPicture> {
  const answerImage = createImageAnswers(options, async () => undefined);
  return async (rawTarget, signal) => {
    const { status, body } = await answerImage(questionFor(rawTarget, { signal }, mediaTypeOf('jpeg')));
    if (body === null) return { status, bytes: new Uint8Array() };
    if (typeof body === 'string') return { status, bytes: Buffer.from(body) };
    return { status, bytes: body instanceof Uint8Array ? body : await buffer(body as ReadableStream) };
  };
}
