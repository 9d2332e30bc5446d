import sharp from 'sharp';
import type { QualityLevel } from '../../../../grammar/index.ts';
import type { MeasuredFormat } from '../../../protocol/measured-formats.ts';
import type { Raster } from '../../picture/raster.ts';
import { referenceOf, scoreAgainst } from './likeness/ssimulacra2.ts';
import { opaquePixels, patchesOf } from './patches.ts';
import { sampleOf } from './sample.ts';
import { usualQualities } from './usual.ts';

/**
 * What each level promises, in SSIMULACRA 2: what nine of ten photographs reach in sharp's JPEG of quality 90, 80, 70 and 50
 * (bench/README.md). One for all formats, so that a browser that takes AVIF sees what another sees in JPEG.
 */
export const targets: Readonly<Record<QualityLevel, number>> = { best: 82, good: 75, eco: 70, low: 60 };

/** How far a search may lead from the usual number: what the measure cannot see must not lead further. */
const [mostBelow, mostAbove] = [25, 15];

/** From a probe as near to the target as this, one step along the line of two probes leads there. */
const foreseen = 1.5;

/** A probe that is no further from the target is sent as it is: one step of quality more is hardly worth another encoding. */
const [nearBelow, nearAbove] = [0.1, 0.9];

/** How much of a step of quality may be missing: a score is never quite a line. */
const roundedUp = 0.5;

/** Points of score for each step of quality, until two probes tell. */
const usualSlope: Readonly<Record<MeasuredFormat, number>> = { jpeg: 0.55, webp: 0.6, avif: 0.9 };

/** Encodings that are judged, at most. */
const mostProbes = 3;

/** Shorter sides have too few scales to be judged by. */
const leastSide = 32;

export interface Chosen {
  readonly quality: number;
  /** What was encoded at that quality, where the search ended at a number that it had tried on all of the picture. */
  readonly bytes: Buffer | undefined;
}

export interface Search {
  readonly format: MeasuredFormat;
  readonly level: QualityLevel;
  /** A picture as it would be sent at that quality. */
  encode(raster: Raster, quality: number): Promise<Buffer>;
}

interface Probe {
  readonly quality: number;
  readonly score: number;
  readonly bytes: Buffer;
}

/** The quality at which a picture looks as good as its level promises, by a few encodings of it. */
export async function chooseQuality(raster: Raster, search: Search): Promise<Chosen> {
  const usual = usualQualities[search.format][search.level];
  const target = targets[search.level];
  if (Math.min(raster.size.width, raster.size.height) < leastSide) return { quality: usual, bytes: undefined };
  const sample = sampleOf(raster);
  const reference = referenceOf(opaquePixels(sample), patchesOf);
  const probes: Probe[] = [];
  let quality = usual;
  while (!isSettled(probes, quality, target)) {
    const bytes = await search.encode(sample, quality);
    probes.push({ quality, score: scoreAgainst(reference, opaquePixels(await decoded(bytes))), bytes });
    quality = nearIn(probes, target) ?? within(usual, nextQuality(probes, target, usualSlope[search.format]));
  }
  return { quality, bytes: sample === raster ? probes.find((probe) => probe.quality === quality)?.bytes : undefined };
}

/** Whether what two probes say of a quality is as good as trying it, or it was tried, or enough was. */
function isSettled(probes: readonly Probe[], quality: number, target: number): boolean {
  if (probes.some((probe) => probe.quality === quality) || probes.length >= mostProbes) return true;
  return probes.length > 1 && probes.some((probe) => Math.abs(probe.score - target) < foreseen);
}

/** The least quality that was tried and came as near as need be. */
function nearIn(probes: readonly Probe[], target: number): number | undefined {
  const near = probes.filter(({ score }) => score >= target - nearBelow && score <= target + nearAbove);
  return near.length === 0 ? undefined : Math.min(...near.map(({ quality }) => quality));
}

function within(usual: number, quality: number): number {
  return Math.min(usual + mostAbove, 98, Math.max(usual - mostBelow, 10, quality));
}

/** The least quality at which the line through the two probes nearest to the target is there. */
function nextQuality(probes: readonly Probe[], target: number, slope: number): number {
  const [one, other] = [...probes].sort((a, b) => Math.abs(a.score - target) - Math.abs(b.score - target));
  if (one === undefined) return 0;
  const between = other === undefined ? slope : (other.score - one.score) / (other.quality - one.quality);
  const step = (target - one.score) / Math.min(slope * 3, Math.max(slope / 3, between));
  return one.quality + Math.ceil(step - roundedUp);
}

async function decoded(bytes: Buffer): Promise<Raster> {
  // Numbers are held against numbers, whatever colours they are of.
  const pipeline = sharp(bytes, { limitInputPixels: false, ignoreIcc: true }).toColourspace('srgb');
  const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  return { data, size: { width: info.width, height: info.height }, frames: 1, channels: info.channels };
}
