import { createHash } from 'node:crypto';
import type { UrlJudgement } from '../operations.ts';

/** Requests, and the different URLs among them. */
export interface Count {
  requests: number;
  urls: number;
}

/** What is refused, or differs, for one parameter; or for one reason, where that names none. */
export interface ReasonCount extends Count {
  readonly outcome: UrlJudgement['outcome'];
  /** As it is written in URLs. */
  readonly parameter: string | undefined;
  /** The first that came. */
  readonly reason: string;
  /** The first URL of it. */
  readonly example: string;
}

export interface Tally {
  readonly outcomes: Readonly<Record<UrlJudgement['outcome'], Count>>;
  /** By the dialect's name; our own and Cloudinary's is `fovea`. */
  readonly dialects: ReadonlyMap<string, Count>;
  readonly reasons: ReadonlyMap<string, ReasonCount>;
  /** False once there were more different URLs than are kept apart: then their numbers are the least there are. */
  readonly countsAllUrls: boolean;
  /** True for a URL that had not come before. */
  add(target: string, judged: UrlJudgement): boolean;
}

/** Lines that count for nothing. */
export interface Skipped {
  /** Of no form that is known. */
  unread: number;
  /** Neither GET nor HEAD, or not answered with a picture by the old server. */
  unanswered: number;
  /** Of other paths than were asked about. */
  others: number;
}

/** Different URLs that are known again, by a number each: some 60 MB. */
const maxUrls = 1_000_000;
/** Reasons that are told apart. */
const maxReasons = 500;

interface TallyState {
  readonly outcomes: Record<UrlJudgement['outcome'], Count>;
  readonly dialects: Map<string, Count>;
  readonly reasons: Map<string, ReasonCount>;
  readonly seen: Set<number>;
}

export function createTally(): Tally {
  const none = () => ({ requests: 0, urls: 0 });
  const outcomes = { answered: none(), differs: none(), refused: none(), unauthorised: none(), missing: none() };
  const state: TallyState = { outcomes, dialects: new Map(), reasons: new Map(), seen: new Set() };
  return {
    ...state,
    get countsAllUrls() {
      return state.seen.size < maxUrls;
    },
    add: (target, judged) => add(state, target, judged),
  };
}

function add(state: TallyState, target: string, { outcome, dialect, reason }: UrlJudgement): boolean {
  const isNew = isSeenFirst(state, target);
  count(state.outcomes[outcome], isNew);
  const language = dialect ?? 'fovea';
  if (!state.dialects.has(language)) state.dialects.set(language, { requests: 0, urls: 0 });
  count(state.dialects.get(language), isNew);
  if (reason === undefined) return isNew;
  const [parameter, text] = [parameterIn(reason), generalised(reason)];
  const known = `${outcome} ${parameter ?? text}`;
  const isRoom = state.reasons.size < maxReasons || state.reasons.has(known);
  const name = isRoom ? known : `${outcome} ${others}`;
  if (!state.reasons.has(name)) {
    const told = isRoom ? { parameter, reason: text } : { parameter: undefined, reason: others };
    state.reasons.set(name, { outcome, ...told, example: target, requests: 0, urls: 0 });
  }
  count(state.reasons.get(name), isNew);
  return isNew;
}

/** The parameter that a refusal begins with: `e_shear`, `w_`, `txt` of a query; undefined for one that begins otherwise. */
function parameterIn(reason: string): string | undefined {
  const [, side] = /^(Width|Height) /.exec(reason) ?? [];
  if (side !== undefined) return side === 'Width' ? 'w_' : 'h_';
  if (reason.startsWith('There is no preset')) return 't_';
  const [, own, other] =
    /^(?:Invalid |Unsigned URLs may not say )?(?:([a-z]{1,4}_[a-z_]*)|([\w-]{1,40}) of (?:the query|\w+) )/.exec(
      reason,
    ) ?? [];
  return own ?? other;
}

const others = 'other reasons';

function count(counted: Count | undefined, isNew: boolean): void {
  if (counted === undefined) return;
  counted.requests += 1;
  if (isNew) counted.urls += 1;
}

function isSeenFirst({ seen }: TallyState, target: string): boolean {
  const number = createHash('sha1').update(target).digest().readUIntBE(0, 6);
  if (seen.has(number) || seen.size >= maxUrls) return false;
  seen.add(number);
  return true;
}

/** One text for all values that are refused for the same: what stands in quotes and what is a number differs from URL to URL. */
function generalised(reason: string): string {
  return reason
    .replace(/"[^"]*"/g, '"…"')
    .replace(/\d+(?:\.\d+)?/g, 'N')
    .slice(0, 300);
}
