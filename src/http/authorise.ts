import { Failure } from '../failure.ts';
import type { ImageRequest } from '../grammar/index.ts';
import { verify } from '../signing.ts';

/** What an unsigned URL may ask for. */
export interface AccessPolicy {
  readonly unsigned: 'any' | 'ladder' | 'presets' | 'none';
  readonly signingSecrets: readonly string[];
  readonly ladder: readonly number[];
}

/** One text for every cause: the answer tells nobody which part of a forged URL was nearly right. */
const refusal = 'This URL needs a valid signature, or asks for more than unsigned URLs may.';

/** True when a transformation is nothing but named presets. */
function onlyPresets(request: ImageRequest): boolean {
  const components = request.transformationText.split('/').filter((part) => part !== '');
  return components.length > 0 && components.every((part) => part.startsWith('t_') && !part.includes(','));
}

/** The steps of a ladder on either side of a width, for a message that helps. */
function neighbours(width: number, ladder: readonly number[]): string {
  const sorted = [...ladder].sort((a, b) => a - b);
  const below = sorted.findLast((step) => step < width);
  const above = sorted.find((step) => step > width);
  return [below, above].filter((step) => step !== undefined).join(' and ');
}

function checkLadder(request: ImageRequest, ladder: readonly number[]): void {
  const steps = new Set(ladder);
  for (const { width, height } of request.transform?.steps ?? []) {
    for (const length of [width, height]) {
      if (length === undefined || length === height) continue;
      if (length.unit === 'pixels' && steps.has(length.value)) continue;
      const asked = length.unit === 'pixels' ? String(length.value) : 'a relative width';
      const near = length.unit === 'pixels' ? `; its neighbours are ${neighbours(length.value, ladder)}` : '';
      throw new Failure('invalid', `Width ${asked} is not on the ladder that unsigned URLs are held to${near}.`);
    }
  }
}

/** Refuses what the policy does not allow. Failures: `unauthorised`; `invalid` for a width off the ladder. */
export function authorise(request: ImageRequest, policy: AccessPolicy): void {
  if (request.signature !== undefined) {
    const { value, signed } = request.signature;
    if (verify(value, signed, policy.signingSecrets)) return;
    throw new Failure('unauthorised', refusal);
  }
  const needsSignature =
    request.delivery === 'authenticated' || (request.delivery === 'private' && request.transform === undefined);
  if (needsSignature || policy.unsigned === 'none') throw new Failure('unauthorised', refusal);
  if (policy.unsigned === 'presets' && !onlyPresets(request)) throw new Failure('unauthorised', refusal);
  if (policy.unsigned === 'ladder') checkLadder(request, policy.ladder);
}
