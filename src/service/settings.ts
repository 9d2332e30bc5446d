import { randomBytes } from 'node:crypto';
import type { Exposure } from '../cli/index.ts';
import { type Config, isLoopback } from '../config/index.ts';
import { createDeclared, type GrammarOptions, type IsDeclared } from '../grammar/index.ts';
import { type AccessPolicy, createServes, isOriginalOpen, type LoopbackHosts } from '../http/index.ts';
import type { AddressOptions } from '../uploads/index.ts';

/** The hosts that a listener on a loopback address answers by; undefined where others reach it. */
export function loopbackHostsOf({ host, file }: Config): LoopbackHosts | undefined {
  if (!isLoopback(host)) return undefined;
  const publicHost = file.publicUrl && nameOf(new URL(file.publicUrl).host);
  const isOwnName = (name: string) => name.endsWith('.localhost') || isLoopback(name);
  return {
    isLoopback: (authority) => isOwnName(nameOf(authority)),
    isOurs: (authority) => isOwnName(nameOf(authority)) || nameOf(authority) === publicHost,
  };
}

/** The host of an authority without its port, without the brackets of IPv6, in lower case. */
function nameOf(authority: string): string {
  const [, bracketed, name = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(authority) ?? [];
  return (bracketed ?? name).toLowerCase().replace(/\.$/, '');
}

/** What unsigned URLs may ask for; on loopback nobody need have said who may, until somebody else passes a request on. */
export function unsignedPoliciesOf(config: Config): Pick<AccessPolicy, 'unsigned' | 'unsignedForwarded'> {
  const { unsigned, unsignedGiven } = config;
  return { unsigned, unsignedForwarded: unsignedGiven === undefined && unsigned === 'any' ? 'ladder' : unsigned };
}

/** Tells of which originals anybody may have the file itself. */
export function openOriginalsOf(config: Config): (key: string) => boolean {
  const policy = { unsigned: config.unsigned, protected: config.file.protected };
  return (key) => isOriginalOpen(key, policy);
}

/** What the outside may reach. */
export function exposureOf(config: Config): Exposure {
  const { host, adminToken, trustedProxies, file } = config;
  const made = isLoopback(host) ? 'made' : 'none';
  const publicHost = file.publicUrl === undefined ? host : nameOf(new URL(file.publicUrl).host);
  return {
    isLoopback: isLoopback(host),
    isReached: !isLoopback(publicHost) || config.cdn !== 'none',
    reachedAt: file.publicUrl ?? host,
    ...unsignedPoliciesOf(config),
    protected: file.protected,
    isOriginalOpen: openOriginalsOf(config),
    ladderWidths: file.ladder.widths.length,
    presets: Object.keys(file.presets).length,
    maxVariantsPerOriginal: file.maxVariantsPerOriginal,
    otherOriginals: file.otherOriginals,
    adminToken: adminToken === undefined ? made : 'given',
    trustedProxies,
  };
}

/** What an operator should read at each start. */
export function warningsOf({ unsigned, host }: Config): readonly string[] {
  if (unsigned !== 'any' || isLoopback(host)) return [];
  return [
    `FOVEA_UNSIGNED=any on ${host}: whoever reaches this server makes it render whatever they like; ladder, presets or none bound that`,
  ];
}

/** Given, or made here for a loopback listener; undefined when there is no admin API. */
export function adminTokenOf(config: Config): string | undefined {
  if (config.adminToken !== undefined) return config.adminToken;
  return isLoopback(config.host) ? randomBytes(24).toString('base64url') : undefined;
}

/** What decides which addresses an original is told to have. */
export function addressOptionsOf(config: Config): AddressOptions {
  const [grammar, policy] = [grammarOf(config), policyOf(config)];
  return {
    serves: createServes({ grammar, policy }),
    signingSecrets: config.signingSecrets,
    ladder: policy.unsignedForwarded === 'ladder' ? policy.ladder.widths : undefined,
    grammar,
  };
}

/** What URLs may ask for, signed and unsigned. */
export function policyOf(config: Config): AccessPolicy {
  const { signatureLength, ladder, protected: folders } = config.file;
  return {
    ...unsignedPoliciesOf(config),
    signingSecrets: config.signingSecrets,
    signatureLength,
    ladder,
    isDeclared: declaredBy(config),
    protected: folders,
  };
}

/** Which variants the configuration itself names. */
export function declaredBy(config: Config): IsDeclared {
  const { warm, ladder } = config.file;
  return createDeclared({ grammar: grammarOf(config), warm, widths: ladder.widths });
}

/** The URL language as it is configured. */
export function grammarOf({ file }: Config): GrammarOptions {
  const { accountNames, aliases, defaultCrop, extensions, fetchHosts, presets, spellings } = file;
  return { accountNames, aliases, defaultCrop, extensions, fetchHosts, presets, dialects: spellings };
}
