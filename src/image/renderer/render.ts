import { createHash } from 'node:crypto';
import { cancelled, isFailure } from '../../failure.ts';
import { canonical, type ResolvedTransform } from '../../grammar/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import { inspect } from '../inspect/inspect.ts';
import { descriptionOf } from '../plan/description.ts';
import { type Faces, readFaces } from '../plan/faces.ts';
import type { Fonts } from '../plan/fonts.ts';
import { described, facesTransform, thumbHashTransform } from '../plan/own-transforms.ts';
import { decodedPartOf, foresee, type Look, type Plan, type PlanLimits, planRender } from '../plan/plan.ts';
import type { RenderInput } from '../plan/render-input.ts';
import type { Attempt } from '../verdicts/attempt.ts';
import type { Attempts } from '../verdicts/attempts.ts';
import { checkKnown, type Remembered } from '../verdicts/remembered.ts';
import { asJson, informationAbout, renderedOf } from './rendered.ts';
import {
  type FacesQuestion,
  type Fingerprints,
  HeldBack,
  type Rendered,
  type RenderOptions,
  TakesLong,
} from './renderer.ts';

/** What all renders go through. */
export interface RendererParts extends Remembered {
  readonly limits: PlanLimits;
  readonly fonts: Fonts;
  readonly attempts: Attempts;
  readonly telemetry: Telemetry;
}

/** A picture that is asked for. */
export interface RenderRequest {
  readonly input: RenderInput;
  readonly transform: ResolvedTransform;
  readonly how: RenderOptions;
}

/** The same, and by what it is known. */
interface Attempted extends RenderRequest {
  readonly attempt: Attempt;
}

/** Draws a picture, unless it is known what that would come to. */
export async function renderPicture(parts: RendererParts, asked: RenderRequest): Promise<Rendered> {
  const { input, how } = asked;
  if (how.signal.aborted) throw cancelled(how.signal.reason);
  const isDescription = asked.transform.flags.includes('describe');
  const transform = isDescription ? described(asked.transform) : asked.transform;
  const attempt = attemptOf(parts.limits, how, transform);
  checkKnown(parts, attempt);
  if (parts.attempts.isOnTrial(how.fingerprint)) throw new HeldBack();
  await parts.fonts.check(transform);
  const plan = await planned(parts, { ...asked, transform, attempt });
  if (takesLong(plan, how)) throw new TakesLong();
  const job = isDescription ? { ...plan.job, output: 'description' as const } : plan.job;
  const rendered = await drawn(parts, { ...plan, job }, { ...asked, transform, attempt });
  report(parts.telemetry, input, rendered);
  if (isDescription) return asJson(rendered, descriptionOf(plan.job.facts, input, rendered.bytes));
  return transform.flags.includes('getinfo') ? informationAbout(plan, rendered) : rendered;
}

function takesLong({ format, work }: Plan, { patienceMs }: RenderOptions): boolean {
  return patienceMs !== undefined && format === 'avif' && work.decodingMs + work.restMs > patienceMs;
}

/** Draws the small picture that a ThumbHash describes, and returns that. */
export async function thumbHash(parts: RendererParts, original: Uint8Array, how: RenderOptions): Promise<Uint8Array> {
  if (how.signal.aborted) throw cancelled(how.signal.reason);
  const attempt = { ...attemptOf(parts.limits, how, thumbHashTransform), picture: 'thumbhash' };
  await checkAfterTrial(parts, attempt, how.signal);
  const attempted = { input: { original }, transform: thumbHashTransform, how, attempt };
  const plan = await planned(parts, attempted);
  const hashed = await drawn(parts, { ...plan, job: { ...plan.job, output: 'thumbhash' } }, attempted);
  return hashed.bytes;
}

/** Draws the small picture in which faces are looked for, and returns what is seen in it. */
export async function seeFaces(
  parts: RendererParts,
  { original, page, secondLook }: FacesQuestion,
  how: RenderOptions,
): Promise<Faces> {
  if (how.signal.aborted) throw cancelled(how.signal.reason);
  const transform = facesTransform(page);
  const attempt = { ...attemptOf(parts.limits, how, transform), picture: `faces ${secondLook} ${page ?? 1}` };
  await checkAfterTrial(parts, attempt, how.signal);
  const attempted = { input: { original }, transform, how, attempt };
  const plan = await planned(parts, attempted);
  const memoryBytes = Math.min(parts.limits.maxRenderBytes, plan.memoryBytes + networkBytes);
  const seen = await drawn(
    parts,
    { ...plan, memoryBytes, job: { ...plan.job, output: 'faces', secondLook } },
    attempted,
  );
  return readFaces(seen.bytes);
}

/** The network with its weights and what it reckons with, and V8's share of all that (measured, rounded up). */
const networkBytes = 24 * 1024 * 1024;

/** By what a picture of an original is known. */
export function attemptOf(
  limits: PlanLimits,
  { fingerprint, original = fingerprint }: Fingerprints,
  transform: ResolvedTransform,
): Attempt {
  return {
    fingerprint,
    original,
    picture: canonical(transform),
    foresee: (whole) => foresee(whole, transform, limits),
  };
}

/** Throws what is known, once the original is not on trial. */
export async function checkAfterTrial(parts: RendererParts, attempt: Attempt, signal: AbortSignal): Promise<void> {
  // Another trial may have begun before it is this one's turn.
  while (parts.attempts.isOnTrial(attempt.fingerprint)) await parts.attempts.ended(attempt.fingerprint, signal);
  checkKnown(parts, attempt);
}

/** Looks at the bytes and plans the render; what it is refused with is remembered. */
async function planned({ verdicts, refusals, limits }: RendererParts, asked: Attempted): Promise<Plan> {
  const { input, transform, how, attempt } = asked;
  const { fingerprint, original = fingerprint } = how;
  const whole = await verdicts.judge(original, () => inspect(input.original));
  // A layer lies on the pictures of this fingerprint only.
  const look: Look = (layer) => verdicts.judge(fingerprint, () => inspect(layer));
  try {
    return await planRender({ ...input, whole, transform, name: nameOf(original) }, limits, look);
  } catch (error) {
    if (isFailure(error)) refusals.add(attempt, error, { whole });
    throw error;
  }
}

/** A short name, since each job and each answer has it. */
function nameOf(fingerprint: string): string {
  return createHash('sha256').update(fingerprint).digest('base64url').slice(0, 22);
}

/** Has a process draw it; what it does not decode for is remembered. */
async function drawn(
  { attempts, refusals }: RendererParts,
  plan: Plan,
  { attempt, how }: Attempted,
): Promise<Rendered> {
  const { format, whole, ...work } = plan;
  const result = await attempts.run(work, attempt, how);
  const { answer } = result;
  if (answer.outcome === 'failed') {
    refusals.add(attempt, answer, {
      whole,
      reading: answer.fault === 'original' ? decodedPartOf(work.job) : undefined,
    });
  }
  return renderedOf(result, format);
}

function report(telemetry: Telemetry, { original }: RenderInput, { format, bytes, timings }: Rendered): void {
  telemetry.report({
    type: 'rendered',
    format,
    inputBytes: original.length,
    outputBytes: bytes.length,
    ...timings,
  });
}
