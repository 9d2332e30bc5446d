import { crc32, inflateSync } from 'node:zlib';
import type { Facts } from '../../../containers/facts.ts';
import { signatureBytes } from '../../../containers/png-chunk.ts';
import { isSrgbProfile } from './profile.ts';

const mostProfileBytes = 1024 * 1024;

const kept: ReadonlySet<string> = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'acTL', 'fcTL', 'fdAT', 'IEND']);

/** A PNG's pixels as they are packed, those of an animation's frames too. What says that they are sRGB may go. */
export function barePng(bytes: Buffer, { encoding }: Facts): Buffer | undefined {
  const pieces = [bytes.subarray(0, signatureBytes)];
  for (let at = signatureBytes; ; ) {
    const end = at + 12 + bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (kept.has(type)) {
      // The decoder has seen no frame but the first.
      if (crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4)) return undefined;
      pieces.push(bytes.subarray(at, end));
    } else if (isNeeded(type) || (type === 'iCCP' && encoding !== 'srgb' && !isSrgb(bytes.subarray(at + 8, end - 4)))) {
      return undefined;
    }
    if (type === 'IEND') return Buffer.concat(pieces);
    at = end;
  }
}

/** A chunk without which the picture cannot be read (PNG 3, 5.4): it has a capital. */
function isNeeded(type: string): boolean {
  return /^[^a-z]/.test(type);
}

function isSrgb(chunk: Buffer): boolean {
  const packed = chunk.subarray(chunk.indexOf(0) + 2);
  try {
    return isSrgbProfile(inflateSync(packed, { maxOutputLength: mostProfileBytes }));
  } catch {
    // What cannot be read is no profile to any program, but may be taken for one.
    return false;
  }
}
