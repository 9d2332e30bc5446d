/** Chunks with pixels; the others may be missing. */
const pictures: ReadonlySet<string> = new Set(['VP8 ', 'VP8L', 'ALPH', 'ANMF']);
const kept: ReadonlySet<string> = new Set([...pictures, 'VP8X', 'ICCP', 'ANIM']);
const known: ReadonlySet<string> = new Set([...kept, 'EXIF', 'XMP ']);

const animationFlag = 0x02;
/** Of the flags of VP8X those for what is kept: a profile, alpha, an animation. */
const keptFlags = 0x32;

/** A writer that does not know the length yet. */
const unknownLength = 0xffff_ffff;

/** How far a length may be off because its writer counted the head, or a byte of padding, or did not. */
const miscounted = 8;

/** Real files have as many chunks as frames and a few more; the inspector counts them before. */
const mostChunks = 20_000;

/**
 * A WebP whose lengths are those of what is there, without what has nothing to do with pixels. Undefined where pixels are
 * cut off, or frames seem to be.
 */
export function mendWebp(bytes: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  let isAnimated = false;
  let isWhole = declaredLength(bytes) <= bytes.length + miscounted;
  let at = 12;
  while (at + 8 <= bytes.length && chunks.length < mostChunks) {
    const type = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const end = at + 8 + length;
    if (end > bytes.length) {
      if (!known.has(type) || pictures.has(type)) return undefined;
      // Metadata come last: all pictures were there before.
      isWhole = true;
      break;
    }
    if (kept.has(type)) chunks.push(padded(bytes.subarray(at, end)));
    if (type === 'VP8X') isAnimated = (bytes.readUInt8(at + 8) & animationFlag) !== 0;
    if (!isAnimated && (type === 'VP8 ' || type === 'VP8L')) return written(chunks);
    at = end + (length % 2 === 1 && !startsUnpadded(bytes, end) ? 1 : 0);
  }
  return isAnimated && isWhole ? written(chunks) : undefined;
}

function declaredLength(bytes: Buffer): number {
  const length = bytes.readUInt32LE(4);
  return length === unknownLength ? 0 : length + 8;
}

/** Some writers forget the byte that fills an odd chunk up. */
function startsUnpadded(bytes: Buffer, at: number): boolean {
  return known.has(bytes.toString('latin1', at, at + 4));
}

function padded(chunk: Buffer): Buffer {
  return chunk.length % 2 === 0 ? chunk : Buffer.concat([chunk, Buffer.alloc(1)]);
}

function written(chunks: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...chunks]);
  // VP8X comes first wherever it is.
  if (body.toString('latin1', 4, 8) === 'VP8X') body.writeUInt8(body.readUInt8(12) & keptFlags, 12);
  const head = Buffer.from('RIFF\0\0\0\0', 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}
