import { LRUCache } from 'lru-cache';
import { isFailure } from '../failure.ts';
import {
  canonical,
  type DeliveryHints,
  type GrammarOptions,
  type ImageRequest,
  type NegotiationRequest,
  negotiate,
  originalCandidates,
  parseTarget,
  type ResolvedTransform,
  type Transform,
} from '../grammar/index.ts';
import type { Candidate, Variants } from '../variants/index.ts';
import { type AccessPolicy, authorise, type Permit, permitted } from './authorise.ts';

export interface ImagesOptions {
  readonly variants: Variants;
  readonly grammar: GrammarOptions;
  readonly policy: AccessPolicy;
  /** Extensions of originals that are sent although they are no pictures. */
  readonly otherOriginals: readonly string[];
  /** Client hints fill in `w_auto` and `dpr_auto`. */
  readonly clientHints: boolean;
  /** Cache-Control of pictures. */
  readonly cacheControl: string;
  /** False when there is no store of variants: nothing is `stored` then. */
  readonly storesVariants: boolean;
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
}

/** How a question is answered: the parts that later steps need. */
export interface Asked {
  readonly candidates: readonly Candidate[];
  readonly delivery: DeliveryHints;
  readonly vary: string | undefined;
  readonly filename: string;
  /** Held to a ladder that whoever comes straight is not held to: no cache can tell the two apart. */
  readonly isHeldForForwarding: boolean;
  /** Anybody could have asked: a variant that nobody declared counts. */
  readonly isLimited: boolean;
  /** Seconds since 1970 after which the URL is worth nothing. */
  readonly expires: number | undefined;
}

/** Questions remembered with what they come to: parsing one costs more than finding its picture in memory. */
const maxRemembered = 4096;
/** Longer questions are not remembered: with all of them at this length the memory is some 30 MB. */
const maxRememberedLength = 1000;

function negotiationHeaders(
  { header, isFromTrustedProxy }: ImageQuestion,
  { clientHints, policy }: ImagesOptions,
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

interface Heard {
  readonly headers: NegotiationRequest;
  readonly wasForwarded: boolean;
}

function ask(request: ImageRequest, permit: Permit, options: Rules, { headers, wasForwarded }: Heard): Asked {
  let isHeldForForwarding = false;
  const varies = new Set<string>();
  const isDeclared = (transform: ResolvedTransform) => options.policy.isDeclared(request.id, canonical(transform));
  // The candidates share what is asked of them: it is settled, and remembered, once.
  const settled = new Map<Transform, ResolvedTransform>();
  const settle = (transform: Transform): ResolvedTransform => {
    const before = settled.get(transform);
    if (before !== undefined) return before;
    const negotiated = negotiate(transform, headers);
    for (const name of negotiated.varies) varies.add(name);
    const resolved = permitted(negotiated.transform, permit, isDeclared);
    if (wasForwarded) isHeldForForwarding ||= canonical(resolved) !== canonical(negotiated.transform);
    settled.set(transform, resolved);
    return resolved;
  };
  const candidates = originalCandidates(request, options.grammar).map(
    ({ key, transform }): Candidate => ({ key, transform: transform && settle(transform) }),
  );
  return {
    candidates,
    delivery: request.transform?.delivery ?? {},
    vary: varies.size === 0 ? undefined : [...varies].join(', '),
    filename: request.id.slice(request.id.lastIndexOf('/') + 1),
    expires: permit.expires,
    isHeldForForwarding,
    isLimited: !permit.isSigned,
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
  const rules = { grammar, policy: { ...policy, unsigned: policy.unsignedForwarded } };
  return (rawTarget) => {
    try {
      const request = parseTarget(rawTarget, grammar);
      const permit = authorise(request, rules.policy, Date.now());
      for (const headers of everyClient) ask(request, permit, rules, { headers, wasForwarded: true });
      return true;
    } catch (error) {
      if (isFailure(error)) return false;
      throw error;
    }
  };
}

/**
 * From a question to what it comes to: parse, authorise, negotiate. Pure but for the clock, so the answer to one that
 * was asked before is remembered, unless its URL expires. Failures: as those of the three.
 */
export function createAsking(options: ImagesOptions): (question: ImageQuestion) => Asked {
  const { policy, grammar } = options;
  const forwardedPolicy = { ...policy, unsigned: policy.unsignedForwarded };
  const remembered = new LRUCache<string, Asked>({ max: maxRemembered });
  return (question) => {
    const headers = negotiationHeaders(question, options);
    const { accept, foveaAccept, saveData, hints } = headers;
    const name = [
      question.rawTarget,
      question.wasForwarded,
      accept,
      foveaAccept,
      saveData,
      hints?.dpr,
      hints?.width,
      hints?.viewportWidth,
    ].join('\n');
    const known = remembered.get(name);
    if (known !== undefined) return known;
    const request = parseTarget(question.rawTarget, grammar);
    const permit = authorise(request, question.wasForwarded ? forwardedPolicy : policy, Date.now());
    const asked = ask(request, permit, options, { headers, wasForwarded: question.wasForwarded });
    if (asked.expires === undefined && name.length <= maxRememberedLength) remembered.set(name, asked);
    return asked;
  };
}
