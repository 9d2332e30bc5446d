import { Failure } from '../failure.ts';
import type { Renderer } from '../image/index.ts';
import type { ObjectStore } from '../storage/index.ts';
import type { StoresCheck } from './stores-check.ts';

/** Readiness is asked for by every load balancer there is: two test renders a second are enough, and red is told within two seconds. */
const readyTtlMs = 500;
const readyTimeoutMs = 1500;

export interface Readiness {
  /** Resolves when a tiny real render works, the store of originals answers, and what the start found missing is there; rejects with the reason why not. */
  check(): Promise<void>;
  /** From now on the answer is no. */
  drain(): void;
}

export interface ReadinessParts {
  readonly renderer: Pick<Renderer, 'probe'>;
  readonly originalsStore: Pick<ObjectStore, 'head'>;
  readonly stores: Pick<StoresCheck, 'repeat'>;
}

interface ReadinessState extends ReadinessParts {
  isDraining: boolean;
  last: { readonly at: number; readonly result: Promise<void> } | undefined;
}

export function createReadiness(parts: ReadinessParts): Readiness {
  const state: ReadinessState = { ...parts, isDraining: false, last: undefined };
  return {
    check: () => checkReadiness(state),
    drain() {
      state.isDraining = true;
    },
  };
}

async function checkReadiness(state: ReadinessState): Promise<void> {
  if (state.isDraining) throw new Failure('overloaded', 'The service is going away.');
  if (state.last === undefined || performance.now() - state.last.at > readyTtlMs) {
    state.last = { at: performance.now(), result: tryAll(state) };
  }
  await state.last.result;
}

async function tryAll({ renderer, originalsStore, stores }: ReadinessParts): Promise<void> {
  const signal = AbortSignal.timeout(readyTimeoutMs);
  await Promise.all([
    renderer.probe(signal),
    stores.repeat(signal),
    originalsStore.head('-', { signal, hereOnly: true }),
  ]);
}
