import { isIP } from 'node:net';

/** A variable that some cluster puts into every container: how its name goes on after the service's, and what it holds. */
interface Shape {
  readonly ending: RegExp;
  readonly holds: (value: string) => boolean;
}

const isNumber = (value: string) => /^\d{1,5}$/.test(value);
const isProtocol = (value: string) => /^(tcp|udp|sctp)$/.test(value);

/** `tcp://10.0.0.1:3000`, `tcp://[fd00::1]:3000`. */
function isAddress(value: string): boolean {
  const [, host = ''] = /^(?:tcp|udp|sctp)(?::\/\/)(\S+):\d{1,5}$/.exec(value) ?? [];
  return isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

/** As the kubelet writes them (`pkg/kubelet/envvars`), and Docker's links, which it copies. */
const shapes: readonly Shape[] = [
  { ending: /_SERVICE_HOST$/, holds: (value) => isIP(value) !== 0 },
  { ending: /_SERVICE_PORT(_[A-Z0-9_]+)?$/, holds: isNumber },
  { ending: /_PORT$/, holds: isAddress },
  { ending: /_PORT_\d+_(TCP|UDP|SCTP)(_START|_END)?$/, holds: isAddress },
  { ending: /_PORT_\d+_(TCP|UDP|SCTP)_PROTO$/, holds: isProtocol },
  { ending: /_PORT_\d+_(TCP|UDP|SCTP)_PORT(_START|_END)?$/, holds: isNumber },
  { ending: /_PORT_\d+_(TCP|UDP|SCTP)_ADDR$/, holds: (value) => isIP(value) !== 0 },
  { ending: /_NAME$/, holds: (value) => /^\/[^/\s]+\/[^/\s]+$/.test(value) },
];

/**
 * True for what Kubernetes injects for each Service, and Docker for each link: one that is called `fovea` sets `FOVEA_PORT`.
 * Name and value both have to look like it: `FOVEA_PORT=3000` was somebody's slip.
 */
export function isServiceLink(name: string, value: string): boolean {
  return shapes.some(({ ending, holds }) => ending.test(name) && holds(value));
}
