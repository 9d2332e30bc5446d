/** What was read of a body of which no more than so many bytes are taken. */
export interface BoundedRead {
  /** Without the chunk that went past the limit, or past the announced length. */
  readonly bytes: Buffer;
  /** Bytes that came. More than the limit: the body was longer, and was left there. */
  readonly seen: number;
}

/**
 * Reads a body into memory, up to `maxBytes`, whatever it announces; what a longer or shorter body means is its reader's
 * to say. With `announced` the bytes go where they belong as they come: to join them at the end would hold the thread
 * for tens of milliseconds, in which the memory is first touched, and take it twice.
 */
export async function readAtMost(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
  announced?: number,
): Promise<BoundedRead> {
  const whole = announced === undefined ? undefined : Buffer.allocUnsafeSlow(Math.min(announced, maxBytes));
  const chunks: Uint8Array[] = [];
  let seen = 0;
  for await (const chunk of body) {
    const at = seen;
    seen += chunk.byteLength;
    if (seen > maxBytes) break;
    if (whole === undefined) chunks.push(chunk);
    else if (seen <= whole.byteLength) whole.set(chunk, at);
  }
  return { bytes: whole ?? Buffer.concat(chunks), seen };
}
