/**
 * A message between this process and a render process: `header bytes` and `payload bytes` as unsigned 32-bit big-endian
 * numbers, the header as JSON, the payload as it is. Pictures are never copied into the header.
 */
export const prefixBytes = 8;

/** A header is a job or an answer, never a picture: a longer one is a broken stream. */
const maxHeaderBytes = 1024 * 1024;

export interface FrameLengths {
  readonly headerBytes: number;
  readonly payloadBytes: number;
}

/** The beginning of a frame; the payload's chunks are written after it, as they are. */
export function frameHead(header: unknown, payloadBytes: number): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.allocUnsafe(prefixBytes);
  prefix.writeUInt32BE(json.length, 0);
  prefix.writeUInt32BE(payloadBytes, 4);
  return Buffer.concat([prefix, json]);
}

/** Reads a frame's prefix; throws when it cannot be one. */
export function frameLengths(prefix: Buffer): FrameLengths {
  const headerBytes = prefix.readUInt32BE(0);
  if (headerBytes > maxHeaderBytes)
    throw new Error(`A frame's header is at most ${maxHeaderBytes} bytes, not ${headerBytes}.`);
  return { headerBytes, payloadBytes: prefix.readUInt32BE(4) };
}

/** A finished frame. */
export interface Frame {
  readonly header: unknown;
  readonly payload: Buffer;
}

/** Puts chunks of a stream together to frames: each frame's bytes are copied once. */
export function createFrameReader(maxPayloadBytes: number, onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let received = 0;
  let lengths: FrameLengths | undefined;

  function gather(bytes: number): Buffer | undefined {
    if (received < bytes) return undefined;
    const all = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
    const rest = all.subarray(bytes);
    chunks = rest.length === 0 ? [] : [rest];
    received = rest.length;
    return all.subarray(0, bytes);
  }

  return (chunk) => {
    chunks.push(chunk);
    received += chunk.length;
    for (;;) {
      if (lengths === undefined) {
        const prefix = gather(prefixBytes);
        if (prefix === undefined) return;
        lengths = frameLengths(prefix);
        if (lengths.payloadBytes > maxPayloadBytes) throw new Error('A frame is longer than any picture may be.');
      }
      const body = gather(lengths.headerBytes + lengths.payloadBytes);
      if (body === undefined) return;
      const { headerBytes } = lengths;
      lengths = undefined;
      onFrame({ header: JSON.parse(body.toString('utf8', 0, headerBytes)), payload: body.subarray(headerBytes) });
    }
  };
}
