import type { Cdn } from '../cdn/index.ts';
import type { Config } from '../config/index.ts';
import type { IsDeclared } from '../grammar/index.ts';
import type { Renderer } from '../image/index.ts';
import type { ObjectStore } from '../storage/index.ts';
import type { Telemetry } from '../telemetry.ts';
import { createAddresses, createUploads, type Uploads, type UploadsParts } from '../uploads/index.ts';
import {
  createAdmission,
  createEdgePurges,
  createMemoryTier,
  createOriginals,
  createSending,
  createStoreTier,
  createVariants,
  createVersions,
  type Postpone,
  renderingName,
} from '../variants/index.ts';
import { addressOptionsOf, grammarOf, openOriginalsOf } from './settings.ts';

/** After an instance's memory of a version has run out, what it was just answering gets so long to reach the edge. */
const edgeGraceMs = 1000;
/** What was answered before a purge is at the edge by then, but for a slow client's; the second purge gets that. */
const edgeSettleMs = 200;
/** Beyond the longest render, a request waits so long for a place, and is then told to come again. */
const answerGraceMs = 1000;

const usualSendingBytes = 128 * 1024 * 1024;

/** What variants are made of beside the configuration. */
export interface VariantsFoundations {
  readonly originalsStore: ObjectStore;
  /** Originals as visitors may see them. */
  readonly visible: Pick<ObjectStore, 'head'>;
  readonly variantsStore: ObjectStore | undefined;
  readonly renderer: Renderer;
  readonly isDeclared: IsDeclared;
  readonly cdn: Cdn;
  /** Names the libraries that encode. */
  readonly build: string;
  /** Undefined: this process does the edge's second purges itself. */
  readonly postpone: Postpone | undefined;
  /** Bytes that answers hold in memory beside the tier; past it large variants are read from the store in pieces. */
  readonly sendingBytes?: number | undefined;
  readonly closing: AbortSignal;
}

/** Puts the room of variants together, tiers and all. */
export function assembleVariants(config: Config, telemetry: Telemetry, foundations: VariantsFoundations) {
  const { originalsStore, visible, variantsStore, cdn, postpone } = foundations;
  const isOpen = openOriginalsOf(config);
  const memory = createMemoryTier(config.memoryBytes, telemetry);
  const admission = createAdmission({
    slots: config.renderers * 2,
    queueMax: config.queueMax,
    telemetry,
    clock: performance,
  });
  const sending = createSending(foundations.sendingBytes ?? usualSendingBytes);
  const store =
    variantsStore &&
    createStoreTier({
      store: variantsStore,
      sending,
      telemetry,
      cacheControl: config.cacheControl,
      rendering: (source) => renderingName({ ...config.file, isOpen: isOpen(source) }),
    });
  const edge = createEdgePurges({
    cdn,
    settleMs: edgeSettleMs,
    repeatAfterMs: config.originalTtlMs + edgeGraceMs,
    postpone,
    telemetry,
    now: Date.now,
  });
  const versions = createVersions({
    store: visible,
    list: originalsStore.listsAtOnce ? originalsStore.list : undefined,
    ttlMs: config.originalTtlMs,
    telemetry,
    clock: performance,
  });
  const originals = createOriginals({
    store: originalsStore,
    maxBytes: config.maxInputBytes,
    holdBytes: config.maxInputBytes * 2,
    telemetry,
  });
  const grammar = grammarOf(config);
  // A render at its deadline is still told from one that never began.
  const maxAnswerMs = config.renderTimeoutMs + answerGraceMs;
  const budget = config.file.maxVariantsPerOriginal;
  const own = { isOpen, versions, originals, memory, store, sending, admission, edge, grammar, budget, maxAnswerMs };
  const parts = { ...foundations, ...own, telemetry };
  return { variants: createVariants(parts), versions, edge, memory, admission, sending, store };
}

type UploadsFoundations = Pick<UploadsParts, 'store' | 'signer' | 'renderer' | 'changed' | 'secret'>;

/** Puts the room of uploads together. */
export function assembleUploads(config: Config, telemetry: Telemetry, foundations: UploadsFoundations): Uploads {
  return createUploads({
    ...foundations,
    addresses: createAddresses(addressOptionsOf(config)),
    maxBytes: config.maxInputBytes,
    telemetry,
    now: Date.now,
  });
}
