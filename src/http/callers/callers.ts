import type { Telemetry } from '../../telemetry.ts';
import type { AccessPolicy } from '../authorise.ts';
import { type ForwardingHeaders, type LoopbackHosts, signOfForwarding } from './hosts.ts';
import type { Arrival, TrustedProxies } from './trusted-proxies.ts';

/** What a request says of its way here. */
export interface Arrived extends Arrival, ForwardingHeaders {}

/** Who a request comes from, and by what way. */
export interface Callers {
  /** Names whoever asks. */
  clientOf(arrived: Arrival): string;
  /** It came from a proxy that the operator named. */
  isFromTrustedProxy(arrived: Arrival): boolean;
  /** Somebody else has passed it on, and it is held to another policy than programs on this machine. */
  wasForwarded(arrived: Arrived): boolean;
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
    clientOf: parts.proxies.clientOf,
    isFromTrustedProxy: (arrived) => isFromTrustedProxy(parts, told, arrived),
    wasForwarded: (arrived) => isJudged && wasForwarded(parts, told, arrived),
  };
}

function isFromTrustedProxy({ proxies, telemetry }: CallersParts, told: Told, arrived: Arrival): boolean {
  if (proxies.sent(arrived)) return true;
  // Told once: where it is an edge of the operator's own, its visitors get other formats than they could have.
  if (!told.disbelieved) {
    const message = `x-fovea-accept came from ${arrived.peer ?? 'the caller of the function'}, which FOVEA_TRUSTED_PROXIES does not name: it is passed over.`;
    telemetry.report({ type: 'warning', message });
  }
  told.disbelieved = true;
  return false;
}

function wasForwarded({ loopback, policy, telemetry }: CallersParts, told: Told, arrived: Arrived): boolean {
  const sign = loopback && signOfForwarding(arrived, loopback);
  if (sign === undefined) return false;
  if (!told.forwarded) {
    const message = `A request came by way of somebody else (${sign}) and is held to ${policy.unsignedForwarded}, as all such are: FOVEA_UNSIGNED is not set, and says what they may ask.`;
    telemetry.report({ type: 'warning', message });
  }
  told.forwarded = true;
  return true;
}
