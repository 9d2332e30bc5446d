/** Bytes that are in memory because responses with them are under way, or are about to be. */
export interface Sending {
  /** Room for so many bytes that are about to be read, until what is returned is called. Undefined: there is none. */
  reserve(bytes: number): (() => void) | undefined;
  /** The same for a client's response with this body. What several responses share counts once, as the first one's. */
  hold(body: Uint8Array, client: () => string): (() => void) | undefined;
  /** False for a body that is sent without being counted: small ones go to the kernel whole. */
  counts(body: Uint8Array): boolean;
  /** How many there are. */
  bytes(): number;
}

/** Smaller bodies go to the kernel whole, whoever reads them: a connection's buffers take as much at least. */
const smallBytes = 64 * 1024;

interface Held {
  readonly client: string;
  readonly bytes: number;
  responses: number;
}

interface SendingState {
  readonly maxBytes: number;
  readonly bodies: Map<Uint8Array, Held>;
  readonly byClient: Map<string, number>;
  /** Bytes of all of them together, and of what is reserved. */
  bytes: number;
}

/**
 * Clients that read slowly hold no more than that, however many they are; one of them has a quarter of it at most once half
 * is used. What is larger is sent from memory alone.
 */
export function createSending(maxBytes: number): Sending {
  const state: SendingState = { maxBytes, bodies: new Map(), byClient: new Map(), bytes: 0 };
  return {
    reserve: (bytes) => reserve(state, bytes),
    hold: (body, client) => hold(state, body, client),
    counts,
    bytes: () => state.bytes,
  };
}

function reserve(state: SendingState, bytes: number): (() => void) | undefined {
  if (bytes > smallBytes && !fits(state, bytes)) return undefined;
  state.bytes += bytes;
  return once(() => {
    state.bytes -= bytes;
  });
}

function counts(body: Uint8Array): boolean {
  return body.byteLength > smallBytes;
}

function hold(state: SendingState, body: Uint8Array, client: () => string): (() => void) | undefined {
  if (!counts(body)) return nothing;
  const held = state.bodies.get(body) ?? admit(state, body, client());
  if (held === undefined) return undefined;
  held.responses += 1;
  return once(() => letGo(state, body, held));
}

/** Undefined when there is no room for it, or the client has its part. */
function admit(state: SendingState, body: Uint8Array, client: string): Held | undefined {
  const bytes = body.byteLength;
  if (!fits(state, bytes) || !mayHave(state, client, bytes)) return undefined;
  const held: Held = { client, bytes, responses: 0 };
  state.bodies.set(body, held);
  add(state, client, bytes);
  return held;
}

function fits({ bytes: sum, maxBytes }: SendingState, bytes: number): boolean {
  return sum === 0 || sum + bytes <= maxBytes;
}

function mayHave({ bytes: sum, maxBytes, byClient }: SendingState, client: string, bytes: number): boolean {
  const own = byClient.get(client) ?? 0;
  return own === 0 || sum + bytes <= maxBytes / 2 || own + bytes <= maxBytes / 4;
}

function add(state: SendingState, client: string, bytes: number): void {
  state.bytes += bytes;
  const own = (state.byClient.get(client) ?? 0) + bytes;
  if (own === 0) state.byClient.delete(client);
  else state.byClient.set(client, own);
}

function letGo(state: SendingState, body: Uint8Array, held: Held): void {
  held.responses -= 1;
  if (held.responses > 0) return;
  state.bodies.delete(body);
  add(state, held.client, -held.bytes);
}

const nothing = () => undefined;

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}
