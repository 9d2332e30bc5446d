import { Readable } from 'node:stream';
import { unlessAborted } from '../../src/deadline.ts';
import { Failure } from '../../src/failure.ts';
import type { ObjectStore, StoredObject } from '../../src/storage/index.ts';

export const storeOperations = ['head', 'get', 'put', 'delete', 'list'] as const;

export type StoreOperation = (typeof storeOperations)[number] | 'probe';

/** What goes wrong with a call; the last four concern the body that `get` answers. */
export type StoreFault =
  | { readonly kind: 'upstream' | 'overloaded' | 'timeout' }
  /** Waits for the gate, then goes on as usual. */
  | { readonly kind: 'delayed'; readonly gate: Promise<unknown> }
  /** Never answers; only the caller's signal ends the wait. */
  | { readonly kind: 'silent' }
  /** Does its work in the store, then fails: an answer lost on the way. */
  | { readonly kind: 'lost-answer' }
  | { readonly kind: 'reset-after'; readonly bytes: number }
  /** Ends after so many bytes as if that were all: what a careless store would do. */
  | { readonly kind: 'short-body'; readonly bytes: number }
  /** Sends so many bytes, then nothing until the gate opens. */
  | { readonly kind: 'stalled-after'; readonly bytes: number; readonly gate: Promise<unknown> };

export interface StoreCall {
  readonly operation: StoreOperation;
  /** The key; for `list` the prefix; for `delete` one call per key. */
  readonly key: string;
}

export interface FaultyStore extends ObjectStore {
  /** From now on calls that match fail so, until `heal`; the latest matching rule wins. */
  fail(operation: StoreOperation | 'all', fault: StoreFault, matches?: (key: string) => boolean): void;
  /** As `fail`, for the next matching call only. */
  failOnce(operation: StoreOperation, fault: StoreFault, matches?: (key: string) => boolean): void;
  heal(): void;
  /** Every call so far, in order, failed ones too. */
  readonly calls: readonly StoreCall[];
  count(operation: StoreOperation, key?: string): number;
  forgetCalls(): void;
}

interface Rule {
  readonly operation: StoreOperation | 'all';
  readonly fault: StoreFault;
  readonly matches: (key: string) => boolean;
  readonly once: boolean;
}

/** A store whose calls are counted and can be made to fail on command, operation by operation and key by key. */
export function createFaultyStore(store: ObjectStore): FaultyStore {
  const calls: StoreCall[] = [];
  let rules: readonly Rule[] = [];

  function enter(operation: StoreOperation, keys: readonly string[]): StoreFault | undefined {
    calls.push(...keys.map((key) => ({ operation, key })));
    const rule = rules.findLast(
      (candidate) =>
        (candidate.operation === 'all' || candidate.operation === operation) && keys.some(candidate.matches),
    );
    if (rule?.once) rules = rules.filter((other) => other !== rule);
    return rule?.fault;
  }

  function run<Result>(
    call: { operation: StoreOperation; keys: readonly string[]; signal: AbortSignal | undefined },
    work: () => Promise<Result>,
    spoil: (result: Result, fault: StoreFault) => Result = (result) => result,
  ): Promise<Result> {
    const fault = enter(call.operation, call.keys);
    return fault ? faulted(fault, call.signal, async () => spoil(await work(), fault)) : work();
  }

  return {
    listsAtOnce: store.listsAtOnce,
    createsOnce: store.createsOnce,
    probe: (options = {}) =>
      run({ operation: 'probe', keys: ['-'], signal: options.signal }, () => store.probe(options)),
    head: (key, options = {}) =>
      run({ operation: 'head', keys: [key], signal: options.signal }, () => store.head(key, options)),
    get: (key, options = {}) =>
      run({ operation: 'get', keys: [key], signal: options.signal }, () => store.get(key, options), spoilBody),
    put: (key, body, options = {}) =>
      run({ operation: 'put', keys: [key], signal: options.signal }, () => store.put(key, body, options)),
    delete: (keys, options = {}) =>
      run({ operation: 'delete', keys, signal: options.signal }, () => store.delete(keys, options)),
    deleteUnchanged: (seen, options = {}) =>
      run({ operation: 'delete', keys: seen.map(({ key }) => key), signal: options.signal }, () =>
        store.deleteUnchanged(seen, options),
      ),
    conditions: (options = {}) => store.conditions(options),
    async *list(prefix, options = {}) {
      await run({ operation: 'list', keys: [prefix], signal: options.signal }, async () => undefined);
      yield* store.list(prefix, options);
    },
    fail: (operation, fault, matches = () => true) => {
      rules = [...rules, { operation, fault, matches, once: false }];
    },
    failOnce: (operation, fault, matches = () => true) => {
      rules = [...rules, { operation, fault, matches, once: true }];
    },
    heal: () => {
      rules = [];
    },
    calls,
    count: (operation, key) =>
      calls.filter((call) => call.operation === operation && (key === undefined || call.key === key)).length,
    forgetCalls: () => {
      calls.length = 0;
    },
  };
}

async function faulted<Result>(
  fault: StoreFault,
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  switch (fault.kind) {
    case 'upstream':
    case 'overloaded':
    case 'timeout':
      throw new Failure(fault.kind, `The store fails on command: ${fault.kind}.`);
    case 'delayed':
      await unlessAborted(fault.gate, signal);
      return work();
    case 'silent':
      return unlessAborted(new Promise<never>(() => undefined), signal);
    case 'lost-answer':
      await work();
      throw new Failure('upstream', 'The store did it, and lost the answer on command.');
    default:
      return work();
  }
}

function spoilBody(object: StoredObject | undefined, fault: StoreFault): StoredObject | undefined {
  if (!object || !('bytes' in fault)) return object;
  const { body } = object;
  const chunks = spoiledChunks(body, fault);
  // Not Readable.from: that would wait for the gate before it lets itself be destroyed.
  const spoiled = new Readable({
    read() {
      chunks.next().then(
        ({ value }) => spoiled.push(value ?? null),
        (error: Error) => spoiled.destroy(error),
      );
    },
    destroy(error, done) {
      body.destroy();
      done(error);
    },
  });
  return { ...object, body: spoiled.on('error', () => undefined) };
}

async function* spoiledChunks(
  body: Readable,
  fault: Extract<StoreFault, { readonly bytes: number }>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = fault.bytes;
  for await (const chunk of body) {
    const bytes: Uint8Array = chunk;
    if (bytes.byteLength <= left) {
      left -= bytes.byteLength;
      yield bytes;
      continue;
    }
    yield bytes.subarray(0, left);
    if (fault.kind === 'short-body') return;
    if (fault.kind === 'reset-after') throw new Failure('upstream', 'The store broke the connection on command.');
    await fault.gate;
    yield bytes.subarray(left);
    left = Number.POSITIVE_INFINITY;
  }
}
