import { Failure } from '../failure.ts';
import { holdToLadder, type ImageRequest, type ResolvedTransform } from '../grammar/index.ts';
import { verify } from '../signing.ts';

/** What an unsigned URL may ask for, and what a signed one must look like. */
export interface AccessPolicy {
  readonly unsigned: 'any' | 'ladder' | 'presets' | 'none';
  readonly signingSecrets: readonly string[];
  /** Shorter signatures are refused. */
  readonly signatureLength: 8 | 32;
  readonly ladder: { readonly widths: readonly number[]; readonly snap: boolean };
  /** Past so many stored variants of one original, unsigned URLs make no new ones. */
  readonly maxVariantsPerOriginal: number;
  /** Beginnings of keys that are delivered as `private` (the original needs a signature) or `authenticated` (all does). */
  readonly protected: { readonly private: readonly string[]; readonly authenticated: readonly string[] };
}

/** What a request may do, once it is known who asks. */
export interface Permit {
  /** True for URLs that only the owner's names or signature could have made: no ladder holds them, and no cap. */
  readonly isTrusted: boolean;
  /** Seconds since 1970 until which the answer may be kept. */
  readonly expires: number | undefined;
}

/** Clocks disagree: a URL is taken for so many seconds past its end. */
const leewaySeconds = 60;

/** One text for every cause: the answer tells nobody which part of a forged URL was nearly right. */
const refusal = 'This URL needs a valid signature, or asks for more than unsigned URLs may.';

/** Refuses what the policy does not allow. Failures: `unauthorised`; `expired` for what was rightly signed once. */
export function authorise(request: ImageRequest, policy: AccessPolicy, nowMs: number): Permit {
  const { signature } = request;
  if (signature === undefined) {
    if (!mayStayUnsigned(request, policy)) throw new Failure('unauthorised', refusal);
    return { isTrusted: request.isNamed, expires: undefined };
  }
  const { value, signed, expires } = signature;
  if (!verify(value, signed, policy.signingSecrets, policy.signatureLength)) throw new Failure('unauthorised', refusal);
  if (expires !== undefined && nowMs / 1000 > expires + leewaySeconds) {
    throw new Failure('expired', 'This URL has expired: ask the page that gave it for a new one.');
  }
  return { isTrusted: true, expires };
}

function mayStayUnsigned(request: ImageRequest, policy: AccessPolicy): boolean {
  if (policy.unsigned === 'none') return false;
  if (policy.unsigned === 'presets' && !request.isNamed) return false;
  const { authenticated } = policy.protected;
  const isOriginal = request.transform === undefined;
  if (request.delivery === 'authenticated' || (request.delivery === 'private' && isOriginal)) return false;
  if (keysShown(request).some((key) => isBelow(key, authenticated))) return false;
  return !(isOriginal && isBelow(request.id, policy.protected.private));
}

/** Every original whose pixels the answer may show: the picture, its substitute, its layers and theirs. */
function keysShown({ id, transform }: ImageRequest): readonly string[] {
  const substitute = transform?.delivery.defaultImage;
  return [id, ...(substitute === undefined ? [] : [substitute]), ...(transform?.steps ?? []).flatMap(layerKeys)];
}

function layerKeys({ layer }: ResolvedTransform['steps'][number]): readonly string[] {
  if (layer === undefined) return [];
  const own = layer.source.kind === 'image' ? [layer.source.id] : [];
  return [...own, ...layer.steps.flatMap(layerKeys)];
}

function isBelow(key: string, folders: readonly string[]): boolean {
  return folders.some((folder) => key.startsWith(folder));
}

/** What is rendered for this request: under `ladder` its sizes are held to the ladder. Failures: `invalid`. */
export function permitted(
  transform: ResolvedTransform,
  { isTrusted }: Permit,
  policy: AccessPolicy,
): ResolvedTransform {
  return policy.unsigned === 'ladder' && !isTrusted ? holdToLadder(transform, policy.ladder) : transform;
}
