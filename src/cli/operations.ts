import type { Cdn } from '../cdn/index.ts';
import type { GrammarOptions } from '../grammar/index.ts';
import type { Renderer } from '../image/index.ts';
import type { OutboundProxy } from '../outbound/index.ts';
import type { UnsignedPolicy } from '../signing.ts';
import type { ObjectStore, OldHost, UploadPresigner } from '../storage/index.ts';
import type { Uploads } from '../uploads/index.ts';
import type { Variants } from '../variants/index.ts';

/** What commands go by, from the configuration. */
export interface OperatorSettings {
  readonly grammar: GrammarOptions;
  /** Newest first; the first one signs. */
  readonly signingSecrets: readonly string[];
  /** What other programs sign with, by their dialect: how long each secret is. */
  readonly dialectSecrets: readonly { readonly dialect: string; readonly bytes: number }[];
  /** Where originals are moved from, when they are asked for. */
  readonly oldHost: OldHost | undefined;
  /** Shorter signatures are refused. */
  readonly signatureLength: 8 | 32;
  /** Names of presets that every original gets. */
  readonly warm: readonly string[];
  /** Where clients reach the server: `https://host`, no slash at the end. */
  readonly publicUrl: string;
  readonly maxInputBytes: number;
  /** Originals worked on at once. */
  readonly concurrency: number;
  /** False when no server would accept an upload that is signed here. */
  readonly presignsUploads: boolean;
  /** What lies between this machine and others. */
  readonly proxy: OutboundProxy | undefined;
  readonly exposure: Exposure;
}

/** What the outside may reach of a server with this configuration. */
export interface Exposure {
  /** Only programs on this machine connect to it. */
  readonly isLoopback: boolean;
  /** Others get to it: since it listens to them, or by a public URL, a CDN or a proxy that is named. */
  readonly isReached: boolean;
  /** The addresses by which others get to it, in words. */
  readonly reachedAt: string;
  readonly unsigned: UnsignedPolicy;
  /** The same for what somebody else has passed on. */
  readonly unsignedForwarded: UnsignedPolicy;
  /** Beginnings of keys. */
  readonly protected: { readonly private: readonly string[]; readonly authenticated: readonly string[] };
  /** Anybody may have the original of this key as it is. */
  readonly isOriginalOpen: (key: string) => boolean;
  /** Widths on the ladder. */
  readonly ladderWidths: number;
  /** Presets that are declared. */
  readonly presets: number;
  readonly maxVariantsPerOriginal: number;
  /** Extensions of what is sent although it is no picture. */
  readonly otherOriginals: readonly string[];
  /** Whether SVGs are sent as they are, but for what could run in them. */
  readonly sendsSvg: boolean;
  /** `made`: at each start, for it alone. */
  readonly adminToken: 'given' | 'made' | 'none';
  /** Keys and secrets with which others may sign tickets. */
  readonly issuers: number;
  readonly trustedProxies: readonly string[];
  /** Presets by which anybody may upload with Cloudinary's API; undefined where it is closed. */
  readonly unsignedPresets: readonly string[] | undefined;
}

export interface Stores {
  readonly originals: ObjectStore;
  /** Undefined: variants are kept in the memory of servers only. */
  readonly variants: ObjectStore | undefined;
  /** Those that are asked for originals before FOVEA_ORIGINALS, each by itself; in `originals`, too. */
  readonly listed?: readonly ListedOriginals[];
}

/** One of the stores of originals that the configuration lists. */
export interface ListedOriginals {
  readonly prefix: string;
  readonly location: string;
  readonly isReadOnly: boolean;
  readonly store: ObjectStore;
}

/** Variants without pixels. */
export type OpenedVariants = Pick<
  Variants,
  | 'firstThere'
  | 'keptIn'
  | 'identify'
  | 'purge'
  | 'purgeIfKnown'
  | 'stat'
  | 'erase'
  | 'sweep'
  | 'collectVariants'
  | 'collectOriginals'
  | 'setFocus'
  | 'move'
  | 'setAlt'
>;
/** Variants with pixels. */
export type WarmedVariants = Pick<Variants, 'warm' | 'settled'>;

/** What a URL means and comes to, as the server tells it over HTTP. */
export interface UrlExplanation {
  readonly url: string;
  readonly dialect?: string;
  readonly isSigned?: boolean;
  readonly id?: string;
  readonly parts?: readonly { readonly written: string; readonly means: string }[];
  readonly transformation?: string;
  readonly vary?: string;
  readonly refused?: { readonly status: number; readonly title: string; readonly detail: string } | undefined;
  readonly answers?: readonly {
    readonly accept?: string;
    readonly key?: string;
    readonly canonical?: string;
    readonly etag: string;
    readonly cacheTag: string;
    readonly kept?: 'memory' | 'store' | 'nowhere';
  }[];
}

/** What becomes of a URL of another server here, before anything is drawn. */
export interface UrlJudgement {
  readonly outcome: 'answered' | 'differs' | 'refused' | 'unauthorised' | 'missing';
  readonly dialect: string | undefined;
  /** Why not, or how. */
  readonly reason: string | undefined;
}

/** The rooms that commands work in. Each is opened when it is first asked for, so that no command pays for another's. */
export interface Operations {
  readonly settings: OperatorSettings;
  stores(): Promise<Stores>;
  /** Reads pictures of these hosts by the keys that stand for them: never of a private address, and no longer ones than are taken. */
  remote(hosts: readonly string[]): Pick<ObjectStore, 'get'>;
  /** Another store than those of the configuration, to read from. Failure `invalid`. */
  openSource(
    location: string,
    where: { readonly endpoint?: string | undefined; readonly region?: string | undefined },
  ): Promise<ObjectStore>;
  /** The door of the store of originals to uploaders; undefined when it has none. */
  presigner(): Promise<UploadPresigner | undefined>;
  variants(): Promise<OpenedVariants>;
  /** As the server would answer it. Failures: those of the stores. */
  explain(
    url: string,
    asking: { readonly signal: AbortSignal; readonly wasForwarded: boolean },
  ): Promise<UrlExplanation>;
  /** Under the policy in force, as whoever asks through a proxy. Failures: those of the stores. */
  judge(
    target: string,
    judging: { readonly signal: AbortSignal; readonly looksUp: boolean; readonly host?: string | undefined },
  ): Promise<UrlJudgement>;
  /** A picture as it would be answered. Starts the render processes. */
  picture(target: string, signal: AbortSignal): Promise<{ readonly status: number; readonly bytes: Uint8Array }>;
  /** All that is known of an original. Starts the render processes. Failures: `not_found`; those of stores and renderer. */
  describe(key: string, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>>;
  /** Starts the render processes. */
  warming(): Promise<WarmedVariants>;
  /** Render processes are started when the first file is checked. */
  uploads(): Promise<Uploads>;
  /** Starts the render processes. */
  renderer(): Promise<Renderer>;
  cdn(): Promise<Cdn>;
  /** Messages that wait in the queue of events; undefined when there is no queue. */
  readonly countMessages: ((signal: AbortSignal) => Promise<number>) | undefined;
  /** Milliseconds until the second purge of the edge that the purges so far have left to this process; else undefined. */
  secondPurgeDueMs(): number | undefined;
  /** Waits until they are due and does them. */
  purgeEdgeAgain(signal: AbortSignal): Promise<void>;
  /** How often a store failed so far where that was no reason to stop: a variant may not have been kept. */
  faults(): number;
  close(): Promise<void>;
}

/** What the process that runs a command can start. */
export interface Programs {
  /** Reads the configuration. Failure `invalid` with all that is wrong with it. */
  open(): Promise<Operations>;
  /** Serves until a signal ends it. */
  serve(): Promise<void>;
  /** Consumes the queue of events until a signal ends it. */
  work(): Promise<void>;
}
