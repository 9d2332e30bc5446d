/** How work is spread over time. */
export interface Pace {
  /** Monotonic milliseconds. */
  now(): number;
  /** Resolves after so long, or when the signal fires. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

/** Of the time that goes by, so much is worked. */
const share = 0.01;

/** Hands on what comes, some at a time, and rests after each until the work is a hundredth of the time. */
export async function* paced<Item>(
  items: AsyncIterable<Item>,
  { now, pause }: Pace,
  { atOnce, signal }: { readonly atOnce: number; readonly signal: AbortSignal },
): AsyncGenerator<readonly Item[], void, undefined> {
  let began = now();
  let some: Item[] = [];
  for await (const item of items) {
    some.push(item);
    if (some.length < atOnce) continue;
    yield some;
    some = [];
    await pause((now() - began) * (1 / share - 1), signal);
    if (signal.aborted) return;
    began = now();
  }
  if (some.length > 0) yield some;
}
