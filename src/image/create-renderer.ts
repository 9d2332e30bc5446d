import { cancelled, Failure } from '../failure.ts';
import { canonical, type ImageFormat, type ResolvedTransform, withFocus } from '../grammar/index.ts';
import type { Telemetry } from '../telemetry.ts';
import { createAttempts, trialTransform } from './attempts.ts';
import { type CageOptions, createCage } from './cage/cage.ts';
import type { CpuTime } from './cpu-time.ts';
import { estimateBytes, readablePixels } from './estimate.ts';
import { type Facts, isStoredUsually } from './facts.ts';
import { createFonts } from './fonts.ts';
import { informationAbout } from './information.ts';
import { factsOfPage, inspect } from './inspect/inspect.ts';
import type { OutputLimits, RenderJob } from './job.ts';
import {
  checkedOutputSize,
  checkFinished,
  checkInput,
  checkLayers,
  checkMemory,
  checkWorkTime,
  ignoresExif,
  startingSize,
} from './limits.ts';
import { createNursery } from './nursery.ts';
import { decideFormat, drawnFrames } from './output-format.ts';
import { paletteUse } from './palette-use.ts';
import { createPool, mostRenderBytes } from './pool.ts';
import { probeInput, probeTransform } from './probe.ts';
import { type ProcessArguments, processArguments } from './process-script.ts';
import { renderedOf } from './rendered.ts';
import { HeldBack, type Rendered, type Renderer, type RenderInput, type RenderOptions } from './renderer.ts';
import { thumbHashTransform } from './thumb-hash.ts';
import { type Attempt, createVerdicts } from './verdicts.ts';
import { estimateWorkMs, workAllowance } from './work.ts';
import { interrupted } from './worker.ts';
import { workloadOf } from './workload.ts';

export interface RendererOptions extends OutputLimits {
  /** Render processes kept running; as many as cores. */
  readonly processes: number;
  /** Milliseconds one render may take inside its process; past it the process is killed. */
  readonly timeoutMs: number;
  /** Pixels an original may declare, of all frames that are drawn. */
  readonly maxInputPixels: number;
  /** Frames an animation may have. */
  readonly maxInputFrames?: number;
  /** Renders that may wait for a process; past it `overloaded`. */
  readonly maxWaiting?: number;
  /** Milliseconds without work after which a process that has grown is replaced; 20 s by default. */
  readonly giveBackAfterMs?: number;
  /** Milliseconds that processes wait with their start for one that loads its libraries. */
  readonly startPatienceMs?: number;
  /** Renders after which a process is replaced. */
  readonly maxRendersPerProcess: number;
  /** Resident bytes that all processes together may take, by estimate: renders that do not fit together wait. */
  readonly maxMemoryBytes: number;
  /** Resident bytes after a render above which its process is replaced. */
  readonly maxProcessRssBytes: number;
  /** Milliseconds that a picture which ended its render process is refused, and an original that is poison. */
  readonly poisonTtlMs: number;
  readonly telemetry: Telemetry;
  /** Monotonic milliseconds. */
  readonly clock?: () => number;
  /** False drops what pictures say about how they came about (IPTC's Digital Source Type: made by AI, for one). */
  readonly keepsAiMark?: boolean;
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
  const scripts = options.processArguments ?? processArguments();
  const nursery = createNursery(scripts.nursery);
  const verdicts = createVerdicts({ ttlMs: options.poisonTtlMs, clock });
  const fonts = createFonts(options.fontsFolder);
  const cage = createCage({ ...options.cage, needed: scripts.readable, optional: fonts.files, telemetry });
  const pool = createPool({
    ...options,
    clock,
    maxWaiting,
    nursery,
    cage,
    nodeArguments: scripts.renderProcess,
    fontsFile: fonts.configurationFile,
  });

  /** Looks at bytes that belong to an original: whatever is refused from them alone is remembered of it. */
  function looksOf({ fingerprint }: RenderOptions): typeof inspect {
    return (bytes) => verdicts.judge(fingerprint, () => inspect(bytes));
  }

  const attempts = createAttempts({
    pool,
    verdicts,
    telemetry,
    planTrial: (original) => planRender({ original }, trialTransform, options, inspect),
  });

  async function run({ format, ...work }: Plan, attempt: Attempt, how: RenderOptions): Promise<Rendered> {
    return renderedOf(await attempts.run(work, attempt, how), format);
  }

  async function check(attempt: Attempt, signal: AbortSignal): Promise<void> {
    // Another trial may have begun before it is this one's turn.
    while (attempts.isOn(attempt.fingerprint)) await attempts.ended(attempt.fingerprint, signal);
    verdicts.check(attempt);
  }

  async function render(input: RenderInput, transform: ResolvedTransform, how: RenderOptions): Promise<Rendered> {
    const { signal, fingerprint } = how;
    if (signal.aborted) throw cancelled(signal.reason);
    const attempt = attemptOf(fingerprint, transform);
    verdicts.check(attempt);
    if (attempts.isOn(fingerprint)) throw new HeldBack();
    await fonts.check(transform);
    const plan = await planRender(input, transform, options, looksOf(how));
    const rendered = await run(plan, attempt, how);
    telemetry.report({
      type: 'rendered',
      format: rendered.format,
      inputBytes: input.original.length,
      outputBytes: rendered.bytes.length,
      ...rendered.timings,
    });
    return transform.flags.includes('getinfo') ? informationAbout(plan.job, rendered) : rendered;
  }

  async function thumbHash(original: Uint8Array, how: RenderOptions): Promise<Uint8Array> {
    const { signal, fingerprint } = how;
    if (signal.aborted) throw cancelled(signal.reason);
    const attempt = { fingerprint, picture: 'thumbhash' };
    await check(attempt, signal);
    const plan = await planRender({ original }, thumbHashTransform, options, looksOf(how));
    const { bytes } = await run({ ...plan, job: { ...plan.job, output: 'thumbhash' } }, attempt, how);
    return bytes;
  }

  async function probe(signal: AbortSignal): Promise<void> {
    const { format, ...plan } = await planRender(probeInput(), probeTransform, options, inspect);
    // It takes next to nothing, and must tell about rendering, not about room.
    renderedOf(await pool.run({ ...plan, memoryBytes: 0, signal, rank: 'first', onLost: interrupted }), format);
  }

  async function build(): Promise<string> {
    const libraries = await pool.build();
    return options.keepsAiMark === false ? `${libraries}, without AI marks` : libraries;
  }

  async function close(): Promise<void> {
    await pool.close();
    nursery.close();
  }

  return {
    render,
    thumbHash,
    check: (fingerprint, transform, signal) => check(attemptOf(fingerprint, transform), signal),
    build,
    cage: () => pool.build().then(cage.description),
    probe,
    close,
  };
}

function attemptOf(fingerprint: string, transform: ResolvedTransform): Attempt {
  return { fingerprint, picture: canonical(transform) };
}

interface Plan {
  readonly job: RenderJob;
  readonly payloads: readonly Uint8Array[];
  readonly format: ImageFormat;
  readonly memoryBytes: number;
}

type PlanLimits = Pick<
  RendererOptions,
  | 'timeoutMs'
  | 'keepsAiMark'
  | 'maxInputPixels'
  | 'maxInputFrames'
  | 'maxOutputSide'
  | 'maxOutputPixels'
  | 'maxMemoryBytes'
  | 'processes'
>;

/** Reads the original's header and refuses, before anything is decoded, what would cost too much. */
async function planRender(
  input: RenderInput,
  asked: ResolvedTransform,
  limits: PlanLimits,
  look: typeof inspect,
): Promise<Plan> {
  const { original } = input;
  const whole = await look(original);
  const { maxInputPixels, maxInputFrames = 10_000, maxOutputSide, maxOutputPixels, keepsAiMark = true } = limits;
  checkPages(whole, asked, maxInputFrames);
  const facts = await factsOfPage(whole, original, asked.page);
  // A picture that is left as it is stored has its focal point somewhere else.
  const transform = ignoresExif(asked) ? asked : withFocus(asked, facts.size, input.focus);
  const { format, frames } = decideOutput(facts, transform, { maxOutputSide, maxOutputPixels });
  checkInput(facts, frames, maxInputPixels);
  const layers = await inspectLayers(input, maxInputPixels, look);
  const payloads = [original, ...layers.map((layer) => layer.bytes)];
  const inputBytes = payloads.reduce((sum, { length }) => sum + length, 0);
  const factsById = new Map(layers.map((layer) => [layer.id, layer.facts]));
  const workload = workloadOf(transform, startingSize(facts, transform), factsById);
  checkLayers(workload, frames, { maxOutputSide, maxOutputPixels });
  const cost = { facts, transform, format, frames, inputBytes, workload };
  checkWorkTime(estimateWorkMs(cost), workAllowance * limits.timeoutMs);
  const [memoryBytes, mostBytes] = [estimateBytes(cost), mostRenderBytes(limits)];
  checkMemory(facts, {
    neededBytes: memoryBytes,
    mostBytes,
    readablePixels: readablePixels(facts, frames, inputBytes, mostBytes),
  });
  return {
    format,
    payloads,
    memoryBytes,
    job: {
      facts,
      transform,
      format,
      palette: paletteUse({ facts, transform, format, output: workload.output }),
      frames,
      output: 'picture',
      maySendOwn: input.isOpen === true,
      limits: { maxInputPixels, maxOutputSide, maxOutputPixels },
      keepsAttribution: transform.flags.includes('keep_attribution') || transform.flags.includes('keep_iptc'),
      keepsAiMark,
      originalBytes: original.length,
      layers: layers.map((layer) => ({ ...layer, bytes: layer.bytes.length })),
    },
  };
}

/** The pictures of layers are originals like any other: sniffed and measured before anything is decoded. */
async function inspectLayers({ layers = new Map() }: RenderInput, maxInputPixels: number, look: typeof inspect) {
  const inspected: { readonly id: string; readonly bytes: Uint8Array; readonly facts: Facts }[] = [];
  for (const [id, bytes] of layers) {
    const facts = await look(bytes);
    checkInput(facts, 1, maxInputPixels);
    inspected.push({ id, bytes, facts });
  }
  return inspected;
}

function checkPages(facts: Facts, transform: ResolvedTransform, maxInputFrames: number): void {
  if (facts.frames > maxInputFrames) {
    throw new Failure('too_large', `The original has ${facts.frames} frames; at most ${maxInputFrames} are read.`);
  }
  const pages = Math.max(facts.frames, facts.pages);
  if (transform.page === undefined || transform.page <= pages) return;
  throw new Failure('invalid', `Page ${transform.page} was asked for; the original has ${pages}.`);
}

/** The format and how many frames it gets: an animation is drawn whole only where its format can show it. */
function decideOutput(facts: Facts, transform: ResolvedTransform, limits: OutputLimits) {
  const start = startingSize(facts, transform);
  // The size decides the format and the format the frames; of one frame the size is the same.
  const output = checkedOutputSize(start, transform, 1, limits);
  const { format: target, steps, flags, page } = transform;
  const format = decideFormat({ target, facts, steps, flags, page, output });
  const frames = drawnFrames(format, facts, page);
  checkFlags(facts, transform, format);
  checkFinished(checkedOutputSize(start, transform, frames, limits), frames, format, limits);
  return { format, frames };
}

/** Refuses what a flag or colour space asks of a format that has none of it. */
function checkFlags(facts: Facts, { flags, page, colourSpace }: ResolvedTransform, format: ImageFormat): void {
  if (flags.includes('apng')) {
    throw new Failure('invalid', 'fl_apng is not supported: animations are written as WebP or GIF.');
  }
  const isMoving = (facts.frames > 1 || facts.isSequence) && page === undefined;
  if (flags.includes('animated') && isMoving && drawnFrames(format, facts, page) === 1) {
    const why = facts.isSequence ? 'of an AVIF only the still picture is read' : `${format} is written as one picture`;
    throw new Failure('invalid', `fl_animated asks for an animation, and ${why}.`);
  }
  if (colourSpace === 'copy' && (typeof facts.encoding === 'object' || !isStoredUsually(facts))) {
    throw new Failure('invalid', 'cs_copy keeps a profile, and this original says without one what its numbers are.');
  }
  if (colourSpace === 'copy' && facts.format === 'png' && facts.isLaidHere) {
    throw new Failure(
      'invalid',
      'cs_copy is not supported for an animated PNG: its frames are laid over each other in sRGB.',
    );
  }
  if (colourSpace === 'copy' && facts.colour === 'cmyk' && format !== 'jpeg') {
    throw new Failure('invalid', `cs_copy keeps the four colours of this original, and ${format} has none: use f_jpg.`);
  }
}
