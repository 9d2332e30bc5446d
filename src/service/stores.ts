import type { Config, ConfigurationFile } from '../config/index.ts';
import { formatOf } from '../image/index.ts';
import type { OutboundProxy } from '../outbound/index.ts';
import {
  createRemoteStore,
  hostEntry,
  type LearntRegions,
  type ListedStore,
  type ObjectStore,
  type OpenStoreOptions,
  openStore,
  openUploadPresigner,
  type UploadPresigner,
  withListed,
  withOldHost,
  withPresence,
  withRemote,
} from '../storage/index.ts';
import type { Telemetry } from '../telemetry.ts';

/** A picture on another host that takes longer to come than this is not waited for. */
const fetchTimeoutMs = 10_000;

/** A store of originals beside the one that takes everything, and where it is. */
export interface OpenedListed extends ListedStore {
  readonly location: string;
}

export interface OpenedStores {
  readonly originalsStore: ObjectStore;
  /** Undefined: variants are kept in memory only. */
  readonly variantsStore: ObjectStore | undefined;
  /** Those of originals that are asked before it: in `originalsStore`, too. */
  readonly listed: readonly OpenedListed[];
  /** Told of the file that holds from now on. */
  readonly follow: (file: ConfigurationFile) => void;
}

/** What stores go by of the file. */
interface Followed {
  file: ConfigurationFile;
}

/** What is not here yet is moved from where it was, when it is asked for. */
function withMoving(config: Config, store: ObjectStore, { followed, telemetry }: Moving): ObjectStore {
  const oldHost = () => followed.file.oldHost;
  const hosts = () => [oldHost()?.url].flatMap((url) => (url === undefined ? [] : [hostEntry(url)]));
  const { maxInputBytes: maxBytes } = config;
  const remote = createRemoteStore({ hosts, maxBytes, timeoutMs: fetchTimeoutMs, proxy: proxyOf(config) });
  const isPicture = (bytes: Uint8Array) =>
    formatOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)) !== undefined;
  return withOldHost(store, { oldHost, remote, isPicture, maxBytes, telemetry });
}

interface Moving {
  readonly followed: Followed;
  readonly telemetry: Telemetry;
}

/** Originals may lie on other hosts too, where the configuration names any. */
function withFetching(config: Config, store: ObjectStore, followed: Followed): ObjectStore {
  const hosts = () => followed.file.fetchHosts;
  const { maxInputBytes: maxBytes } = config;
  const remote = createRemoteStore({ hosts, maxBytes, timeoutMs: fetchTimeoutMs, proxy: proxyOf(config) });
  return withRemote(store, remote, () => hosts().length > 0);
}

/** What the variables come to where nobody names another: here, and in the image. */
const defaultFolders: ReadonlySet<string> = new Set([
  'file:./data/originals',
  'file:./data/variants',
  'file:/data/originals',
  'file:/data/variants',
]);

/** What lies between this machine and others. */
export function proxyOf({ httpsProxy, noProxy }: Config): OutboundProxy | undefined {
  return httpsProxy === undefined ? undefined : { url: httpsProxy, except: noProxy };
}

function storeOptionsOf(config: Config, role: 'originals' | 'variants', learnt: LearntRegions): OpenStoreOptions {
  const { s3Endpoint, s3Addressing, s3UploadMethod, s3Encryption: encryption, fsync } = config;
  return {
    s3Addressing,
    s3UploadMethod,
    s3Region: config[`${role}Region`],
    s3RegionSetting: `FOVEA_${role.toUpperCase()}_REGION`,
    s3Writing: { encryption, storageClass: config[`${role}StorageClass`] },
    proxy: proxyOf(config),
    s3LearntRegions: learnt,
    syncs: fsync === 'all' || fsync === role,
    ...(s3Endpoint === undefined ? {} : { s3Endpoint }),
  };
}

/** The stores of originals and of variants. A folder that somebody named is made by nobody: it may not be mounted yet, or be a slip. */
export async function openStores(config: Config, telemetry: Telemetry, learnt: LearntRegions): Promise<OpenedStores> {
  const open = (role: 'originals' | 'variants') => {
    const makesFolder = defaultFolders.has(config[role]);
    return openStore(config[role], { ...storeOptionsOf(config, role, learnt), makesFolder, telemetry });
  };
  const followed = { file: config.file };
  const listed = await openListed(config, telemetry);
  const all = withListed(withPresence(await open('originals')), listed);
  const originalsStore = withFetching(config, withMoving(config, all, { followed, telemetry }), followed);
  const variantsStore = config.variants === 'none' ? undefined : await open('variants');
  return {
    originalsStore,
    variantsStore,
    listed,
    follow(file) {
      followed.file = file;
    },
  };
}

/** An operator waits longer for a picture than a visitor. */
const importTimeoutMs = 60_000;

/** Pictures of other hosts, for a command that names them. */
export function openHosts(config: Config, hosts: readonly string[]): Pick<ObjectStore, 'head' | 'get'> {
  const { maxInputBytes: maxBytes } = config;
  return createRemoteStore({ hosts: () => hosts, maxBytes, timeoutMs: importTimeoutMs, proxy: proxyOf(config) });
}

interface SourceAt {
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
}

/** A store to read from, with the credentials that are found; elsewhere than the configured ones where that is said. */
export function openSource(config: Config, location: string, { endpoint, region }: SourceAt): Promise<ObjectStore> {
  const { s3Endpoint, s3Addressing } = config;
  const at = endpoint ?? s3Endpoint;
  return openStore(location, {
    s3Addressing,
    s3Region: region,
    proxy: proxyOf(config),
    ...(at === undefined ? {} : { s3Endpoint: at }),
  });
}

/** Each with its own place and credentials, and otherwise as FOVEA_ORIGINALS is. */
async function openListed(config: Config, telemetry: Telemetry): Promise<readonly OpenedListed[]> {
  const { file, s3Endpoint, s3Addressing } = config;
  const opening = file.originals.map(async ({ prefix, store: location, readOnly: isReadOnly, ...at }) => {
    const endpoint = at.endpoint ?? s3Endpoint;
    const store = await openStore(location, {
      ...storeOptionsOf(config, 'originals', new Map()),
      s3Addressing: at.addressing ?? s3Addressing,
      s3Region: at.region,
      s3RegionSetting: `the region of ${prefix} in "originals"`,
      s3Credentials: at.credentials,
      telemetry,
      ...(endpoint !== undefined && { s3Endpoint: endpoint }),
    });
    return { prefix, location, isReadOnly, store: withPresence(store) };
  });
  return Promise.all(opening);
}

/** The door of the store of originals to uploaders, if it has one; `learnt` is what its store has heard of regions. */
export function openPresigner(config: Config, learnt: LearntRegions): Promise<UploadPresigner | undefined> {
  const { s3PublicEndpoint } = config;
  const seen = s3PublicEndpoint === undefined ? {} : { s3Endpoint: s3PublicEndpoint };
  // What is signed names the host that it is sent to: another than ours, in a network of containers.
  return openUploadPresigner(config.originals, { ...storeOptionsOf(config, 'originals', learnt), ...seen });
}
