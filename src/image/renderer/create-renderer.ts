import { unlessAborted } from '../../deadline.ts';
import { cancelled, isFailure } from '../../failure.ts';
import { canonical, type ResolvedTransform } from '../../grammar/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import { inspect } from '../inspect/inspect.ts';
import { createFonts } from '../plan/fonts.ts';
import { foresee, type Plan, type PlanLimits, planRender, readingOf } from '../plan/plan.ts';
import { probeInput, probeTransform } from '../plan/probe.ts';
import type { RenderInput } from '../plan/render-input.ts';
import { type CageOptions, createCage } from '../processes/cage/cage.ts';
import type { CpuTime } from '../processes/cpu-time.ts';
import { interrupted } from '../processes/loss.ts';
import { mostRenderBytes } from '../processes/memory-fit.ts';
import { createPool } from '../processes/pool.ts';
import { type ProcessArguments, processArguments } from '../processes/process-script.ts';
import { createSpawner } from '../processes/spawner.ts';
import { thumbHashTransform } from '../protocol/thumb-hash.ts';
import { createAttempts, trialTransform } from '../verdicts/attempts.ts';
import { createRefusals } from '../verdicts/refusals.ts';
import { type Attempt, createVerdicts } from '../verdicts/verdicts.ts';
import { informationAbout } from './information.ts';
import { renderedOf } from './rendered.ts';
import { HeldBack, type Rendered, type Renderer, type RenderOptions, type Versions } from './renderer.ts';

export interface RendererOptions extends Omit<PlanLimits, 'maxRenderBytes'> {
  /** Render processes kept running; as many as cores. */
  readonly processes: number;
  /** Resident bytes that all processes together may take, by estimate: renders that do not fit together wait. */
  readonly maxMemoryBytes: number;
  /** Renders that may wait for a process; past it `overloaded`. */
  readonly maxWaiting?: number;
  /** Milliseconds without work after which a process that has grown is replaced; 20 s by default. */
  readonly giveBackAfterMs?: number;
  /** Milliseconds that processes wait with their start for one that loads its libraries. */
  readonly startPatienceMs?: number;
  /** Renders after which a process is replaced. */
  readonly maxRendersPerProcess: number;
  /** Resident bytes after a render above which its process is replaced. */
  readonly maxProcessRssBytes: number;
  /** Milliseconds that a picture which ended its render process is refused, and an original that is poison. */
  readonly poisonTtlMs: number;
  readonly telemetry: Telemetry;
  /** Monotonic milliseconds. */
  readonly clock?: () => number;
  /** Fonts beside those of the system, for text layers. */
  readonly fontsFolder?: string | undefined;
  /** Tells what a render process has computed; by default the kernel is asked. */
  readonly cpuTimeOf?: (pid: number) => CpuTime;
  /** By default those that start the scripts beside this module. */
  readonly processArguments?: ProcessArguments;
  /** What may hold them, and what; by default Node, by the best cage that there is. */
  readonly cage?: Pick<CageOptions, 'allowed' | 'program'>;
}

/** Starts the render processes and returns the door to them. */
export function createRenderer(options: RendererOptions): Renderer {
  const { telemetry, clock = () => performance.now(), maxWaiting = 1_000 } = options;
  const limits: PlanLimits = { ...options, maxRenderBytes: mostRenderBytes(options) };
  const scripts = options.processArguments ?? processArguments();
  const spawner = createSpawner(scripts.spawner);
  const verdicts = createVerdicts({ ttlMs: options.poisonTtlMs, clock });
  const fonts = createFonts(options.fontsFolder);
  const cage = createCage({ ...options.cage, needed: scripts.readable, optional: fonts.files, telemetry });
  const pool = createPool({
    ...options,
    clock,
    maxWaiting,
    spawner,
    cage,
    nodeArguments: scripts.renderProcess,
    fontsFile: fonts.configurationFile,
  });

  const refusals = createRefusals({ ttlMs: options.poisonTtlMs, clock });

  const attempts = createAttempts({
    pool,
    verdicts: { ...verdicts, check: checkKnown },
    telemetry,
    planTrial: (original) => planAlone({ original }, trialTransform),
  });

  function checkKnown(attempt: Attempt): void {
    verdicts.check(attempt);
    refusals.check(attempt);
  }

  function attemptOf({ fingerprint, original = fingerprint }: Versions, transform: ResolvedTransform): Attempt {
    return {
      fingerprint,
      original,
      picture: canonical(transform),
      foresee: (whole) => foresee(whole, transform, limits),
    };
  }

  /** Of what nothing is remembered. */
  async function planAlone(input: RenderInput, transform: ResolvedTransform): Promise<Plan> {
    return planRender({ ...input, whole: await inspect(input.original) }, transform, limits, inspect);
  }

  /** Remembers what a plan is refused with. */
  async function plan(input: RenderInput, transform: ResolvedTransform, { attempt, how }: Asked): Promise<Plan> {
    const { fingerprint, original = fingerprint } = how;
    const whole = await verdicts.judge(original, () => inspect(input.original));
    // A layer lies on the pictures of this fingerprint only.
    const look: typeof inspect = (layer) => verdicts.judge(fingerprint, () => inspect(layer));
    try {
      return await planRender({ ...input, whole }, transform, limits, look);
    } catch (error) {
      if (isFailure(error)) refusals.add(attempt, error, whole);
      throw error;
    }
  }

  /** Remembers what it does not decode for. */
  async function run({ format, whole, ...work }: Plan, { attempt, how }: Asked): Promise<Rendered> {
    const result = await attempts.run(work, attempt, how);
    const { answer } = result;
    if (answer.outcome === 'failed') {
      refusals.add(attempt, answer, whole, answer.fault === 'original' ? readingOf(work.job) : undefined);
    }
    return renderedOf(result, format);
  }

  async function check(attempt: Attempt, signal: AbortSignal): Promise<void> {
    // Another trial may have begun before it is this one's turn.
    while (attempts.isOn(attempt.fingerprint)) await attempts.ended(attempt.fingerprint, signal);
    checkKnown(attempt);
  }

  async function render(input: RenderInput, transform: ResolvedTransform, how: RenderOptions): Promise<Rendered> {
    const { signal, fingerprint } = how;
    if (signal.aborted) throw cancelled(signal.reason);
    const attempt = attemptOf(how, transform);
    checkKnown(attempt);
    if (attempts.isOn(fingerprint)) throw new HeldBack();
    await fonts.check(transform);
    const planned = await plan(input, transform, { attempt, how });
    const rendered = await run(planned, { attempt, how });
    telemetry.report({
      type: 'rendered',
      format: rendered.format,
      inputBytes: input.original.length,
      outputBytes: rendered.bytes.length,
      ...rendered.timings,
    });
    return transform.flags.includes('getinfo') ? informationAbout(planned.job, rendered) : rendered;
  }

  async function thumbHash(original: Uint8Array, how: RenderOptions): Promise<Uint8Array> {
    const { signal } = how;
    if (signal.aborted) throw cancelled(signal.reason);
    const attempt = { ...attemptOf(how, thumbHashTransform), picture: 'thumbhash' };
    await check(attempt, signal);
    const planned = await plan({ original }, thumbHashTransform, { attempt, how });
    const { bytes } = await run({ ...planned, job: { ...planned.job, output: 'thumbhash' } }, { attempt, how });
    return bytes;
  }

  async function probe(signal: AbortSignal): Promise<void> {
    const { format, whole: _, ...work } = await planAlone(probeInput(), probeTransform);
    // It takes next to nothing, and must tell about rendering, not about room.
    const outcome = await unlessAborted(pool.run({ ...work, memoryBytes: 0, signal, rank: 'first' }), signal);
    if (outcome.how !== 'answered') throw interrupted();
    renderedOf(outcome, format);
  }

  async function build(): Promise<string> {
    const libraries = await pool.build();
    return options.keepsAiMark === false ? `${libraries}, without AI marks` : libraries;
  }

  async function close(): Promise<void> {
    await pool.close();
    spawner.close();
  }

  return {
    render,
    thumbHash,
    check: (versions, transform, signal) => check(attemptOf(versions, transform), signal),
    build,
    cage: () => pool.build().then(cage.description),
    probe,
    close,
  };
}

/** A picture that is asked for, by what it is known. */
interface Asked {
  readonly attempt: Attempt;
  readonly how: RenderOptions;
}
