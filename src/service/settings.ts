import { randomBytes } from 'node:crypto';
import { type Config, dialectsIn, isLoopback } from '../config/index.ts';
import { createDeclared, type GrammarOptions } from '../grammar/index.ts';
import { type AccessPolicy, createServes, isOriginalOpen, type LoopbackHosts } from '../http/index.ts';
import { type DialectSecret, openSealed, verifyInDialect } from '../signing.ts';
import type { AddressOptions, TicketIssuers } from '../uploads/index.ts';
import { issuersOf } from './ticket-issuers.ts';

/** What several rooms are told, each decided once. */
export interface Settings {
  /** The URL language as it is configured. */
  readonly grammar: GrammarOptions;
  /** What URLs may ask for, signed and unsigned. */
  readonly policy: AccessPolicy;
  /** Tells of which originals anybody may have the file itself. */
  readonly isOpen: (key: string) => boolean;
  /** What decides which addresses an original is told to have. */
  readonly addresses: AddressOptions;
  readonly admin: AdminToken;
  readonly reach: Reach;
  /** Whose tickets count, beside those that the admin API gives out. */
  readonly issuers: TicketIssuers;
  /** Renders that are fetched for or drawn at once: while one is drawn, another's original comes. */
  readonly slots: number;
}

/** The token of the admin API: given, or made here for a loopback listener; none: there is no admin API. */
export interface AdminToken {
  readonly origin: 'given' | 'made' | 'none';
  readonly token: string | undefined;
}

/** By what address the listener, and the service behind whatever stands before it, are reached. */
export interface Reach {
  readonly isLoopback: boolean;
  /** The hosts that a listener on a loopback address answers by; undefined where others reach it. */
  readonly loopback: LoopbackHosts | undefined;
  /** Where: the public URL, or the address to listen on. */
  readonly at: string;
  /** The URL that clients begin with: `https://host`, no slash at the end. */
  readonly url: string;
}

/** `admin`: of this run, where there is one already. */
export function settingsOf(config: Config, admin: AdminToken = adminTokenOf(config)): Settings {
  // Beside the name of one list the file has all that the language can be told, and more.
  const { imgproxy, ...dialects } = dialectsIn(config.file);
  const grammar: GrammarOptions = {
    ...config.file,
    ...dialects,
    imgproxy: { ...imgproxy, openSource: sourceOpener(config) },
  };
  const policy = policyOf(config, grammar);
  return {
    grammar,
    policy,
    isOpen: (key) => isOriginalOpen(key, policy),
    addresses: {
      serves: createServes({ grammar, policy }),
      signingSecrets: policy.signingSecrets,
      ladder: policy.unsignedForwarded === 'ladder' ? policy.ladder.widths : undefined,
      grammar,
    },
    admin,
    reach: reachOf(config),
    issuers: issuersOf(config),
    slots: config.renderers * 2,
  };
}

/** Of a URL that is to be signed nothing is decrypted before it was seen to be, in imgproxy's own way. */
function sourceOpener({ file }: Config): GrammarOptions['imgproxy']['openSource'] {
  const sourceKeys = (file.dialectSecrets.imgproxy ?? []).flatMap(({ sourceKey }) => sourceKey ?? []);
  const { imgproxy: signing } = signingOf(file.dialectSecrets);
  return (sealed, proof) => {
    const isPermitted = signing === undefined || (proof !== undefined && verifyInDialect('imgproxy', proof, signing));
    return isPermitted ? openSealed(sealed, sourceKeys) : undefined;
  };
}

/** On loopback nobody need have said what unsigned URLs may ask for, until somebody else passes a request on. */
function policyOf({ unsigned, unsignedGiven, signingSecrets, file }: Config, grammar: GrammarOptions): AccessPolicy {
  const { signatureLength, ladder, protected: folders, warm } = file;
  const { cloudinary = [], ...others } = file.dialectSecrets;
  return {
    unsigned,
    unsignedForwarded: unsignedGiven === undefined && unsigned === 'any' ? 'ladder' : unsigned,
    // Its way of signing is ours, and so is what its secrets open.
    signingSecrets: [...signingSecrets, ...cloudinary.map(({ key }) => key)],
    dialectSecrets: signingOf(others),
    signatureLength,
    ladder,
    isDeclared: createDeclared({ grammar, warm, widths: ladder.widths }),
    protected: folders,
  };
}

/** Those that sign; another may do nothing but decrypt. */
function signingOf(secrets: Omit<Config['file']['dialectSecrets'], 'cloudinary'>): AccessPolicy['dialectSecrets'] {
  const signing = Object.entries(secrets).map(([dialect, all = []]): [string, DialectSecret[]] => [
    dialect,
    all.flatMap(({ key, ...others }) => (key === undefined ? [] : [{ key, ...others }])),
  ]);
  return Object.fromEntries(signing.filter(([, all]) => all.length > 0));
}

function adminTokenOf({ adminToken, host }: Config): AdminToken {
  if (adminToken !== undefined) return { origin: 'given', token: adminToken };
  if (!isLoopback(host)) return { origin: 'none', token: undefined };
  return { origin: 'made', token: randomBytes(24).toString('base64url') };
}

function reachOf({ host, port, file: { publicUrl } }: Config): Reach {
  const publicHost = publicUrl && hostNameOf(new URL(publicUrl).host);
  return {
    isLoopback: isLoopback(host),
    loopback: isLoopback(host) ? loopbackHosts(publicHost) : undefined,
    at: publicUrl ?? host,
    url: publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
  };
}

function loopbackHosts(publicHost: string | undefined): LoopbackHosts {
  const isOwnName = (name: string) => name.endsWith('.localhost') || isLoopback(name);
  return {
    isLoopback: (authority) => isOwnName(hostNameOf(authority)),
    isOurs: (authority) => isOwnName(hostNameOf(authority)) || hostNameOf(authority) === publicHost,
  };
}

/** The host of an authority without its port, without the brackets of IPv6, in lower case. */
function hostNameOf(authority: string): string {
  const [, bracketed, name = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(authority) ?? [];
  return (bracketed ?? name).toLowerCase().replace(/\.$/, '');
}
