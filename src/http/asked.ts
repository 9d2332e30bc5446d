import { LRUCache } from 'lru-cache';
import { type Failure, isFailure } from '../failure.ts';
import {
  canonical,
  type DeliveryHints,
  type GrammarOptions,
  grammarAt,
  type ImageRequest,
  type NegotiationRequest,
  negotiate,
  originalCandidates,
  parseAsKey,
  parseTarget,
  type ResolvedTransform,
  type Transform,
} from '../grammar/index.ts';
import type { Tracing } from '../telemetry.ts';
import type { Candidate, Variants } from '../variants/index.ts';
import { type AccessPolicy, authorise, type Permit, permitted, policyFor } from './authorise.ts';

export interface ImagesOptions {
  readonly variants: Variants;
  readonly grammar: GrammarOptions;
  readonly policy: AccessPolicy;
  /** Extensions of originals that are sent although they are no pictures. */
  readonly otherOriginals: readonly string[];
  /** Whether an SVG is sent as it is, but for what could run in it; false by default. */
  readonly sendsSvg?: boolean;
  /** Client hints fill in `w_auto` and `dpr_auto`. */
  readonly clientHints: boolean;
  readonly cacheControl: string;
  /** False when there is no store of variants: nothing is `stored` then. */
  readonly storesVariants: boolean;
  readonly tracing?: Tracing | undefined;
}

/** What decides whether a URL is answered, and with what. */
export type Rules = Pick<ImagesOptions, 'grammar' | 'policy'>;

/** What an image request is, apart from the framework it came through. */
export interface ImageQuestion {
  /** As on the request line: neither decoded nor normalised. */
  readonly rawTarget: string;
  readonly header: (name: string) => string | undefined;
  /** Somebody else has passed it on, where that makes another policy. */
  readonly wasForwarded: boolean;
  /** It came from a proxy that the operator named: what that says of its client counts. */
  readonly isFromTrustedProxy: () => boolean;
  readonly signal: AbortSignal;
  /** Names whoever asks: equal for requests of one client, and nothing else is to be read from it. */
  readonly client: () => string;
  /** Told what to call once the answer was sent. */
  readonly onHeld: (giveBack: () => void) => void;
  /** HEAD: the same headers, and no body is opened for long. */
  readonly headersOnly: boolean;
  readonly requestId: string;
  /** Whoever asks can use a `repeat`. */
  readonly mayRepeat: boolean;
}

/** How a question is answered: the parts that later steps need. */
export interface Asked {
  readonly candidates: readonly Candidate[];
  readonly delivery: DeliveryHints;
  readonly vary: string | undefined;
  readonly filename: string;
  /** The URL keeps to itself which original it names. */
  readonly isSealed: boolean;
  /** Held to a ladder that whoever comes straight is not held to: no cache can tell the two apart. */
  readonly isHeldForForwarding: boolean;
  /** Anybody could have asked: a variant that nobody declared counts. */
  readonly isLimited: boolean;
  /** Seconds since 1970 after which the URL is worth nothing. */
  readonly expires: number | undefined;
  /** Why the URL could not be read in the way it looks like: the answer, where none of the candidates is there. */
  readonly unread: Failure | undefined;
}

/** Questions remembered with what they come to: parsing one costs more than finding its picture in memory. */
const maxRemembered = 4096;
/** Longer questions are not remembered: with all of them at this length the memory is some 30 MB. */
export const maxRememberedLength = 1000;

/** What of a question decides its answer. */
export type QuestionWords = Pick<ImageQuestion, 'rawTarget' | 'header' | 'wasForwarded' | 'isFromTrustedProxy'>;

export interface NegotiationOptions extends Pick<ImagesOptions, 'clientHints'> {
  readonly policy: Pick<AccessPolicy, 'ladder'>;
}

/** What decides the answer to a question, in one text: equal texts, equal answers. */
export function questionName(question: QuestionWords, headers: NegotiationRequest): string {
  const { accept, foveaAccept, saveData, hints } = headers;
  const { rawTarget, wasForwarded } = question;
  // Neither a target nor a header holds the end of a line, so nothing can be taken for what stands beside it.
  const said = `${rawTarget}\n${wasForwarded}${word(accept)}${word(foveaAccept)}${word(saveData)}`;
  return hints === undefined ? said : `${said}${word(hints.dpr)}${word(hints.width)}${word(hints.viewportWidth)}`;
}

/** The host, where a dialect is read at some alone. */
function hostWord({ header }: QuestionWords, { grammar }: Pick<ImagesOptions, 'grammar'>): string {
  return Object.keys(grammar.dialectHosts).length === 0 ? '' : `${header('host')}\n`;
}

/** An empty header is told from none. */
function word(value: string | undefined): string {
  return value === undefined ? '\n' : `\n:${value}`;
}

export function negotiationHeaders(
  { header, isFromTrustedProxy }: QuestionWords,
  { clientHints, policy }: NegotiationOptions,
): NegotiationRequest {
  // No cache looks at it: believed of anybody, one client could have an answer kept for others that they do not accept.
  const edgeToken = header('x-fovea-accept');
  return {
    accept: header('accept'),
    foveaAccept: edgeToken !== undefined && isFromTrustedProxy() ? edgeToken : undefined,
    saveData: header('save-data'),
    hints: !clientHints
      ? undefined
      : {
          dpr: header('sec-ch-dpr') ?? header('dpr'),
          width: header('sec-ch-width') ?? header('width'),
          viewportWidth: header('sec-ch-viewport-width') ?? header('viewport-width'),
          ladder: policy.ladder.widths,
        },
  };
}

/** A request that may go on, and what its headers say. */
interface Authorised {
  readonly request: ImageRequest;
  readonly permit: Permit;
  readonly headers: NegotiationRequest;
  readonly wasForwarded: boolean;
}

function readAsked(authorised: Authorised, { grammar, policy }: Rules): Asked {
  const { request, permit } = authorised;
  const read = originalCandidates(request, grammar);
  // The candidates share what is asked of them: it is settled, and remembered, once.
  const settled = new Map<Transform, Settled>();
  for (const { transform } of read) {
    if (transform !== undefined && !settled.has(transform))
      settled.set(transform, settleTransform(transform, authorised, policy));
  }
  const all = [...settled.values()];
  const varies = new Set(all.flatMap((one) => one.varies));
  return {
    candidates: read.map(({ key, transform }) => ({
      key,
      transform: transform && settled.get(transform)?.transform,
    })),
    delivery: request.transform?.delivery ?? {},
    vary: varies.size === 0 ? undefined : [...varies].join(', '),
    filename: request.dialect?.filename ?? request.id.slice(request.id.lastIndexOf('/') + 1),
    isSealed: request.dialect?.isSealed === true,
    expires: permit.expires,
    isHeldForForwarding: all.some(({ isHeldForForwarding }) => isHeldForForwarding),
    isLimited: !permit.isSigned,
    unread: undefined,
  };
}

/** What a question comes to in one of the ways in which its target may be read. */
interface Reading {
  readonly asked: Asked | undefined;
  readonly failure: Failure | undefined;
}

interface ReadingContext extends Pick<Authorised, 'headers' | 'wasForwarded'> {
  readonly rawTarget: string;
  readonly rules: Rules;
}

function askedFor(request: ImageRequest, { rules, headers, wasForwarded }: ReadingContext): Asked {
  const permit = authorise(request, rules.policy, Date.now());
  return readAsked({ request, permit, headers, wasForwarded }, rules);
}

/** In the way that the target looks like. */
function readFirst(context: ReadingContext): Reading {
  let request: ImageRequest;
  try {
    request = parseTarget(context.rawTarget, context.rules.grammar);
  } catch (error) {
    if (isFailure(error)) return { asked: undefined, failure: error };
    throw error;
  }
  return { asked: askedFor(request, context), failure: undefined };
}

/** With the whole path as a key: what may not be asked for so is as if it could not be meant. */
function readAsKey(context: ReadingContext): Reading {
  let request: ImageRequest | undefined;
  try {
    request = parseAsKey(context.rawTarget, context.rules.grammar);
    return { asked: request && askedFor(request, context), failure: undefined };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { asked: undefined, failure: request === undefined ? error : undefined };
  }
}

/**
 * As it is read first, and behind that its whole path as a key, where it could be meant so. Failures: as those of the first
 * reading, unless the second is possible.
 */
function readEither(context: ReadingContext): Asked {
  const first = readFirst(context);
  if (first.asked !== undefined && !first.asked.isLimited) return first.asked;
  const second = readAsKey(context);
  if (first.asked === undefined) {
    if (second.asked === undefined) throw first.failure;
    return { ...second.asked, unread: first.failure };
  }
  if (second.asked === undefined) return { ...first.asked, unread: second.failure };
  return eitherOf(first.asked, second.asked);
}

function eitherOf(first: Asked, second: Asked): Asked {
  const varies = new Set([first.vary, second.vary].flatMap((vary) => vary?.split(', ') ?? []));
  return {
    ...first,
    candidates: [...first.candidates, ...second.candidates],
    vary: varies.size === 0 ? undefined : [...varies].join(', '),
    isHeldForForwarding: first.isHeldForForwarding || second.isHeldForForwarding,
  };
}

/** A transform as it will be rendered for these headers, and what that hangs on. */
interface Settled extends Pick<Asked, 'isHeldForForwarding'> {
  readonly transform: ResolvedTransform;
  readonly varies: readonly string[];
}

function settleTransform(transform: Transform, authorised: Authorised, policy: AccessPolicy): Settled {
  const { request, permit, headers, wasForwarded } = authorised;
  const negotiated = negotiate(transform, headers);
  const isDeclared = (candidate: ResolvedTransform) => policy.isDeclared(request.id, canonical(candidate));
  const resolved = permitted(negotiated.transform, permit, isDeclared);
  return {
    transform: resolved,
    varies: negotiated.varies,
    isHeldForForwarding: wasForwarded && canonical(resolved) !== canonical(negotiated.transform),
  };
}

/** All that headers may make of a URL, but for client hints, whose sizes are on the ladder. */
const everyClient: readonly NegotiationRequest[] = ['avif', 'webp', 'none'].flatMap((token) =>
  [token, `${token}-lite`].map((foveaAccept) => ({ accept: undefined, foveaAccept })),
);

/**
 * Tells whether the policy lets a URL be answered as it stands, whoever asks and by whatever way: what is handed out to
 * others has to be such a one. It goes the way of a request, up to where its original is looked for.
 */
export function createServes({ grammar, policy }: Rules): (rawTarget: string) => boolean {
  const rules = { grammar, policy: policyFor(policy, { wasForwarded: true }) };
  return (rawTarget) => {
    try {
      const request = parseTarget(rawTarget, grammar);
      const permit = authorise(request, rules.policy, Date.now());
      for (const headers of everyClient) readAsked({ request, permit, headers, wasForwarded: true }, rules);
      return true;
    } catch (error) {
      if (isFailure(error)) return false;
      throw error;
    }
  };
}

type AskingOptions = Pick<ImagesOptions, 'grammar' | 'policy' | 'clientHints'>;

/** From a question to what it comes to: parse, authorise, negotiate. Pure but for the clock. Failures: as those of the three. */
export function readQuestion(
  question: ImageQuestion,
  options: AskingOptions,
  headers = negotiationHeaders(question, options),
): Asked {
  const { rawTarget, wasForwarded } = question;
  const grammar = grammarAt(options.grammar, question.header('host'));
  const rules = { grammar, policy: policyFor(options.policy, question) };
  return readEither({ rawTarget, headers, wasForwarded, rules });
}

/** The same; the answer to a question that was asked before is remembered, unless its URL expires. */
export function createAsking(options: AskingOptions): (question: ImageQuestion) => Asked {
  const remembered = new LRUCache<string, Asked>({ max: maxRemembered });
  return (question) => {
    const headers = negotiationHeaders(question, options);
    const name = hostWord(question, options) + questionName(question, headers);
    const known = remembered.get(name);
    if (known !== undefined) return known;
    const asked = readQuestion(question, options, headers);
    if (asked.expires === undefined && name.length <= maxRememberedLength) remembered.set(name, asked);
    return asked;
  };
}
