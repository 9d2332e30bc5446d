import type { Telemetry } from '../../telemetry.ts';
import type { AccessPolicy } from '../authorise.ts';
import { type AppContext, arrivalOf } from '../context.ts';
import { type ForwardingHeaders, type LoopbackHosts, signOfForwarding } from './hosts.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

/** Who a request comes from, and by what way. */
export interface Callers {
  /** Names whoever asks. */
  clientOf(c: AppContext): string;
  /** It came from a proxy that the operator named. */
  isFromTrustedProxy(c: AppContext): boolean;
  /** Somebody else has passed it on, and it is held to another policy than programs on this machine. */
  wasForwarded(c: AppContext): boolean;
}

export interface CallersParts {
  readonly proxies: TrustedProxies;
  /** Of a listener on a loopback address; undefined for one that others reach. */
  readonly loopback: LoopbackHosts | undefined;
  readonly policy: Pick<AccessPolicy, 'unsigned' | 'unsignedForwarded'>;
  readonly telemetry: Telemetry;
}

/** What was told once and needs no second time. */
interface Told {
  disbelieved: boolean;
  forwarded: boolean;
}

export function createCallers(parts: CallersParts): Callers {
  const told: Told = { disbelieved: false, forwarded: false };
  const { unsigned, unsignedForwarded } = parts.policy;
  const isJudged = parts.loopback !== undefined && unsigned !== unsignedForwarded;
  return {
    clientOf: (c) => parts.proxies.clientOf(arrivalOf(c)),
    isFromTrustedProxy: (c) => isFromTrustedProxy(parts, told, c),
    wasForwarded: (c) => isJudged && wasForwarded(parts, told, c),
  };
}

function isFromTrustedProxy({ proxies, telemetry }: CallersParts, told: Told, c: AppContext): boolean {
  const arrival = arrivalOf(c);
  if (proxies.sent(arrival)) return true;
  // Told once: where it is an edge of the operator's own, its visitors get other formats than they could have.
  if (!told.disbelieved) {
    const message = `x-fovea-accept came from ${arrival.peer ?? 'the caller of the function'}, which FOVEA_TRUSTED_PROXIES does not name: it is passed over.`;
    telemetry.report({ type: 'warning', message });
  }
  told.disbelieved = true;
  return false;
}

function wasForwarded({ loopback, policy, telemetry }: CallersParts, told: Told, c: AppContext): boolean {
  const sign = loopback && signOfForwarding(forwardingHeaders(c), loopback);
  if (sign === undefined) return false;
  if (!told.forwarded) {
    const message = `A request came by way of somebody else (${sign}) and is held to ${policy.unsignedForwarded}, as all such are: FOVEA_UNSIGNED is not set, and says what they may ask.`;
    telemetry.report({ type: 'warning', message });
  }
  told.forwarded = true;
  return true;
}

function forwardingHeaders(c: AppContext): ForwardingHeaders {
  const { incoming } = c.env ?? {};
  return {
    header: (name) => c.req.header(name),
    // Node's own object: making a Headers of it costs more than all the rest.
    httpVersion: incoming?.httpVersion,
    headerNames: () => (incoming === undefined ? c.req.raw.headers.keys() : Object.keys(incoming.headers)),
  };
}
