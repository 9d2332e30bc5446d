import { Failure } from '../../../../failure.ts';
import type { Facts } from '../../../containers/facts.ts';
import { broken } from '../../../containers/header.ts';
import { mostHeicBytes } from '../../../protocol/heic-memory.ts';
import { createTiff } from '../../picture/pixels-tiff.ts';
import { type LibHeif, startLibHeif } from './libheif.ts';

/** `heif_colorspace_RGB`, and `heif_channel_interleaved`. */
const rgb = 1;
const interleaved = 10;
/** `heif_chroma_interleaved_RGB` and so on, by bits and by alpha. */
const chromas = { shallow: { opaque: 10, alpha: 11 }, deep: { opaque: 14, alpha: 15 } } as const;

/** Where in `heif_decoding_options` (from version 3 on) it says that damage is a failure, too. */
const strictAt = 21;

/** `heif_error_Memory_allocation_error`. */
const outOfMemory = 6;

/** Profiles of cameras have some hundred bytes, those of printers a megabyte. */
const mostProfileBytes = 4 * 1024 * 1024;

/** One file in one decoder. */
interface Decoding {
  readonly heif: LibHeif;
  /** Of twelve bytes, for errors, and of four for what is written besides. */
  readonly error: number;
  readonly result: number;
}

/**
 * The picture of a HEIC as an uncompressed TIFF in memory, with its profile: all that follows reads those, and numbers of 16
 * bits stay so. Failures: `corrupt`, `too_large` (it decodes to more than its header says).
 */
export function heicAsTiff(file: Buffer, facts: Facts): Buffer {
  try {
    const heif = startLibHeif(mostHeicBytes(facts));
    return written({ heif, error: heif._malloc(16), result: heif._malloc(16) }, file, facts);
  } catch (error) {
    // Where the library ends itself there is nothing but that to be told.
    if (error instanceof WebAssembly.RuntimeError) throw broken('heic', 'its data do not decode');
    throw error;
  }
}

function written(decoding: Decoding, file: Buffer, facts: Facts): Buffer {
  const { heif, error, result } = decoding;
  const context = heif._heif_context_alloc();
  const { width, height } = facts.stored;
  limitPixels(decoding, context, 2 * width * height + 1_000_000);
  const at = heif._malloc(file.length);
  heif.HEAPU8.set(file, at);
  heif._heif_context_read_from_memory_without_copy(error, context, at, file.length, 0);
  check(decoding);
  heif._heif_context_get_primary_image_handle(error, context, result);
  check(decoding);
  const handle = wordAt(heif, result);
  const profile = profileOf(decoding, handle);
  const { opaque, alpha } = facts.bitDepth > 8 ? chromas.deep : chromas.shallow;
  const options = heif._heif_decoding_options_alloc();
  heif.HEAPU8[options + strictAt] = 1;
  heif._heif_decode_image(error, handle, result, rgb, facts.hasAlpha ? alpha : opaque, options);
  check(decoding);
  return pixelsOf(decoding, wordAt(heif, result), facts, profile);
}

function pixelsOf({ heif, result }: Decoding, image: number, facts: Facts, profile: Buffer | undefined): Buffer {
  const size = {
    width: heif._heif_image_get_width(image, interleaved),
    height: heif._heif_image_get_height(image, interleaved),
  };
  const bits = heif._heif_image_get_bits_per_pixel_range(image, interleaved);
  const plane = heif._heif_image_get_plane_readonly(image, interleaved, result);
  const stride = wordAt(heif, result);
  const expected = [facts.size, facts.stored];
  if (plane === 0 || !expected.some(({ width, height }) => width === size.width && height === size.height)) {
    throw broken('heic', 'its header and its pixels differ in size');
  }
  const channels = facts.hasAlpha ? 4 : 3;
  const isDeep = facts.bitDepth > 8;
  const { file, pixels } = createTiff({ ...size, channels, isDeep, profile });
  const rowBytes = size.width * channels * (isDeep ? 2 : 1);
  for (let row = 0; row < size.height; row += 1) {
    const from = plane + row * stride;
    pixels.set(heif.HEAPU8.subarray(from, from + rowBytes), row * rowBytes);
  }
  if (isDeep) widen(pixels, bits);
  return file;
}

/** To 16 bits, so that the highest stays the highest. Both sides count from the low byte on. */
function widen(pixels: Buffer, bits: number): void {
  const factor = 65_535 / (2 ** bits - 1);
  for (let at = 0; at < pixels.length; at += 2) {
    const value = Math.round(((pixels[at] ?? 0) | ((pixels[at + 1] ?? 0) << 8)) * factor);
    pixels[at] = value & 255;
    pixels[at + 1] = value >> 8;
  }
}

/** Undefined where there is none, and for one that is not of RGB, which is what the decoder writes. */
function profileOf({ heif, error }: Decoding, handle: number): Buffer | undefined {
  const bytes = heif._heif_image_handle_get_raw_color_profile_size(handle);
  if (bytes < 128 || bytes > mostProfileBytes) return undefined;
  const at = heif._malloc(bytes);
  heif._heif_image_handle_get_raw_color_profile(error, handle, at);
  if (at === 0 || wordAt(heif, error) !== 0) return undefined;
  const profile = Buffer.from(heif.HEAPU8.subarray(at, at + bytes));
  return profile.toString('latin1', 16, 20) === 'RGB ' ? profile : undefined;
}

/** `heif_security_limits`: the pixels of a picture, in 64 bits behind a version. */
function limitPixels({ heif }: Decoding, context: number, most: number): void {
  const limits = heif._heif_context_get_security_limits(context);
  new DataView(heif.HEAPU8.buffer).setBigUint64(limits + 8, BigInt(most), true);
}

function check({ heif, error }: Decoding): void {
  const code = wordAt(heif, error);
  if (code === 0) return;
  if (code === outOfMemory) throw new Failure('too_large', 'The HEIC file decodes to more than its header says.');
  throw broken('heic', 'its data do not decode');
}

function wordAt({ HEAPU8 }: LibHeif, at: number): number {
  return new DataView(HEAPU8.buffer).getUint32(at, true);
}
