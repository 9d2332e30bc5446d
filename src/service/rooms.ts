import { setTimeout as sleep } from 'node:timers/promises';
import type { Cdn } from '../cdn/index.ts';
import type { Config } from '../config/index.ts';
import { lackingDecoder, type Renderer } from '../image/index.ts';
import type { ObjectStore } from '../storage/index.ts';
import type { Telemetry } from '../telemetry.ts';
import { createAddresses, createUploads, type Uploads, type UploadsParts, visibleOriginals } from '../uploads/index.ts';
import {
  type Bound,
  createAdmission,
  createBound,
  createEdgePurges,
  createLeases,
  createMemoryTier,
  createOriginals,
  createSending,
  createStoreTier,
  createVariants,
  createVersions,
  type EdgePurges,
  type Leases,
  type MemoryTier,
  type Postpone,
  renderingName,
} from '../variants/index.ts';
import type { Settings } from './settings.ts';
import { tracedSteps, tracedVariants } from './traced.ts';
import { createUploadSecret } from './upload-secret.ts';

/** After an instance's memory of a version has run out, what it was just answering gets so long to reach the edge. */
const edgeGraceMs = 1000;
/** What was answered before a purge is at the edge by then, but for a slow client's; the second purge gets that. */
const edgeSettleMs = 200;
/** Beyond the longest render, a request waits so long for a place, and is then told to come again. */
const answerGraceMs = 1000;

/** Of the longest render: so long another process's is waited for, and there is time to draw it oneself. */
const leaseShare = 1 / 2;

const usualSendingBytes = 128 * 1024 * 1024;

/** The configuration, and what it comes to. */
export interface Configured {
  readonly config: Config;
  readonly settings: Settings;
}

/** What every room is built with. */
export interface Basis {
  /** As at the start: what no reload changes. */
  readonly config: Config;
  /** What the file says, which may be something else after the next reload: to be asked for with each use. */
  readonly current: () => Configured;
  readonly telemetry: Telemetry;
}

interface EdgeParts {
  readonly cdn: Cdn;
  /** Undefined: this process does the edge's second purges itself. */
  readonly postpone: Postpone | undefined;
}

/** What a purge does beyond us, at once and once more. */
export function openEdgePurges({ config, telemetry }: Basis, { cdn, postpone }: EdgeParts): EdgePurges {
  return createEdgePurges({
    cdn,
    settleMs: edgeSettleMs,
    repeatAfterMs: longestTtlMs(config) + edgeGraceMs,
    postpone,
    telemetry,
    now: Date.now,
  });
}

/** Milliseconds that the version of a key is believed: as the first store says that may have it. */
function ttlOf({ originalTtlMs, file: { originals } }: Config): (key: string) => number {
  const said = originals.filter(({ ttlSeconds }) => ttlSeconds !== undefined);
  if (said.length === 0) return () => originalTtlMs;
  return (key) => {
    const first = originals.find(({ prefix }) => key.startsWith(prefix));
    return first?.ttlSeconds === undefined ? originalTtlMs : first.ttlSeconds * 1000;
  };
}

function longestTtlMs({ originalTtlMs, file: { originals } }: Config): number {
  return Math.max(originalTtlMs, ...originals.map(({ ttlSeconds = 0 }) => ttlSeconds * 1000));
}

export interface VariantsFoundations {
  readonly originalsStore: ObjectStore;
  readonly variantsStore: ObjectStore | undefined;
  readonly renderer: Renderer;
  readonly cdn: Cdn;
  readonly edge: EdgePurges;
  /** Names the libraries that encode. */
  readonly build: string;
  /** Bytes that answers hold in memory beside the tier; past it large variants are read from the store in pieces. */
  readonly sendingBytes?: number | undefined;
  readonly closing: AbortSignal;
  /** False where nothing goes on once an answer has been sent. */
  readonly worksBehind?: boolean | undefined;
}

/** Puts the room of variants together, tiers and all. */
export function openVariants({ config, current, telemetry }: Basis, foundations: VariantsFoundations) {
  const { originalsStore, sendingBytes = usualSendingBytes, worksBehind = true } = foundations;
  const { slots } = current().settings;
  const isOpen = (key: string) => current().settings.isOpen(key);
  const clock = performance;
  const memory = createMemoryTier(config.memoryBytes, telemetry);
  const bound = openBound(foundations.variantsStore, { maxBytes: config.variantsMaxBytes, memory, telemetry });
  const variantsStore = bound?.store ?? foundations.variantsStore;
  const admission = createAdmission({ slots, queueMax: config.queueMax, telemetry, clock });
  const sending = createSending(sendingBytes);
  const store =
    variantsStore &&
    createStoreTier({
      store: variantsStore,
      sending,
      telemetry,
      cacheControl: config.cacheControl,
      rendering: (source) => renderingName({ ...config.file, isOpen: isOpen(source) }),
    });
  const leases = openLeases(variantsStore, { config, telemetry, clock });
  const versions = createVersions({
    store: visibleOriginals({ store: originalsStore, now: Date.now }),
    listing: originalsStore,
    ttlMs: ttlOf(config),
    telemetry,
    clock,
  });
  const originals = createOriginals({
    store: originalsStore,
    maxBytes: config.maxInputBytes,
    holdBytes: config.maxInputBytes * 2,
    telemetry,
  });
  const variants = createVariants({
    ...foundations,
    variantsStore,
    ...tracedSteps({ versions, originals, admission }, telemetry.tracing),
    memory,
    store,
    leases,
    sending,
    telemetry,
    grammar: () => current().settings.grammar,
    isOpen,
    isDeclared: (key, text) => current().settings.policy.isDeclared(key, text),
    budget: () => current().config.file.maxVariantsPerOriginal,
    // A render at its deadline is still told from one that never began.
    maxAnswerMs: config.renderTimeoutMs + answerGraceMs,
    patienceMs: worksBehind ? config.avifWaitMs : undefined,
    behindAtOnce: Math.max(1, Math.floor(slots / 2)),
  });
  const traced = tracedVariants(variants, telemetry.tracing);
  return { variants: traced, versions, memory, admission, sending, store, bound };
}

/** What tells processes which of them makes a variant; undefined where there is one, or the store cannot tell. */
function openLeases(
  store: ObjectStore | undefined,
  { config, telemetry, clock }: Pick<Basis, 'config' | 'telemetry'> & { readonly clock: { now(): number } },
): Leases | undefined {
  if (!store?.createsOnce || config.instances !== 'several') return undefined;
  return createLeases({ store, lifeMs: config.renderTimeoutMs * leaseShare, telemetry, clock, now: Date.now });
}

interface BoundOptions {
  /** Undefined: there is none. */
  readonly maxBytes: number | undefined;
  readonly memory: MemoryTier;
  readonly telemetry: Telemetry;
}

/** What keeps a folder of variants within its bytes; undefined where nobody set any. */
function openBound(store: ObjectStore | undefined, { maxBytes, memory, telemetry }: BoundOptions): Bound | undefined {
  if (store?.uses === undefined || maxBytes === undefined) return undefined;
  const pace = { now: () => performance.now(), pause: pauseUnlessAborted };
  return createBound({ store, uses: store.uses, maxBytes, inMemory: memory.sources, pace, telemetry, now: Date.now });
}

/** Holds up no process that has nothing else to do. */
async function pauseUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
}

/** Puts the room of uploads together. */
export function openUploads(
  { config, current, telemetry }: Basis,
  foundations: Pick<UploadsParts, 'store' | 'presigner' | 'renderer' | 'changed'>,
): Uploads {
  const { admin } = current().settings;
  return createUploads({
    ...foundations,
    secret: createUploadSecret(admin.origin === 'given' ? admin.token : undefined),
    addresses: (key) => createAddresses(current().settings.addresses)(key),
    issuers: () => current().settings.issuers,
    refusalOf: lackingDecoder,
    maxBytes: config.maxInputBytes,
    telemetry,
    now: Date.now,
  });
}
