import { areNearSrgb, type Encoding, type Primaries, srgbPrimaries } from '../containers/encoding.ts';
import { hasRightChecksum } from '../containers/png-transparency.ts';
import { meaningInPng, peakOf } from './cicp.ts';

/** Chunks by which a PNG says what its numbers mean; they count in front of the pixels only. */
const kinds = ['cICP', 'iCCP', 'sRGB', 'gAMA', 'cHRM', 'mDCV', 'cLLI'] as const;
type Kind = (typeof kinds)[number];

/** What was found of them: the first of each kind whose checksum is right, as decoders take it. */
export type ColourChunks = Map<Kind, Buffer>;

/** sRGB's intents (PNG 3, 11.3.2.5); with another the chunk says nothing. */
const mostIntent = 3;

/** Takes note of a chunk, given from its type to the end of its checksum, in front of the palette or behind it. */
export function noteColours(found: ColourChunks, chunk: Buffer, isBehindPalette: boolean): void {
  const type = chunk.toString('latin1', 0, 4);
  const kind = kinds.find((known) => known === type);
  if (kind === undefined || found.has(kind) || !hasRightChecksum(chunk)) return;
  const body = chunk.subarray(4, -4);
  // Browsers take the others wherever they are.
  if (kind === 'cICP' && isBehindPalette) return;
  if (kind === 'sRGB' && (body.length !== 1 || body.readUInt8(0) > mostIntent)) return;
  found.set(kind, body);
}

/**
 * What the numbers mean, in the order of PNG's third edition (12.1): cICP, iCCP, sRGB, gAMA with cHRM. Undefined leaves it
 * to the profile, or to sRGB.
 */
export function meaningOfPng(found: ColourChunks): Encoding | 'srgb' | undefined {
  const named = ofCodePoints(found);
  if (named !== undefined) return named;
  return found.has('iCCP') || found.has('sRGB') ? undefined : ofGamma(found.get('gAMA'), found.get('cHRM'));
}

/** Numbers of PNG are RGB (matrix 0), and browsers take no cICP of a narrow range. */
function ofCodePoints(found: ColourChunks): Encoding | 'srgb' | undefined {
  const chunk = found.get('cICP');
  if (chunk?.length !== 4 || chunk[2] !== 0 || chunk[3] !== 1) return undefined;
  const light = found.get('cLLI');
  const screen = found.get('mDCV');
  // In ten thousandths.
  const ofContent = light?.length === 8 ? light.readUInt32BE(0) / 10_000 : undefined;
  const ofScreen = screen?.length === 24 ? screen.readUInt32BE(16) / 10_000 : undefined;
  return meaningInPng({ primaries: chunk.readUInt8(0), transfer: chunk.readUInt8(1) }, peakOf(ofContent, ofScreen));
}

/** What programs write that know no sRGB chunk: gamma 1/2.2 as libpng tells it, to a twentieth. */
const usualGamma = 45_455;
const usualGammaShare = 0.05;
/** And its primaries, with what rounding does to them. */
const usualChromaticityDistance = 0.005;

/**
 * The usual gamma with the usual primaries is how programs say sRGB that do not know its chunk, so it is read as that, as
 * libpng and ImageMagick do. Primaries alone say nothing.
 */
function ofGamma(gamma: Buffer | undefined, primaries: Buffer | undefined): Encoding | undefined {
  if (gamma?.length !== 4 || gamma.readUInt32BE(0) === 0) return undefined;
  const value = gamma.readUInt32BE(0);
  const known = primaries === undefined ? srgbPrimaries : chromaticities(primaries);
  if (known === undefined) return undefined;
  const isUsual = Math.abs(value / usualGamma - 1) < usualGammaShare && areNearSrgb(known, usualChromaticityDistance);
  return isUsual ? undefined : { primaries: known, transfer: { kind: 'power', exponent: 100_000 / value, scale: 1 } };
}

/** White, red, green and blue in hundred thousandths; undefined where they span no triangle round a white. */
function chromaticities(chunk: Buffer): Primaries | undefined {
  if (chunk.length !== 32) return undefined;
  const at = (index: number) => [chunk.readUInt32BE(index * 8) / 1e5, chunk.readUInt32BE(index * 8 + 4) / 1e5] as const;
  const [white, red, green, blue] = [at(0), at(1), at(2), at(3)];
  const area = (red[0] - blue[0]) * (green[1] - blue[1]) - (green[0] - blue[0]) * (red[1] - blue[1]);
  const areColours = [white, red, green, blue].every(([x, y]) => x + y <= 1);
  return white[1] > 0 && Math.abs(area) > 1e-4 && areColours ? { white, red, green, blue } : undefined;
}
