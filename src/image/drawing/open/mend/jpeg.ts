import {
  endOfImage,
  firstMarker,
  isRestart,
  lastMarker,
  nextMarker,
  standsAlone,
  startOfScan,
} from '../../../containers/jpeg-markers.ts';
import { BrokenBits } from './jpeg-bits.ts';
import { type JpegFrame, readJpegFrame, readScan, readTables, type Tables } from './jpeg-frame.ts';
import type { ScanHeader } from './jpeg-scan.ts';
import { walkScan } from './jpeg-walk.ts';

export type Thoroughness = 'quick' | 'thorough';

/** What is known by the time a marker is reached. */
interface JpegState {
  readonly bytes: Buffer;
  readonly thoroughness: Thoroughness;
  readonly pieces: Buffer[];
  readonly tables: Tables;
  frame: JpegFrame | undefined;
  /** Channels of the frame, of whatever kind that is. */
  channels: number;
  /** Units between restart markers; 0 for none. */
  restart: number;
  adobe: Buffer | undefined;
  /** By channel: the lowest bit that has come of each coefficient. */
  readonly sent: Map<number, Uint8Array>;
}

/**
 * A JPEG in which the decoder finds nothing to warn of but what is wrong with the pixels: bytes between segments and
 * behind coded data are left out, parameters that have one meaning only are set to it, and the end is marked. Undefined
 * where pixels are missing. Whether those that are there are sound is for the decoder to say, but for the last lines, of
 * which libvips asks it no more: where no marker comes behind the coded data, and so the file may have been cut anywhere,
 * and where strays may lie behind them, only `thorough` will do, which reads their codes and takes as long as decoding.
 *
 * A file that the decoder does not refuse never comes here, so one damaged in its last lines only, and with an end, is taken
 * for sound. libvips looks for warnings before each strip that it reads and not behind the last: that hides the last 8 or 16
 * lines of a baseline JPEG in 4:4:4, and as many times more as it is shrunk while it is read (measured: some 70 at an eighth).
 * In 4:2:0 libjpeg is a row ahead, but for a quarter and an eighth; of a progressive JPEG all is read before the first line.
 * To tell such files, all codes would have to be read, most of what decoding costs, for every sound JPEG too; and the decoder
 * cannot be made to go on by a header that says more lines, since those would be missing in sound files as well.
 */
export function mendJpeg(bytes: Buffer, thoroughness: Thoroughness): Buffer | undefined {
  const state: JpegState = {
    bytes,
    thoroughness,
    pieces: [firstMarker],
    tables: new Map(),
    frame: undefined,
    channels: 0,
    restart: 0,
    adobe: undefined,
    sent: new Map(),
  };
  try {
    takeAll(state);
  } catch (error) {
    // A read past the end of the file, or codes that are none.
    if (error instanceof RangeError || error instanceof BrokenBits) return undefined;
    throw error;
  }
  if (state.adobe !== undefined) mendAdobe(state.adobe, state.channels);
  return Buffer.concat([...state.pieces, lastMarker]);
}

function takeAll(state: JpegState): void {
  const { bytes } = state;
  for (let at = 2; ; ) {
    const { code, after } = nextMarker(bytes, at);
    if (code === undefined || code === endOfImage) {
      checkAllSent(state);
      return;
    }
    at = after;
    // They mean nothing here.
    if (standsAlone(code)) continue;
    const end = after + bytes.readUInt16BE(after);
    if (end > bytes.length) throw new BrokenBits();
    const segment = Buffer.from(bytes.subarray(after + 2, end));
    at = end;
    if (code === startOfScan) {
      const next = takeScan(state, end, segment);
      if (next === undefined) return;
      at = next;
    } else {
      takeSegment(code, segment, state);
    }
  }
}

function takeSegment(code: number, segment: Buffer, state: JpegState): void {
  if (code === 0xc4) readTables(segment, state.tables);
  else if (code === 0xdd) state.restart = segment.readUInt16BE(0);
  else if (code >= 0xc0 && code <= 0xcf && code !== 0xc8 && code !== 0xcc) {
    if (state.channels > 0) throw new BrokenBits();
    state.channels = segment.readUInt8(5);
    state.frame = readJpegFrame(code, segment);
  } else if (code === 0xe0 && segment.length >= 14 && segment.toString('latin1', 0, 5) === 'JFIF\0') {
    // Its major version; nothing but 1 was ever published.
    segment[5] = 1;
  } else if (code === 0xee && segment.length >= 12 && segment.toString('latin1', 0, 5) === 'Adobe') {
    state.adobe = segment;
  }
  addSegment(state, code, segment);
}

function addSegment({ pieces }: JpegState, code: number, segment: Buffer): void {
  const head = Buffer.from([0xff, code, 0, 0]);
  head.writeUInt16BE(segment.length + 2, 2);
  pieces.push(head, segment);
}

/** An unknown transform of colours is taken for the usual one, as by all decoders: YCbCr, and YCCK of four channels. */
function mendAdobe(segment: Buffer, channels: number): void {
  const usual = channels === 4 ? 2 : 1;
  if (segment[11] !== 0) segment[11] = usual;
}

/** Takes a scan and its coded data; where to go on, or undefined where no more pixels can come. */
function takeScan(state: JpegState, start: number, segment: Buffer): number | undefined {
  const { frame, channels } = state;
  const count = segment.readUInt8(0);
  if (frame !== undefined && !frame.isProgressive) segment.set([0, 63, 0], 1 + count * 2);
  addSegment(state, startOfScan, segment);
  const end = frame === undefined ? takeUnread(state, start) : takeRead(state, start, { segment, frame });
  // The decoder stops where the last pixel is, and looks at nothing behind it.
  const isOnly = frame?.isProgressive !== true && count >= channels;
  return isOnly ? undefined : end;
}

function takeRead(state: JpegState, start: number, { segment, frame }: ReadableScan): number {
  const scan = readScan(segment, frame, state.tables);
  noteSent(scan, state);
  if (state.thoroughness === 'quick') return takeUnread(state, start);
  const { pieces, end } = walkScan(state.bytes, start, { scan, units: frame.units, restart: state.restart });
  state.pieces.push(...pieces);
  return end;
}

interface ReadableScan {
  readonly segment: Buffer;
  readonly frame: JpegFrame;
}

/** Up to the next marker, restart markers included. */
function takeUnread({ bytes, pieces }: JpegState, start: number): number {
  for (let from = start; ; ) {
    const { at, code, after } = nextMarker(bytes, from);
    if (code === undefined) throw new BrokenBits();
    if (!isRestart(code)) {
      pieces.push(bytes.subarray(start, at));
      return at;
    }
    from = after;
  }
}

/**
 * A progressive scan that does not go on where the ones before it ended is one that the decoder refuses whatever else is
 * put right (T.81, G.1.1.1.2): then there is no need to read codes, which takes seconds for scans that are there 90 times.
 */
function noteSent({ isProgressive, components, from, to, high, low }: ScanHeader, { sent }: JpegState): void {
  for (const { component } of components) {
    const bits = sent.get(component.id) ?? new Uint8Array(64).fill(255);
    const goesOn = bits.subarray(from, to + 1).every((bit) => high === (bit === 255 ? 0 : bit));
    if (isProgressive && (!goesOn || (from > 0 && bits[0] === 255))) throw new BrokenBits();
    bits.fill(low, from, to + 1);
    sent.set(component.id, bits);
  }
}

/** Every scan that came may be whole, and others be lost: cut off, or taken for strays because a segment's length is wrong. */
function checkAllSent({ frame, sent }: JpegState): void {
  const isWhole = frame?.components.every(({ id }) => sent.get(id)?.every((bit) => bit === 0) === true);
  if (isWhole !== true) throw new BrokenBits();
}
