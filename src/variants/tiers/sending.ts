/** Bytes that are in memory because answers with them are under way, or are about to be. */
export interface Sending {
  /** Room for so many bytes that are about to be read, until what is returned is called. Undefined: there is none. */
  reserve(bytes: number): (() => void) | undefined;
  /** The same for an answer of a client with this body. What several answers share counts once, as the first one's. */
  hold(body: Uint8Array, client: () => string): (() => void) | undefined;
  /** How many there are. */
  bytes(): number;
}

/** Smaller bodies go to the kernel whole, whoever reads them: a connection's buffers take as much at least. */
const smallBytes = 64 * 1024;

interface Held {
  readonly client: string;
  readonly bytes: number;
  answers: number;
}

/**
 * Clients that read slowly hold no more than that, however many they are; one of them has a quarter of it at most once half
 * is used. What is larger is sent from memory alone.
 */
export function createSending(maxBytes: number): Sending {
  const bodies = new Map<Uint8Array, Held>();
  const byClient = new Map<string, number>();
  let sum = 0;

  const fits = (bytes: number) => sum === 0 || sum + bytes <= maxBytes;

  function mayHave(client: string, bytes: number): boolean {
    const own = byClient.get(client) ?? 0;
    return own === 0 || sum + bytes <= maxBytes / 2 || own + bytes <= maxBytes / 4;
  }

  function count(client: string, bytes: number): void {
    sum += bytes;
    const own = (byClient.get(client) ?? 0) + bytes;
    if (own === 0) byClient.delete(client);
    else byClient.set(client, own);
  }

  function letGo(body: Uint8Array, held: Held): void {
    held.answers -= 1;
    if (held.answers > 0) return;
    bodies.delete(body);
    count(held.client, -held.bytes);
  }

  return {
    reserve(bytes) {
      if (bytes > smallBytes && !fits(bytes)) return undefined;
      sum += bytes;
      return once(() => {
        sum -= bytes;
      });
    },
    hold(body, client) {
      const bytes = body.byteLength;
      if (bytes <= smallBytes) return () => undefined;
      let held = bodies.get(body);
      if (held === undefined) {
        const name = client();
        if (!fits(bytes) || !mayHave(name, bytes)) return undefined;
        held = { client: name, bytes, answers: 0 };
        bodies.set(body, held);
        count(name, bytes);
      }
      held.answers += 1;
      const one = held;
      return once(() => letGo(body, one));
    },
    bytes: () => sum,
  };
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}
