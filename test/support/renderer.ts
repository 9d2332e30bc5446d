import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  defaultGrammarOptions,
  negotiate,
  parseTransformation,
  type ResolvedTransform,
} from '../../src/grammar/index.ts';
import { createRenderer, type Rendered, type Renderer, type RendererOptions } from '../../src/image/index.ts';
import { type ProcessArguments, processArguments } from '../../src/image/processes/process-script.ts';
import type { Claim } from '../../src/shares.ts';
import type { TelemetryEvent } from '../../src/telemetry.ts';
import { builtProgram } from './program.ts';

type ProcessEvent = Extract<TelemetryEvent, { type: 'render-process' }>;

/** A real renderer, what it reported, and a way to ask it in the words of a URL. */
export interface TestRenderer {
  readonly renderer: Renderer;
  readonly events: readonly TelemetryEvent[];
  /** Draws what the text of a transformation says, as for a client that accepts that. */
  draw(original: Uint8Array, text: string, options?: DrawOptions): Promise<Rendered>;
  /** Whether processes that start from now on are as one deep inside a decoder before they get their first job. */
  hang(whether: boolean): void;
  /** Resolves with the next report of that kind, or with one that came already. */
  seen(event: ProcessEvent['event'], count?: number): Promise<ProcessEvent>;
}

export interface DrawOptions {
  readonly accept?: string;
  readonly signal?: AbortSignal;
  readonly fingerprint?: string;
  /** Whose turn it is. */
  readonly claim?: Claim;
  /** Anybody may have the original as it is, unless this says otherwise. */
  readonly isOpen?: boolean;
  /** Pictures that layers show, by id. */
  readonly layers?: ReadonlyMap<string, Uint8Array>;
}

/** Starts a renderer with small limits; whoever starts one closes it. */
export function startRenderer(options: Partial<RendererOptions> = {}): TestRenderer {
  const events: TelemetryEvent[] = [];
  const listeners = new Set<() => void>();
  let hangs = false;
  const renderer = createRenderer({
    processes: 1,
    timeoutMs: 15_000,
    maxInputPixels: 50_000_000,
    maxOutputSide: 8_192,
    maxOutputPixels: 40_000_000,
    maxMemoryBytes: 2 * 1024 ** 3,
    maxRendersPerProcess: 1_000,
    maxProcessRssBytes: 1024 ** 3,
    poisonTtlMs: 600_000,
    // Built, as in production: from source each start would compile it anew.
    processArguments: builtArguments(),
    telemetry: {
      report(event) {
        events.push(event);
        if (hangs && event.type === 'render-process' && event.event === 'started' && event.pid !== undefined) {
          process.kill(event.pid, 'SIGSTOP');
        }
        for (const listener of listeners) listener();
      },
    },
    ...options,
  });
  return {
    renderer,
    events,
    draw: (
      original,
      text,
      {
        accept,
        layers,
        claim,
        signal = new AbortController().signal,
        fingerprint = fingerprintOf(original),
        isOpen = true,
      } = {},
    ) =>
      renderer.render({ original, isOpen, ...(layers && { layers }) }, transformOf(text, accept), {
        signal,
        fingerprint,
        claim,
      }),
    hang(whether) {
      hangs = whether;
    },
    seen: (event, count = 1) =>
      new Promise((resolve) => {
        const look = () => {
          const found = events.filter(
            (one): one is ProcessEvent => one.type === 'render-process' && one.event === event,
          );
          const wanted = found[count - 1];
          if (wanted === undefined) return;
          listeners.delete(look);
          resolve(wanted);
        };
        listeners.add(look);
        look();
      }),
  };
}

/** Of the built program. */
export function builtArguments(): ProcessArguments {
  return processArguments(pathToFileURL(join(builtProgram(), 'cli.js')).href);
}

/** As of an original's version: other bytes, another name. */
function fingerprintOf(original: Uint8Array): string {
  return createHash('sha256').update(original).digest('hex');
}

/** Reads a transformation in the words of a URL; without a format the stored one is kept. */
export function transformOf(text: string, accept?: string): ResolvedTransform {
  const parsed = parseTransformation(text, defaultGrammarOptions);
  return negotiate(parsed, { accept, foveaAccept: undefined }).transform;
}
