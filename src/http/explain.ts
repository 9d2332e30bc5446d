import { Failure, isFailure } from '../failure.ts';
import { mediaTypeOf } from '../formats.ts';
import { canonical, type ExplainedPart, explainTarget, grammarAt } from '../grammar/index.ts';
import { cacheTag, type Variants } from '../variants/index.ts';
import { type Asked, type ImageQuestion, type ImagesOptions, readQuestion } from './asked.ts';
import type { Callers } from './callers/callers.ts';
import { type AppContext, arrivalOf, clientSignal } from './context.ts';
import { hinted } from './did-you-mean.ts';
import { toldFailure } from './failures.ts';

/** What a URL means here, and what whoever asks for it gets. Nothing is drawn or fetched for it. */
export interface Explanation {
  /** Path and query. */
  readonly url: string;
  /** Whose language it is in, where that is not our own. */
  readonly dialect?: string;
  readonly isSigned?: boolean;
  /** What it calls the original. */
  readonly id?: string;
  readonly parts?: readonly Pick<ExplainedPart, 'written' | 'means'>[];
  /** They in our own language, as a URL has them before the id. */
  readonly transformation?: string;
  /** Headers that the answer hangs on. */
  readonly vary?: string;
  /** Why there is no picture, as the answer to the URL itself says. */
  readonly refused?: { readonly status: number; readonly title: string; readonly detail: string } | undefined;
  /** One for each kind of client that gets another picture. */
  readonly answers?: readonly ExplainedAnswer[];
}

export interface ExplainedAnswer {
  /** What the client accepts, where that decides. */
  readonly accept?: string;
  /** The key of the original that is there; undefined where the URL keeps it to itself. */
  readonly key?: string;
  /** The transformation in its one spelling; undefined: the original as it is. */
  readonly canonical?: string;
  readonly etag: string;
  /** By which a CDN forgets it. */
  readonly cacheTag: string;
  /** Where the variant is kept already. */
  readonly kept?: 'memory' | 'store' | 'nowhere';
}

type ExplainOptions = Pick<ImagesOptions, 'grammar' | 'policy' | 'clientHints' | 'otherOriginals'> & {
  readonly variants: Pick<Variants, 'identify' | 'firstThere' | 'keptIn'>;
};

interface Explaining extends Pick<ImageQuestion, 'signal' | 'wasForwarded' | 'client'> {
  /** Whoever asks may read the configuration. */
  readonly isOperator: boolean;
}

export type Explain = (url: string, asking: Explaining) => Promise<Explanation>;

/** Accept headers that all others come down to. */
const acceptHeaders = (['avif', 'webp', 'jpeg'] as const).map(mediaTypeOf);

/**
 * Goes the way of a request as far as its identity: what it tells of keys is what the answer to the URL itself would tell the same
 * client. Refusals are part of the explanation; failures are the store's.
 */
export function createExplain(options: ExplainOptions): Explain {
  return async (given, asking) => {
    const [, host] = /^https?:\/\/([^/?#]*)/i.exec(given) ?? [];
    const url = given.replace(/^https?:\/\/[^/?#]*/i, '').replace(/#.*$/s, '');
    let asked: Asked | undefined;
    const explained: { -readonly [Name in keyof Explanation]: Explanation[Name] } = { url };
    try {
      const { dialect, parts, isSigned, id, transformation } = explainTarget(url, grammarAt(options.grammar, host));
      if (dialect !== undefined) explained.dialect = dialect;
      explained.isSigned = isSigned;
      const open = asking.isOperator ? parts : parts.filter(({ written }) => isOpen(written, url));
      if (open.length === parts.length) explained.transformation = transformation;
      explained.parts = open.map((part) => told(part, asking.isOperator));
      if (id !== undefined) explained.id = id;
      const asFor = (accept: string) => readQuestion(questionOf(url, { accept, host }, asking), options);
      asked = asFor(acceptHeaders[0] ?? '');
      Object.assign(explained, { transformation, parts: parts.map((part) => told(part, true)) });
      if (asked.vary !== undefined) explained.vary = asked.vary;
      const varies = asked.vary?.includes('Accept') === true;
      const answers: ExplainedAnswer[] = [];
      for (const accept of varies ? acceptHeaders : acceptHeaders.slice(0, 1)) {
        const answer = await explainAnswer(asFor(accept), asking, options);
        const { key, ...others } = answer;
        answers.push({ ...(varies && { accept }), ...((id !== undefined || asking.isOperator) && { key }), ...others });
      }
      explained.answers = answers;
    } catch (cause) {
      explained.refused = await refusalOf(cause, { asked, question: asking, options });
    }
    return explained;
  };
}

/** What the configuration wrote may name originals: nobody hears it of a URL that is not permitted. */
function told({ written, means, here }: ExplainedPart, isHereTold: boolean): Pick<ExplainedPart, 'written' | 'means'> {
  return { written, means: here === undefined || !isHereTold ? means : `${means} Here: ${here}.` };
}

/** False for an original's name that stands in an alias or a setting (imgproxy's watermark), and not in the URL itself. */
function isOpen(written: string, url: string): boolean {
  return url.includes(written) || !/^[lud]_/.test(written);
}

function questionOf(
  rawTarget: string,
  headers: Readonly<Record<string, string | undefined>>,
  { signal, wasForwarded, client }: Parameters<Explain>[1],
): ImageQuestion {
  return {
    rawTarget,
    header: (name) => headers[name],
    wasForwarded,
    isFromTrustedProxy: () => false,
    signal,
    client,
    onHeld: () => undefined,
    headersOnly: true,
    requestId: '',
    mayRepeat: false,
  };
}

async function explainAnswer(
  { candidates }: Asked,
  { signal, client }: Pick<ImageQuestion, 'signal' | 'client'>,
  { variants }: ExplainOptions,
): Promise<ExplainedAnswer> {
  const found = await variants.identify(candidates, { signal, client, readAhead: false });
  const { source, etag } = found.identity;
  const known = { key: source, etag, cacheTag: cacheTag(source) };
  if (found.kind === 'original') return known;
  const kept = await variants.keptIn(found.identity, signal);
  return { ...known, canonical: canonical(found.identity.transform), kept };
}

async function refusalOf(cause: unknown, missing: Parameters<typeof hinted>[1]): Promise<Explanation['refused']> {
  const failure = await hinted(cause, missing);
  if (!isFailure(failure)) throw failure;
  return toldFailure(failure);
}

export interface ExplainParts {
  readonly explain: Explain;
  readonly callers: Pick<Callers, 'wasForwarded' | 'clientOf'>;
}

/** Longer ones are refused as a request's own target is. */
const maxUrlLength = 16_384;

/** `GET /-/explain?url=…`: for whoever asks, as for whoever asks for the URL itself. */
export async function answerExplain(c: AppContext, { explain, callers }: ExplainParts): Promise<Response> {
  const url = c.req.query('url');
  const headers = { 'Cache-Control': 'no-store' };
  if (url === undefined || url === '') return c.json({ usage: '/-/explain?url=%2Fw_300%2Fpicture.jpg' }, 200, headers);
  if (url.length > maxUrlLength) {
    throw new Failure('invalid', `The URL is too long: at most ${maxUrlLength} characters are taken.`);
  }
  const arrived = arrivalOf(c);
  const asking = {
    signal: clientSignal(c),
    wasForwarded: callers.wasForwarded(arrived),
    client: () => callers.clientOf(arrived),
    isOperator: false,
  };
  return c.json(await explain(url, asking), 200, headers);
}
