import { type DialectName, dialectTraits, type GrammarOptions } from './grammar-options.ts';

/** The host of an authority without its port, in lower case. */
function hostNameOf(authority: string): string {
  return authority.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
}

function namesHost(entry: string, host: string): boolean {
  return entry.startsWith('*.') ? host.endsWith(entry.slice(1)) : host === entry;
}

/**
 * The language as it is read at a host: dialects of other hosts are not, nor those that share their ways of writing with one that
 * names this host. `authority` is what a request says of where it goes (`img.example:8080`); undefined where nothing does.
 */
export function grammarAt(options: GrammarOptions, authority: string | undefined): GrammarOptions {
  const { dialects, dialectHosts } = options;
  if (Object.keys(dialectHosts).length === 0) return options;
  const host = authority === undefined ? undefined : hostNameOf(authority);
  const isNamed = (name: DialectName) =>
    host !== undefined && dialectHosts[name]?.some((entry) => namesHost(entry, host)) === true;
  const named = dialects.filter(isNamed);
  const read = dialects.filter(
    (name) =>
      isNamed(name) || (dialectHosts[name] === undefined && !named.some((one) => areClaimed(one, name, options))),
  );
  return { ...options, dialects: read };
}

/** True where both give a meaning to the same way of writing. */
function areClaimed(one: DialectName, other: DialectName, { dialectPrefixes }: GrammarOptions): boolean {
  const [claims, others] = [dialectTraits[one].claims ?? [], dialectTraits[other].claims ?? []];
  return dialectPrefixes[one] === dialectPrefixes[other] && claims.some((claim) => others.includes(claim));
}

/** What keeps these dialects from being read beside each other, a sentence each. */
export function dialectClashes({
  dialects,
  dialectPrefixes,
  dialectHosts = {},
}: Pick<GrammarOptions, 'dialects' | 'dialectPrefixes'> &
  Partial<Pick<GrammarOptions, 'dialectHosts'>>): readonly string[] {
  return dialects.flatMap((name, index) =>
    dialects.slice(0, index).flatMap((holder) => {
      const claims = dialectTraits[name].claims ?? [];
      const claim = dialectTraits[holder].claims?.find((one) => claims.includes(one));
      const isApart =
        dialectPrefixes[name] !== dialectPrefixes[holder] || areHostsApart(dialectHosts[name], dialectHosts[holder]);
      if (claim === undefined || isApart) return [];
      return [
        `${holder} and ${name} cannot be told apart by a URL (${claim}): give one of them a prefix, or hosts, of its own`,
      ];
    }),
  );
}

/** Of one with hosts and one without the former is read at its hosts, and the latter elsewhere. */
function areHostsApart(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  if (one === undefined || other === undefined) return one !== other;
  const meet = (a: string, b: string) =>
    namesHost(a, b.replace(/^\*\./, '')) || (a.startsWith('*.') && b.endsWith(a.slice(1)));
  return !one.some((a) => other.some((b) => a === b || meet(a, b) || meet(b, a)));
}
