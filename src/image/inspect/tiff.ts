import type { Facts } from '../facts.ts';
import { broken, type Header, pictureSize, upToNow } from './header.ts';
import { entriesOf, findPages, type Layout, layoutOf, wholeNumbers } from './tiff-tags.ts';

const tags = {
  width: 256,
  height: 257,
  bitsPerSample: 258,
  photometric: 262,
  orientation: 274,
  samplesPerPixel: 277,
  extraSamples: 338,
};

/** Reads the tags of that page, or of the first where there is none such, and counts the pages. */
export function inspectTiff(bytes: Buffer, page: number): Header {
  const layout = layoutOf(bytes);
  const pages = findPages(bytes, layout);
  const [first] = pages;
  if (first === undefined) throw broken('tiff', 'it has no page');
  const values = readTags(bytes, layout, pages[page - 1] ?? first);
  const photometric = values.get(tags.photometric);
  return {
    ...upToNow,
    stored: pictureSize('tiff', values.get(tags.width) ?? 0, values.get(tags.height) ?? 0),
    pages: pages.length,
    hasAlpha: values.has(tags.extraSamples),
    samplesPerPixel: Math.max(1, values.get(tags.samplesPerPixel) ?? 1),
    bitDepth: values.get(tags.bitsPerSample) ?? 1,
    colour: colourOf(photometric),
    hasPalette: photometric === 3,
    orientation: values.get(tags.orientation),
  };
}

function colourOf(photometric: number | undefined): Facts['colour'] {
  if (photometric === 5) return 'cmyk';
  return photometric === 0 || photometric === 1 ? 'gray' : 'rgb';
}

/** Values of tags that are one whole number, the first of several; of a tag that is there twice, the first counts. */
function readTags(bytes: Buffer, layout: Layout, at: number): ReadonlyMap<number, number> {
  const wanted = new Set(Object.values(tags));
  const values = new Map<number, number>();
  for (const entry of entriesOf(bytes, layout, at)) {
    if (!wanted.has(entry.tag) || values.has(entry.tag)) continue;
    const [value] = wholeNumbers(bytes, layout, entry, 1);
    if (value !== undefined) values.set(entry.tag, value);
  }
  return values;
}
