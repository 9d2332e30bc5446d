import { Failure } from '../failure.ts';
import {
  holdChainOfPresets,
  holdDelivery,
  holdToLadder,
  type ImageRequest,
  type IsDeclared,
  keysShown,
  type ResolvedTransform,
} from '../grammar/index.ts';
import { type DialectSecret, type DialectSecrets, type UnsignedPolicy, verify, verifyInDialect } from '../signing.ts';

/** What an unsigned URL may ask for, and what a signed one must look like. */
export interface AccessPolicy {
  readonly unsigned: UnsignedPolicy;
  /** The same for what somebody else has passed on to a loopback listener: nobody has said who may ask there. */
  readonly unsignedForwarded: UnsignedPolicy;
  readonly signingSecrets: readonly string[];
  /** A dialect that is named here takes no URL without its own signature, or one of ours, whatever `unsigned` says. */
  readonly dialectSecrets: DialectSecrets;
  /** Shorter signatures are refused. */
  readonly signatureLength: 8 | 32;
  readonly ladder: { readonly widths: readonly number[]; readonly snap: boolean };
  /** What an operator has declared is on no ladder. */
  readonly isDeclared: IsDeclared;
  /** Beginnings of keys that are delivered as `private` (the original needs a signature) or `authenticated` (all does). */
  readonly protected: { readonly private: readonly string[]; readonly authenticated: readonly string[] };
}

/** The policy that a request is held to by the way it came. */
export function policyFor(policy: AccessPolicy, { wasForwarded }: { readonly wasForwarded: boolean }): AccessPolicy {
  return wasForwarded ? { ...policy, unsigned: policy.unsignedForwarded } : policy;
}

/** What a request may do, once it is known who asks. */
export interface Permit {
  /** Nothing holds it, and nothing that is made for it counts. */
  readonly isSigned: boolean;
  /** What its sizes and values are held to, if they are. */
  readonly ladder: AccessPolicy['ladder'] | undefined;
  /** Seconds since 1970 until which the answer may be kept. */
  readonly expires: number | undefined;
}

/** Clocks disagree: a URL is taken for so many seconds past its end. */
const leewaySeconds = 60;

/** One text for every cause: the answer tells nobody which part of a forged URL was nearly right. */
const refusal = 'This URL needs a valid signature, or asks for more than unsigned URLs may.';

/**
 * Refuses what the policy does not allow. Failures: `unauthorised`; `expired` for what was rightly signed once; `invalid`
 * for what the ladder's closed set does not have.
 */
export function authorise(request: ImageRequest, policy: AccessPolicy, nowMs: number): Permit {
  const permit = permitFor(request, policy);
  const { expires } = permit;
  if (expires !== undefined && nowMs / 1000 > expires + leewaySeconds) {
    throw new Failure('expired', 'This URL has expired: ask the page that gave it for a new one.');
  }
  return permit;
}

function permitFor(request: ImageRequest, policy: AccessPolicy): Permit {
  const { signature, dialect } = request;
  const ends = [signature?.expires, dialect?.expires].filter((end) => end !== undefined);
  const expires = ends.length === 0 ? undefined : Math.min(...ends);
  const secrets = dialect && policy.dialectSecrets[dialect.name];
  if (signature === undefined && secrets === undefined) return { ...permitUnsigned(request, policy), expires };
  const isSigned = signature === undefined ? isProven(request, secrets ?? []) : isSignedByUs(signature, policy);
  if (!isSigned) throw new Failure('unauthorised', refusal);
  return { isSigned: true, ladder: undefined, expires };
}

function permitUnsigned(request: ImageRequest, policy: AccessPolicy): Omit<Permit, 'expires'> {
  if (!mayStayUnsigned(request, policy)) throw new Failure('unauthorised', refusal);
  const ladder = policy.unsigned === 'ladder' ? policy.ladder : undefined;
  if (ladder !== undefined) holdRequest(request);
  return { isSigned: false, ladder: request.isNamed ? undefined : ladder };
}

function isSignedByUs(
  { value, signed }: NonNullable<ImageRequest['signature']>,
  { signingSecrets: secrets, signatureLength: minLength }: AccessPolicy,
): boolean {
  return verify(value, { texts: signed, secrets, minLength });
}

/** Signed in the way of its own dialect. */
function isProven({ dialect }: ImageRequest, secrets: readonly DialectSecret[]): boolean {
  return dialect?.proof !== undefined && verifyInDialect(dialect.name, dialect.proof, secrets);
}

/** What the ladder says of a request as a whole; its sizes and values are known only once it is negotiated. */
function holdRequest({ isNamed, presets, transform }: ImageRequest): void {
  if (isNamed) holdChainOfPresets(presets);
  if (transform !== undefined) holdDelivery(transform.delivery);
}

/**
 * True where anybody may have an original as it is, by its plain URL. Only of such an original may a picture be the file's
 * own coding: what is made is kept for all who ask, so the key decides it and not who asks first.
 */
export function isOriginalOpen(key: string, policy: Pick<AccessPolicy, 'unsigned' | 'protected'>): boolean {
  if (policy.unsigned === 'none' || policy.unsigned === 'presets') return false;
  return !isProtected(key, policy);
}

/** True for an original in a folder whose originals need a signature, whatever else is open. */
export function isProtected(key: string, policy: Pick<AccessPolicy, 'protected'>): boolean {
  return isBelow(key, policy.protected.authenticated) || isBelow(key, policy.protected.private);
}

/** What the policy and the folders say of a request without a signature; to what values it is held is another matter. */
function mayStayUnsigned(request: ImageRequest, policy: Pick<AccessPolicy, 'unsigned' | 'protected'>): boolean {
  if (request.transform === undefined) return isOriginalOpen(request.id, policy);
  if (policy.unsigned === 'none') return false;
  if (policy.unsigned === 'presets' && !request.isNamed) return false;
  return !keysShown(request).some((key) => isBelow(key, policy.protected.authenticated));
}

function isBelow(key: string, folders: readonly string[]): boolean {
  return folders.some((folder) => key.startsWith(folder));
}

/**
 * What is rendered for this request: under `ladder` it is held to the closed set, unless an operator has declared just
 * this. Failures: `invalid`.
 */
export function permitted(
  transform: ResolvedTransform,
  { ladder }: Permit,
  isDeclared: (transform: ResolvedTransform) => boolean,
): ResolvedTransform {
  return ladder === undefined || isDeclared(transform) ? transform : holdToLadder(transform, ladder);
}
