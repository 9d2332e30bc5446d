import type { Steps } from '../../turns.ts';
import type { Facts } from '../containers/facts.ts';
import { broken, type Header, pictureSize, upToNow } from '../containers/header.ts';
import { entriesOf, findPages, openTiff, type Tiff, wholeNumbers } from '../containers/tiff-tags.ts';
import { unreadKind } from './tiff-kinds.ts';

const tags = {
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  orientation: 274,
  samplesPerPixel: 277,
  extraSamples: 338,
  sampleFormat: 339,
  yCbCrSubsampling: 530,
};

/** Numbers of a tag that are looked at; only what is not read has more samples. */
const mostNumbers = 8;

/** Tags looked at in one step: some 2 ms. */
const entriesPerStep = 10_000;

/** Reads the tags of that page, or of the first where there is none such, and counts the pages. */
export function* inspectTiff(bytes: Buffer, page: number): Steps<Header> {
  const tiff = openTiff(bytes);
  const pages = findPages(tiff);
  const [first] = pages;
  if (first === undefined) throw broken('tiff', 'it has no page');
  const all = yield* readTags(tiff, pages[page - 1] ?? first);
  const listOf = (tag: number) => all.get(tag) ?? [];
  const numberOf = (tag: number) => listOf(tag)[0];
  const photometric = numberOf(tags.photometric);
  const bits = listOf(tags.bitsPerSample);
  // Writers that forget how many samples there are still say how many bits each of them has.
  const samples = Math.max(1, numberOf(tags.samplesPerPixel) ?? bits.length);
  const kind = {
    bits: bits.slice(0, samples),
    formats: listOf(tags.sampleFormat).slice(0, samples),
    photometric,
    compression: numberOf(tags.compression) ?? 1,
    samples,
    subsampling: all.get(tags.yCbCrSubsampling) ?? [2, 2],
  };
  return {
    ...upToNow,
    stored: pictureSize('tiff', numberOf(tags.width) ?? 0, numberOf(tags.height) ?? 0),
    pages: pages.length,
    hasAlpha: all.has(tags.extraSamples),
    samplesPerPixel: samples,
    bitDepth: bits[0] ?? 1,
    colour: colourOf(photometric),
    hasPalette: photometric === 3,
    orientation: numberOf(tags.orientation),
    unreadKind: unreadKind(kind),
  };
}

function colourOf(photometric: number | undefined): Facts['colour'] {
  if (photometric === 5) return 'cmyk';
  return photometric === 0 || photometric === 1 ? 'gray' : 'rgb';
}

/** Whole numbers of tags; of a tag that is there twice, the first counts. */
function* readTags(tiff: Tiff, at: number): Steps<ReadonlyMap<number, readonly number[]>> {
  const wanted = new Set(Object.values(tags));
  const values = new Map<number, readonly number[]>();
  let entries = 0;
  for (const entry of entriesOf(tiff, at)) {
    entries += 1;
    if (entries % entriesPerStep === 0) yield;
    if (!wanted.has(entry.tag) || values.has(entry.tag)) continue;
    const numbers = wholeNumbers(tiff, entry, mostNumbers);
    if (numbers.length > 0) values.set(entry.tag, numbers);
  }
  return values;
}
