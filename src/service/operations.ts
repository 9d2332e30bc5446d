import { setTimeout as sleep } from 'node:timers/promises';
import type { Cdn } from '../cdn/index.ts';
import type { Operations, Stores } from '../cli/index.ts';
import type { Config } from '../config/index.ts';
import { cancelled } from '../failure.ts';
import { createExplain, createJudge, createPictures, describeOriginal } from '../http/index.ts';
import type { Renderer } from '../image/index.ts';
import type { TelemetrySinks } from '../sinks/index.ts';
import type { LearntRegions, UploadPresigner } from '../storage/index.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Uploads } from '../uploads/index.ts';
import type { EdgePurges, LaterEdgePurge, Postpone, Variants } from '../variants/index.ts';
import { openEdge, openEvents, openRenderer } from './foundations.ts';
import { operatorSettingsOf } from './operator-settings.ts';
import { type Basis, openEdgePurges, openUploads, openVariants, type VariantsFoundations } from './rooms.ts';
import { type Settings, settingsOf } from './settings.ts';
import { type OpenedStores, openHosts, openPresigner, openSource, openStores } from './stores.ts';

/** A command asks for each variant once: what it holds in memory helps nobody. */
const memoryBytes = 1024 * 1024;

/** What a configuration would name; whoever brings it closes it. Tests do. */
export interface OperationsFoundations {
  readonly stores?: Stores;
  readonly renderer?: Renderer;
  readonly cdn?: Cdn;
  readonly presigner?: UploadPresigner;
  readonly remote?: Operations['remote'];
}

/** What the operator's commands work with: rooms like those of a service, each opened when it is first needed. */
export async function openOperations(
  config: Config,
  sinks: TelemetrySinks,
  given: OperationsFoundations = {},
): Promise<Operations> {
  const closing = new AbortController();
  const { telemetry, faults } = countingFaults(sinks);
  const settings = settingsOf(config);
  const basis: Basis = { config: { ...config, memoryBytes }, current: () => ({ config, settings }), telemetry };
  const opened = openLate(basis, given);
  const { stores, presigner, cdn, events, renderer, edge, purges } = opened;
  const variantsOf = (build: string, of: Renderer) =>
    variantsOn(basis, opened, { build, renderer: of, closing: closing.signal });
  const warming = openOnce(async () => variantsOf(await (await renderer()).build(), await renderer()));
  const variants = openOnce(() => variantsOf('', openedLate(renderer)));
  const judge = openOnce(async () => createJudge(explainOptions(config, settings, await variants())));
  const pictures = openOnce(async () => createPictures(imagesOptions(config, settings, await warming())));
  return {
    settings: operatorSettingsOf(config, settings),
    stores,
    remote: given.remote ?? ((hosts) => openHosts(config, hosts)),
    openSource: (location, where) => openSource(config, location, where),
    presigner,
    cdn,
    renderer,
    uploads: openOnce(() => uploadsOn(basis, opened)),
    variants,
    warming,
    describe: async (key, signal) => describedIn(await warming(), key, signal),
    explain: async (url, asking) =>
      createExplain(explainOptions(config, settings, await warming()))(url, {
        ...asking,
        isOperator: true,
        client: () => '',
      }),
    judge: async (target, judging) => (await judge())(target, judging),
    picture: async (target, signal) => (await pictures())(target, signal),
    countMessages:
      config.eventsQueue === undefined ? undefined : async (signal) => (await events())?.count(signal) ?? 0,
    secondPurgeDueMs: () => dueMs(purges),
    purgeEdgeAgain: async (signal) => repeatAll(purges, await edge(), signal),
    faults,
    async close() {
      closing.abort();
      if (given.renderer === undefined) await renderer.opened()?.then((one) => one.close());
      (await events.opened())?.close();
      await sinks.flush();
    },
  };
}

async function describedIn(
  variants: Variants,
  key: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const asking = { signal, client: () => 'operator', onHeld: (giveBack: () => void) => giveBack() };
  const bytes = await describeOriginal(variants, key, asking);
  return JSON.parse(Buffer.from(bytes).toString('utf8'));
}

/** What decides what a URL comes to. */
function explainOptions({ file }: Config, { grammar, policy }: Settings, variants: Variants) {
  return { grammar, policy, variants, clientHints: file.clientHints, otherOriginals: file.otherOriginals };
}

/** The same, and how it is answered. */
function imagesOptions(config: Config, settings: Settings, variants: Variants) {
  const { cacheControl, variants: kept } = config;
  return { ...explainOptions(config, settings, variants), cacheControl, storesVariants: kept !== 'none' };
}

/** What rooms are built on, each opened at most once. */
function openLate(basis: Basis, given: OperationsFoundations) {
  const { config, telemetry } = basis;
  const purges: LaterEdgePurge[] = [];
  const learnt: LearntRegions = new Map();
  const cdn = openOnce(async () => given.cdn ?? openEdge(config));
  const events = openOnce(() => openEvents(config));
  // Without a queue the second purges of the edge are kept until the command gets to them.
  const keep: Postpone = async (purge) => void purges.push(purge);
  return {
    purges,
    cdn,
    events,
    stores: openOnce(async () => given.stores ?? storesOf(await openStores(config, telemetry, learnt))),
    presigner: openOnce(async () => given.presigner ?? openPresigner(config, learnt)),
    renderer: openOnce(async () => given.renderer ?? openRenderer(config, telemetry)),
    edge: openOnce(async () =>
      openEdgePurges(basis, { cdn: await cdn(), postpone: (await events())?.postpone ?? keep }),
    ),
  };
}

type OpenedLate = ReturnType<typeof openLate>;

async function uploadsOn(basis: Basis, { stores, presigner: opened, renderer }: OpenedLate): Promise<Uploads> {
  const [{ originals }, presigner] = await Promise.all([stores(), opened()]);
  // This process remembers nothing of originals that an upload could make wrong.
  const changed = () => undefined;
  return openUploads(basis, { store: originals, presigner, renderer: openedLate(renderer), changed });
}

async function variantsOn(
  basis: Basis,
  { stores, cdn, edge }: OpenedLate,
  how: Pick<VariantsFoundations, 'build' | 'renderer' | 'closing'>,
): Promise<Variants> {
  const { originals: originalsStore, variants: variantsStore } = await stores();
  return openVariants(basis, { ...how, originalsStore, variantsStore, cdn: await cdn(), edge: await edge() }).variants;
}

function storesOf({ originalsStore, variantsStore, listed }: OpenedStores): Stores {
  return { originals: originalsStore, variants: variantsStore, listed };
}

/** Opens at the first call; `opened` tells without opening. */
function openOnce<Room>(open: () => Promise<Room>) {
  let opened: Promise<Room> | undefined;
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
    faces: async (...given) => (await open()).faces(...given),
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

/** Milliseconds until the last of them is due; undefined when there is none. */
function dueMs(purges: readonly LaterEdgePurge[]): number | undefined {
  const last = purges.at(-1);
  return last === undefined ? undefined : Math.max(0, last.dueAt - Date.now());
}

async function repeatAll(purges: LaterEdgePurge[], edge: EdgePurges, signal: AbortSignal): Promise<void> {
  await sleep(dueMs(purges) ?? 0, undefined, { signal }).catch((error: unknown) => {
    throw cancelled(error);
  });
  for (const purge of purges.splice(0)) await edge.repeat(purge, signal);
}
