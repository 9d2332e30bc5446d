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

/** What has been received of a frame that is not finished. */
interface PartialFrame {
  chunks: Buffer[];
  bytes: number;
  /** Known once its prefix is there. */
  lengths: FrameLengths | undefined;
}

/**
 * Puts chunks of a stream together to frames: each frame's bytes are copied once. The function takes the next chunk and
 * returns the frames that it has finished; it throws when the stream is none of ours.
 */
export function createFrameReader(maxPayloadBytes: number): (chunk: Buffer) => readonly Frame[] {
  const received: PartialFrame = { chunks: [], bytes: 0, lengths: undefined };
  return (chunk) => {
    received.chunks.push(chunk);
    received.bytes += chunk.length;
    return finished(received, maxPayloadBytes);
  };
}

function finished(received: PartialFrame, maxPayloadBytes: number): readonly Frame[] {
  const frames: Frame[] = [];
  for (;;) {
    received.lengths ??= nextLengths(received, maxPayloadBytes);
    if (received.lengths === undefined) return frames;
    const { headerBytes, payloadBytes } = received.lengths;
    const body = gather(received, headerBytes + payloadBytes);
    if (body === undefined) return frames;
    received.lengths = undefined;
    frames.push({ header: JSON.parse(body.toString('utf8', 0, headerBytes)), payload: body.subarray(headerBytes) });
  }
}

function nextLengths(received: PartialFrame, maxPayloadBytes: number): FrameLengths | undefined {
  const prefix = gather(received, prefixBytes);
  if (prefix === undefined) return undefined;
  const lengths = frameLengths(prefix);
  if (lengths.payloadBytes > maxPayloadBytes) throw new Error('A frame is longer than any picture may be.');
  return lengths;
}

/** Takes so many bytes out of what was received; undefined while they are not all there. */
function gather(received: PartialFrame, bytes: number): Buffer | undefined {
  if (received.bytes < bytes) return undefined;
  const [first] = received.chunks;
  const all = received.chunks.length === 1 && first !== undefined ? first : Buffer.concat(received.chunks);
  const rest = all.subarray(bytes);
  received.chunks = rest.length === 0 ? [] : [rest];
  received.bytes = rest.length;
  return all.subarray(0, bytes);
}
