import { LRUCache } from 'lru-cache';
import type { Visitor } from '../../telemetry.ts';
import { withoutSecrets } from '../logged.ts';
import type { Callers } from './callers.ts';
import type { Arrival } from './trusted-proxies.ts';

/** Who asks, in bounded words. */
export type VisitorOf = (arrival: Arrival) => Visitor;

const maxRefererLength = 300;
const maxAgentLength = 200;
/** A site has some pages that most of its pictures are on; a longer one is read each time. */
const mostReferers = 1_000;
const maxRememberedLength = 1_000;

export function createVisitors({ clientOf }: Pick<Callers, 'clientOf'>): VisitorOf {
  const referers = new LRUCache<string, string>({ max: mostReferers });
  return (arrival) => {
    const [referer, userAgent] = [arrival.header('referer'), arrival.header('user-agent')];
    return {
      client: clientOf(arrival),
      referer: referer && toldReferer(referers, referer),
      userAgent: userAgent?.slice(0, maxAgentLength),
    };
  };
}

function toldReferer(known: LRUCache<string, string>, referer: string): string {
  const before = known.get(referer);
  if (before !== undefined) return before;
  const told = readReferer(referer);
  if (referer.length <= maxRememberedLength) known.set(referer, told);
  return told;
}

/** Without query, fragment and what may stand before the host (RFC 9110 §10.1.3), nor anything that gives a right. */
function readReferer(referer: string): string {
  const [page = ''] = referer.split(/[?#]/, 1);
  const plain = page.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1');
  return withoutSecrets(plain).slice(0, maxRefererLength);
}
