import { setTimeout as sleep } from 'node:timers/promises';
import type { Cdn } from '../cdn/index.ts';
import type { Operations, OperatorSettings, Stores } from '../cli/index.ts';
import type { Config } from '../config/index.ts';
import { cancelled } from '../failure.ts';
import type { Renderer } from '../image/index.ts';
import type { TelemetrySinks } from '../sinks/index.ts';
import type { Telemetry } from '../telemetry.ts';
import type { LaterEdgePurge } from '../variants/index.ts';
import { assembleUploads, assembleVariants } from './assemble.ts';
import { type Foundations, openEdge, openEvents, openRenderer, openSigner, openStores } from './foundations.ts';
import { declaredBy, exposureOf, grammarOf } from './settings.ts';
import { createUploadSecret } from './upload-secret.ts';

/** A command asks for each variant once: what it holds in memory helps nobody. */
const memoryBytes = 1024 * 1024;

/** What a configuration would name; whoever brings it closes it. Tests do. */
export interface OperationsFoundations {
  readonly stores?: Stores;
  readonly renderer?: Renderer;
  readonly cdn?: Cdn;
}

/** What the operator's commands work with: rooms like those of a service, each opened when it is first needed. */
export async function openOperations(
  config: Config,
  sinks: TelemetrySinks,
  given: OperationsFoundations = {},
): Promise<Operations> {
  const closing = new AbortController();
  const { telemetry, faults } = countingFaults(sinks);
  const later = createEdgeLater();
  const stores = once(async () => given.stores ?? storesOf(await openStores(config)));
  const cdn = once(async () => given.cdn ?? openEdge(config));
  const events = once(() => openEvents(config));
  const renderer = once(async () => given.renderer ?? openRenderer(config, telemetry));

  const uploads = once(async () => {
    const [{ originals: store }, signer] = await Promise.all([stores(), openSigner(config)]);
    const secret = createUploadSecret(config.adminToken);
    // This process remembers nothing of originals that an upload could make wrong.
    const changed = () => undefined;
    return assembleUploads(config, telemetry, { store, signer, renderer: openedLate(renderer), secret, changed });
  });

  async function assemble(build: string, ofRenderer: Renderer) {
    const { originals: originalsStore, variants: variantsStore } = await stores();
    const assembled = assembleVariants({ ...config, memoryBytes }, telemetry, {
      isDeclared: declaredBy(config),
      originalsStore,
      variantsStore,
      visible: (await uploads()).visible,
      renderer: ofRenderer,
      cdn: await cdn(),
      build,
      postpone: (await events())?.postpone ?? later.postpone,
      closing: closing.signal,
    });
    later.repeatWith(assembled.edge.repeat);
    return assembled.variants;
  }

  return {
    settings: settingsOf(config),
    stores,
    cdn,
    renderer,
    uploads,
    variants: once(() => assemble('', openedLate(renderer))),
    warming: once(async () => assemble(await (await renderer()).build(), await renderer())),
    countMessages:
      config.eventsQueue === undefined ? undefined : async (signal) => (await events())?.count(signal) ?? 0,
    secondPurgeDueMs: later.dueMs,
    purgeEdgeAgain: later.again,
    faults,
    async close() {
      closing.abort();
      if (given.renderer === undefined) await renderer.opened()?.then((opened) => opened.close());
      (await events.opened())?.close();
      sinks.flush();
    },
  };
}

function storesOf({ originalsStore, variantsStore }: Pick<Foundations, 'originalsStore' | 'variantsStore'>): Stores {
  return { originals: originalsStore, variants: variantsStore };
}

function settingsOf(config: Config): OperatorSettings {
  const { file, port, host } = config;
  return {
    grammar: grammarOf(config),
    signingSecrets: config.signingSecrets,
    signatureLength: file.signatureLength,
    warm: file.warm,
    publicUrl: file.publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    maxInputBytes: config.maxInputBytes,
    concurrency: config.renderers * 2,
    // A bucket's own addresses are signed with its credentials, ours with what the admin token makes.
    exposure: exposureOf(config),
    signsUploads: config.originals.startsWith('s3://') || config.adminToken !== undefined,
  };
}

/** Opens at the first call; `opened` tells without opening. */
function once<Opened>(open: () => Promise<Opened>) {
  let opened: Promise<Opened> | undefined;
  const get = () => {
    opened ??= open();
    return opened;
  };
  return Object.assign(get, { opened: () => opened });
}

/** A renderer whose processes are started by the first render. */
function openedLate(open: () => Promise<Renderer>): Renderer {
  return {
    render: async (...given) => (await open()).render(...given),
    thumbHash: async (...given) => (await open()).thumbHash(...given),
    // Before there is one nothing is known, and `render` throws the same.
    check: async () => undefined,
    build: async () => (await open()).build(),
    cage: async () => (await open()).cage(),
    probe: async (signal) => (await open()).probe(signal),
    close: async () => undefined,
  };
}

/** Nobody looks at a command's metrics: whether a tier failed has to be told by its exit code. */
function countingFaults(sinks: TelemetrySinks): { readonly telemetry: Telemetry; readonly faults: () => number } {
  let count = 0;
  const telemetry: Telemetry = {
    report(event) {
      if (event.type === 'tier-fault') count += 1;
      sinks.report(event);
    },
  };
  return { telemetry, faults: () => count };
}

/** The second purges of the edge, kept until the command gets to them. */
function createEdgeLater() {
  const purges: LaterEdgePurge[] = [];
  let repeat: ((purge: LaterEdgePurge, signal: AbortSignal) => Promise<void>) | undefined;
  const dueMs = () => {
    const last = purges.at(-1);
    return last === undefined ? undefined : Math.max(0, last.dueAt - Date.now());
  };
  return {
    dueMs,
    postpone: async (purge: LaterEdgePurge) => void purges.push(purge),
    repeatWith(how: NonNullable<typeof repeat>) {
      repeat = how;
    },
    async again(signal: AbortSignal) {
      await sleep(dueMs() ?? 0, undefined, { signal }).catch((error: unknown) => {
        throw cancelled(error);
      });
      for (const purge of purges.splice(0)) await repeat?.(purge, signal);
    },
  };
}
