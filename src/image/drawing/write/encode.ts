import type { AvifOptions, GifOptions, JpegOptions, PngOptions, Sharp, WebpOptions } from 'sharp';
import type { ImageFormat, OutputFlag, QualityLevel, SettledQuality } from '../../../grammar/index.ts';
import type { Size } from '../../containers/facts.ts';
import { avifEffort } from '../../protocol/avif-effort.ts';
import type { Timing } from '../picture/timing.ts';
import type { Palette } from './palette.ts';

/**
 * Raised by hand whenever what is asked of a decoder or an encoder changes, so that other bytes come out of the same file: it is part of
 * the build, and so of the tag of whatever is drawn from then on. What is stored stays valid, under the tag it was made with.
 */
export const encodingVersion = 2;

export interface EncodeOptions {
  /** What comes out, of one frame. */
  readonly size: Size;
  readonly quality: SettledQuality | undefined;
  readonly flags: readonly OutputFlag[];
  /** For an animation that lost its timing on the way (raw pixels have none). */
  readonly timing: Timing | undefined;
  /** The colours are the original's or lie between them, so that its palette, where it has one, serves for all frames. */
  readonly keepsPalette: boolean;
  /** For PNG; undefined where it is in full colour. */
  readonly palette: Palette | undefined;
}

/** What a level of `q_auto` means to each lossy encoder; a URL that says nothing about quality gets `good`. */
const qualities: Readonly<Record<'jpeg' | 'webp' | 'avif', Readonly<Record<QualityLevel, number>>>> = {
  jpeg: { best: 90, good: 80, eco: 70, low: 50 },
  webp: { best: 90, good: 80, eco: 68, low: 45 },
  avif: { best: 65, good: 50, eco: 42, low: 32 },
};

/** The number that a quality means to a lossy encoder. */
export function qualityFor(encoder: keyof typeof qualities, quality: SettledQuality | undefined): number {
  if (quality?.kind === 'fixed') return quality.value;
  return qualities[encoder][quality?.level ?? 'good'];
}

function chroma(quality: SettledQuality | undefined, byDefault: '4:2:0' | '4:4:4'): '4:2:0' | '4:4:4' {
  if (quality?.kind !== 'fixed' || quality.chroma === undefined) return byDefault;
  return quality.chroma === '444' ? '4:4:4' : '4:2:0';
}

function animation(timing: Timing | undefined): { delay?: number[]; loop?: number } {
  return timing === undefined ? {} : { delay: [...timing.delays], loop: timing.loop };
}

function isProgressive(flags: readonly OutputFlag[]): boolean {
  return (['progressive', 'progressive:semi', 'progressive:steep'] as const).some((flag) => flags.includes(flag));
}

/** Baseline unless asked: progressive takes 1.7 times the encoder's time for up to 4 % fewer bytes; mozjpeg takes 6 times. */
function jpegOptions({ quality, flags }: EncodeOptions): JpegOptions {
  return {
    quality: qualityFor('jpeg', quality),
    progressive: isProgressive(flags),
    chromaSubsampling: chroma(quality, '4:2:0'),
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
