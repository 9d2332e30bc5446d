import {
  endOfImage,
  firstMarker,
  isRestart,
  lastMarker,
  nextMarker,
  startOfScan,
} from '../../../containers/jpeg-markers.ts';
import { isSrgbProfile } from './profile.ts';

/** Frames that browsers draw (baseline, extended, progressive), tables and restarts. */
const pixelSegments: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2, 0xc4, 0xdb, 0xdd]);
const profileSignature = 'ICC_PROFILE\0';

/** Segments of applications, and comments. */
function saysNothingOfPixels(code: number): boolean {
  return (code >= 0xe0 && code <= 0xef) || code === 0xfe;
}

/** A JPEG's pixels as they are coded, and how their numbers are to be read. */
export function bareJpeg(bytes: Buffer): Buffer | undefined {
  const pieces: Buffer[] = [firstMarker];
  for (let at = 2; ; ) {
    const { at: from, code, after } = nextMarker(bytes, at);
    if (from !== at || code === undefined) return undefined;
    if (code === endOfImage) return Buffer.concat([...pieces, lastMarker]);
    const end = after + bytes.readUInt16BE(after);
    const segment = bytes.subarray(after - 2, end);
    at = code === startOfScan ? afterScan(bytes, end) : end;
    if (code === startOfScan) pieces.push(bytes.subarray(after - 2, at));
    else if (pixelSegments.has(code)) pieces.push(segment);
    else if (!saysNothingOfPixels(code) || isOtherProfile(code, segment)) return undefined;
    else pieces.push(...headOf(code, segment));
  }
}

/** Coded data go on over stuffing and restarts. */
function afterScan(bytes: Buffer, from: number): number {
  for (let at = from; ; ) {
    const marker = nextMarker(bytes, at);
    if (marker.code === undefined || !isRestart(marker.code)) return marker.at;
    at = marker.after;
  }
}

/** Of JFIF all but its preview, and Adobe's word about the colours. */
function headOf(code: number, segment: Buffer): readonly Buffer[] {
  const name = segment.toString('latin1', 4, 9);
  if (code === 0xee && name === 'Adobe' && segment.length === 16) return [segment];
  if (code !== 0xe0 || name !== 'JFIF\0' || segment.length < 18) return [];
  const plain = Buffer.from(segment.subarray(0, 18));
  plain.writeUInt16BE(16, 2);
  plain.fill(0, 16);
  return [plain];
}

/** One in several segments is larger than any that says sRGB. */
function isOtherProfile(code: number, segment: Buffer): boolean {
  const at = 4 + profileSignature.length;
  if (code !== 0xe2 || segment.toString('latin1', 4, at) !== profileSignature) return false;
  return segment.readUInt8(at + 1) !== 1 || !isSrgbProfile(segment.subarray(at + 2));
}
