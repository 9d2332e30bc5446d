import type { AvifOptions, GifOptions, JpegOptions, PngOptions, Sharp, WebpOptions } from 'sharp';
import type { ImageFormat, OutputFlag, SettledQuality } from '../../../grammar/index.ts';
import type { Size } from '../../containers/facts.ts';
import { avifEffort } from '../../protocol/avif-effort.ts';
import type { MeasuredFormat } from '../../protocol/measured-formats.ts';
import type { Timing } from '../picture/timing.ts';
import type { Palette } from './palette.ts';
import { usualQualities } from './quality/usual.ts';

/**
 * Raised by hand whenever what is asked of a decoder or an encoder changes, so that other bytes come out of the same file: it is part of
 * the build, and so of the tag of whatever is drawn from then on. What is stored stays valid, under the tag it was made with.
 */
export const encodingVersion = 7;

/** As a URL says it, or the number that was found for a level of `q_auto`. */
export type WrittenQuality =
  | SettledQuality
  | { readonly kind: 'chosen'; readonly value: number; readonly chroma?: '444' };

export interface EncodeOptions {
  /** What comes out, of one frame. */
  readonly size: Size;
  readonly quality: WrittenQuality | undefined;
  readonly flags: readonly OutputFlag[];
  /** For an animation that lost its timing on the way (raw pixels have none). */
  readonly timing: Timing | undefined;
  /** The colours are the original's or lie between them, so that its palette, where it has one, serves for all frames. */
  readonly keepsPalette: boolean;
  /** For PNG; undefined where it is in full colour. */
  readonly palette: Palette | undefined;
}

/**
 * What a URL gets that says nothing about quality. JPEG is at sharp's own 80; the others are the numbers that look as good to
 * SSIMULACRA 2 as a JPEG of 71, and take 80 and 60 % of its bytes (bench/README.md).
 */
const plainQualities: Readonly<Record<MeasuredFormat, number>> = { jpeg: 80, webp: 78, avif: 57 };

/** The number that a quality means to a lossy encoder. */
export function qualityFor(format: MeasuredFormat, quality: WrittenQuality | undefined): number {
  if (quality === undefined) return plainQualities[format];
  return quality.kind === 'auto' ? usualQualities[format][quality.level] : quality.value;
}

function chroma(quality: WrittenQuality | undefined, byDefault: '4:2:0' | '4:4:4'): '4:2:0' | '4:4:4' {
  if (quality?.chroma === undefined) return byDefault;
  return quality.chroma === '444' ? '4:4:4' : '4:2:0';
}

function animation(timing: Timing | undefined): { delay?: number[]; loop?: number } {
  return timing === undefined ? {} : { delay: [...timing.delays], loop: timing.loop };
}

function isProgressive(flags: readonly OutputFlag[]): boolean {
  return (['progressive', 'progressive:semi', 'progressive:steep'] as const).some((flag) => flags.includes(flag));
}

/**
 * Baseline unless asked: progressive takes 1.7 times the encoder's time for up to 4 % fewer bytes. The table of mozjpeg costs
 * nothing and saves 5 to 6 % of bytes at an equal score; its search for the best coefficients and scans takes four times as
 * long for 9 to 12 %, which is spent where `q_auto` asks for the fewest bytes.
 */
function jpegOptions({ quality, flags }: EncodeOptions): JpegOptions {
  const options: JpegOptions = {
    quality: qualityFor('jpeg', quality),
    quantisationTable: 3,
    chromaSubsampling: chroma(quality, '4:2:0'),
  };
  const isSearched = quality?.kind === 'chosen' || quality?.kind === 'auto';
  if (!isSearched) return { ...options, progressive: isProgressive(flags) };
  const isBaseline = flags.includes('progressive:none');
  return {
    ...options,
    trellisQuantisation: true,
    overshootDeringing: true,
    optimiseScans: !isBaseline,
    progressive: !isBaseline,
  };
}

/**
 * Effort 4 of 6: effort 2 takes half the time for 8 to 12 % more bytes at equal likeness, 6 two and a half times as long
 * for 3 to 4 % fewer (bench/README.md). Animations have many frames to encode while somebody waits: effort 2.
 */
function webpOptions({ quality, timing }: EncodeOptions): WebpOptions {
  return { quality: qualityFor('webp', quality), effort: timing === undefined ? 4 : 2, ...animation(timing) };
}

/** 4:2:0 unless asked: 4:4:4 takes 3 to 4 % more bytes. */
function avifOptions({ quality, size }: EncodeOptions): AvifOptions {
  return {
    quality: qualityFor('avif', quality),
    effort: avifEffort(size),
    chromaSubsampling: chroma(quality, '4:2:0'),
  };
}

/**
 * Effort 2 of 10: a sixth of the time of sharp's 7. `lossy` lets pixels that hardly change stay from frame to frame. The
 * palette of a GIF takes half the time of a new one and 15 % fewer bytes, but what it lacks comes out as another colour.
 * A frame takes over the palette before it a little sooner than by default (3), which makes up for the bytes that effort 7
 * would have saved: 2 to 5 % for up to 1 dB.
 */
function gifOptions({ flags, timing, keepsPalette }: EncodeOptions): GifOptions {
  const lossy: GifOptions = flags.includes('lossy') ? { interFrameMaxError: 8, interPaletteMaxError: 16 } : {};
  return { effort: 2, reuse: keepsPalette, interPaletteMaxError: 3.6, ...lossy, ...animation(timing) };
}

/**
 * A palette's pixels are packed as closely as can be: a twentieth fewer bytes for a tenth of the time. Effort 4 of 10 is the
 * least at which colours that fit come out as they were; 7 takes three times as long for 3 % fewer bytes.
 */
function pngOptions({ flags, palette }: EncodeOptions): PngOptions {
  const progressive = isProgressive(flags);
  if (palette === undefined) return { progressive, compressionLevel: 6 };
  return { progressive, palette: true, effort: 4, compressionLevel: 9, ...palette };
}

const encoders: Readonly<Record<ImageFormat, (pipeline: Sharp, options: EncodeOptions) => Sharp>> = {
  jpeg: (pipeline, options) => pipeline.jpeg(jpegOptions(options)),
  webp: (pipeline, options) => pipeline.webp(webpOptions(options)),
  avif: (pipeline, options) => pipeline.avif(avifOptions(options)),
  gif: (pipeline, options) => pipeline.gif(gifOptions(options)),
  png: (pipeline, options) => pipeline.png(pngOptions(options)),
};

/** Asks a pipeline to write that format. */
export function encode(pipeline: Sharp, format: ImageFormat, options: EncodeOptions): Sharp {
  return encoders[format](pipeline, options);
}
