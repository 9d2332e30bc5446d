import { Failure } from '../../failure.ts';
import { cutOf } from '../containers/avif-cut.ts';
import { type AvifMeta, primaryItem, propertiesOf, readMeta, referencesOf } from '../containers/avif-items.ts';
import { isAlpha, partsOf, unknownProperty } from '../containers/avif-parts.ts';
import type { Facts, Size } from '../containers/facts.ts';
import { broken, type Header, pictureSize, upToNow } from '../containers/header.ts';
import { createBoxCount, find, type IsoBox, wholeFile } from '../containers/iso-boxes.ts';
import { meaningInAvif } from './cicp.ts';
import { codePointsIn, hasProfile, narrowRange, peakIn } from './heif-colours.ts';

/** Pixels that may be decoded beside the picture's own: edges of cells that lie outside, and of a small picture's only cell. */
const pixelsBeside = 1_000_000;

/**
 * Reads the properties of the primary picture (HEIF, ISO/IEC 23008-12). As with AVIF the decoder itself turns and mirrors by
 * `irot` and `imir`, cuts by `clap`, and passes over EXIF, so the size here is the upright one. It writes RGB, whatever the
 * file's channels are.
 */
export function inspectHeic(bytes: Buffer): Header {
  const boxes = createBoxCount('heic');
  const whole = wholeFile(bytes);
  const box = find(bytes, whole, 'meta', boxes);
  if (box === undefined) throw broken('heic', 'it ends before its size is said');
  const heif = readMeta(bytes, box, boxes);
  const shown = primaryItem(heif);
  if (shown === undefined) throw broken('heic', 'it names no picture');
  const parts = [...partsOf(heif, shown).all];
  const own = propertiesOf(heif, shown);
  const stored = sizeOf(heif, shown);
  checkParts(heif, parts, stored);
  const clap = own.find(({ type }) => type === 'clap');
  const cut = clap && cutOf(bytes.subarray(clap.from, clap.to), stored);
  const isTurned = own.some(({ type, from }) => type === 'irot' && (bytes.readUInt8(from) & 1) === 1);
  const turned = ({ width, height }: Size) => (isTurned ? { width: height, height: width } : { width, height });
  const hasAlpha = parts.some((item) => isAlpha(heif, item));
  const codings = parts.flatMap((item) => propertiesOf(heif, item).flatMap((one) => codingIn(bytes, one) ?? []));
  if (codings.length === 0) throw new Failure('unsupported', 'A HEIC picture that is not coded as HEVC is not read.');
  const bitDepth = Math.max(8, ...codings.map(({ depth }) => depth));
  const unknown = unknownProperty(heif, parts, ['hvcC']);
  return {
    ...upToNow,
    isSequence: find(bytes, whole, 'moov', boxes) !== undefined,
    stored: turned(stored),
    cut: cut && turned(cut),
    hasAlpha,
    bitDepth,
    ...coloursOf(heif, shown, codings[0]),
    samplesPerPixel: Math.max(...codings.map(({ samples }) => samples)) + (hasAlpha ? 1 : 0),
    unreadKind: unknown && `picture with an essential property of the kind "${unknown}" in HEIC`,
  };
}

type Colours = Pick<Facts, 'colour' | 'encoding' | 'range' | 'isPremultiplied'>;

/** What its numbers mean: a profile's business where there is one, else what `nclx` says (MIAF, 7.3.6.4), else sRGB. */
function coloursOf(heif: AvifMeta, shown: number, coding: Coding | undefined): Colours {
  const { bytes } = heif;
  // Of a grid each cell may say it in its place.
  const [cell] = referencesOf(heif, shown, 'dimg');
  const boxes = [...propertiesOf(heif, shown), ...propertiesOf(heif, cell)];
  const codes = codePointsIn(bytes, boxes);
  const isNarrow = coding?.samples === 1 && codes?.isFullRange === false;
  return {
    colour: 'rgb',
    encoding: hasProfile(bytes, boxes) ? undefined : codes && meaningInAvif(codes, peakIn(bytes, boxes)),
    range: isNarrow ? narrowRange(coding) : undefined,
    isPremultiplied: referencesOf(heif, shown, 'prem').length > 0,
  };
}

interface Coding {
  readonly depth: number;
  readonly samples: number;
}

/** Samples of a pixel by `chroma_format_idc`: grey, 4:2:0, 4:2:2, 4:4:4 (H.265, 6.2). */
const samplesByChroma = [1, 1.5, 2, 3] as const;

/** What an `hvcC` says of its stream (ISO/IEC 14496-15, 8.3.3.1). */
function codingIn(bytes: Buffer, { type, from }: IsoBox): Coding | undefined {
  if (type !== 'hvcC') return undefined;
  const samples = samplesByChroma[bytes.readUInt8(from + 16) & 3] ?? 3;
  return { samples, depth: 8 + Math.max(bytes.readUInt8(from + 17) & 7, bytes.readUInt8(from + 18) & 7) };
}

/** Cells, and what each of them has, are decoded whatever size the picture itself says, as often as a grid names them. */
function checkParts(heif: AvifMeta, parts: readonly number[], stored: Size): void {
  const derived = parts.flatMap((item) => referencesOf(heif, item, 'dimg'));
  const named = new Set(derived);
  const alone = parts.filter((item) => !named.has(item) && referencesOf(heif, item, 'dimg').length === 0);
  const decoded = [...derived, ...alone];
  // Each is looked at once, however often it is named and whatever it says of itself.
  const areas = new Map([...new Set(decoded)].map((item) => [item, areaOf(heif, item)]));
  const pixels = decoded.reduce((sum, item) => sum + (areas.get(item) ?? 0), 0);
  // Itself and its alpha.
  if (pixels <= 2 * stored.width * stored.height + pixelsBeside) return;
  throw new Failure('too_large', 'The HEIC file has parts that are larger than the picture itself.');
}

function areaOf(heif: AvifMeta, item: number): number {
  const { width, height } = extentOf(heif, item) ?? { width: 0, height: 0 };
  return width * height;
}

function sizeOf(heif: AvifMeta, item: number): Size {
  const size = extentOf(heif, item);
  if (size === undefined) throw broken('heic', 'it ends before its size is said');
  return size;
}

function extentOf(heif: AvifMeta, item: number): Size | undefined {
  const { bytes } = heif;
  const box = propertiesOf(heif, item).find(({ type }) => type === 'ispe');
  return box && pictureSize('heic', bytes.readUInt32BE(box.from + 4), bytes.readUInt32BE(box.from + 8));
}
