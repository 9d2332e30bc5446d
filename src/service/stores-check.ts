import { randomUUID } from 'node:crypto';
import { withDeadline } from '../deadline.ts';
import { Failure, isFailure } from '../failure.ts';
import { stagingPrefix } from '../grammar/index.ts';
import { type ObjectStore, remedyOf } from '../storage/index.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Foundations } from './foundations.ts';

/** All retries of a store that is not there have failed by then. */
const firstCheckMs = 10_000;

/** Whether the stores that the configuration names are there, and the one of variants takes what is made. */
export interface StoresCheck {
  /** At start. Resolves to what is wrong, in words for the log with what to do; never rejects. */
  first(): Promise<string | undefined>;
  /** Until it has worked once since a first check that failed: rejects with the reason. */
  repeat(signal: AbortSignal): Promise<void>;
}

interface StoresCheckParts extends Pick<Foundations, 'originalsStore' | 'variantsStore'> {
  readonly telemetry: Telemetry;
}

interface CheckedStores extends StoresCheckParts {
  hasFailed: boolean;
}

export function createStoresCheck(parts: StoresCheckParts): StoresCheck {
  const stores: CheckedStores = { ...parts, hasFailed: false };
  return {
    first: () => checkFirst(stores),
    repeat: (signal) => checkAgain(stores, signal),
  };
}

async function checkFirst(stores: CheckedStores): Promise<string | undefined> {
  try {
    await withDeadline({ ms: firstCheckMs }, ({ signal }) => checkAll(stores, signal));
    return undefined;
  } catch (error) {
    stores.hasFailed = true;
    return inWords(error);
  }
}

async function checkAgain(stores: CheckedStores, signal: AbortSignal): Promise<void> {
  if (!stores.hasFailed) return;
  await withDeadline({ ms: firstCheckMs, signal }, (deadline) => checkAll(stores, deadline.signal));
  if (stores.hasFailed) stores.telemetry.report({ type: 'lifecycle', message: 'the stores are there now' });
  stores.hasFailed = false;
}

async function checkAll({ originalsStore, variantsStore }: StoresCheckParts, signal: AbortSignal): Promise<void> {
  await named('originals', originalsStore.probe({ signal }));
  if (variantsStore !== undefined) await named('variants', tryPut(variantsStore, signal));
}

/** Under a key that no URL can name; the sweep takes what stays. */
async function tryPut(store: ObjectStore, signal: AbortSignal): Promise<void> {
  const key = `${stagingPrefix}start-${randomUUID()}`;
  await store.put(key, Buffer.from('start'), { signal });
  await store.delete([key], { signal });
}

async function named(role: string, check: Promise<void>): Promise<void> {
  try {
    await check;
  } catch (error) {
    if (!isFailure(error)) throw error;
    throw new Failure(error.kind, `The store of ${role} cannot be used: ${error.message}`, { cause: error.cause });
  }
}

function inWords(error: unknown): string {
  if (!isFailure(error)) return String(error);
  const reason = error.cause instanceof Error ? ` ${error.cause.message}` : '';
  const remedy = remedyOf(error);
  return `${error.message}${reason}${remedy === undefined ? '' : `; to do: ${remedy}`}`;
}
