import type { Telemetry } from '../../telemetry.ts';
import { createFonts } from '../plan/fonts.ts';
import { trialTransform } from '../plan/own-transforms.ts';
import { type PlanLimits, planAlone } from '../plan/plan.ts';
import { type CageOptions, createCage } from '../processes/cage/cage.ts';
import { mostKeptBytes, mostRenderBytes } from '../processes/memory-fit.ts';
import { createPool, type PoolOptions } from '../processes/pool.ts';
import { type ProcessArguments, processArguments, readingToo } from '../processes/process-script.ts';
import { createSpawner } from '../processes/spawner.ts';
import { createAttempts } from '../verdicts/attempts.ts';
import { createRefusals } from '../verdicts/refusals.ts';
import { createVerdicts } from '../verdicts/verdicts.ts';
import { hasHeicDecoder } from './heic-decoder.ts';
import { probe } from './probe.ts';
import { attemptOf, checkAfterTrial, type RendererParts, renderPicture, seeFaces, thumbHash } from './render.ts';
import type { Renderer } from './renderer.ts';

/** What is the pool's to bound. */
type RenderPoolOptions = Pick<
  PoolOptions,
  | 'processes'
  | 'maxMemoryBytes'
  | 'maxRendersPerProcess'
  | 'maxProcessRssBytes'
  | 'giveBackAfterMs'
  | 'startPatienceMs'
  | 'cpuTimeOf'
>;

export interface RendererOptions extends Omit<PlanLimits, 'maxRenderBytes'>, RenderPoolOptions {
  /** Renders that may wait for a process; past it `overloaded`. */
  readonly maxWaiting?: number;
  /** Milliseconds that a picture which ended its render process is refused, and an original that is poison. */
  readonly poisonTtlMs: number;
  readonly telemetry: Telemetry;
  /** Monotonic milliseconds. */
  readonly clock?: () => number;
  /** Fonts beside those of the system, for text layers. */
  readonly fontsFolder?: string | undefined;
  /** By default those that start the scripts beside this module. */
  readonly processArguments?: ProcessArguments;
  /** What may hold them, and what; by default Node, by the best cage that there is. */
  readonly cage?: Pick<CageOptions, 'allowed' | 'program'>;
}

/** Starts the render processes and returns the door to them. */
export function createRenderer(options: RendererOptions): Renderer {
  const { telemetry, clock = () => performance.now(), poisonTtlMs: ttlMs } = options;
  const { maxKeptBytes = mostKeptBytes(options) } = options;
  const { readsHeic = hasHeicDecoder() } = options;
  const { pool, cage, fonts, close } = startProcesses({ ...options, clock });
  const limits: PlanLimits = {
    ...options,
    maxRenderBytes: mostRenderBytes(options),
    maxKeptBytes,
    readsHeic,
    vectorFonts: fonts.forVectors,
  };
  const remembered = { verdicts: createVerdicts({ ttlMs, clock }), refusals: createRefusals({ ttlMs, clock }) };
  const planTrial = (original: Uint8Array) => planAlone(original, trialTransform, limits);
  const attempts = createAttempts({ ...remembered, pool, telemetry, planTrial });
  const parts: RendererParts = { ...remembered, limits, fonts, attempts, telemetry };
  return {
    render: (input, transform, how) => renderPicture(parts, { input, transform, how }),
    thumbHash: (original, how) => thumbHash(parts, original, how),
    faces: (question, how) => seeFaces(parts, question, how),
    check: (fingerprints, transform, signal) =>
      checkAfterTrial(parts, attemptOf(limits, fingerprints, transform), signal),
    probe: (signal) => probe(pool, limits, signal),
    async build() {
      const libraries = await pool.build();
      return options.keepsAiMark === false ? `${libraries}, without AI marks` : libraries;
    },
    async cage() {
      await pool.build();
      return cage.description();
    },
    close,
  };
}

/** The pool, and what its processes are started with. */
function startProcesses(options: RendererOptions & { readonly clock: () => number }) {
  const scripts = options.processArguments ?? processArguments();
  const spawner = createSpawner(scripts.spawner);
  const fonts = createFonts(options.fontsFolder);
  const { telemetry, maxWaiting = 1_000 } = options;
  const cage = createCage({ ...options.cage, needed: scripts.readable, optional: fonts.files, telemetry });
  const pool = createPool({
    ...options,
    maxWaiting,
    spawner,
    cage,
    nodeArguments: readingToo(scripts.renderProcess, fonts.files),
    fontsFile: fonts.configurationFile,
  });
  return {
    pool,
    cage,
    fonts,
    async close() {
      await pool.close();
      spawner.close();
    },
  };
}
