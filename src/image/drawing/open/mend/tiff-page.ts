import { entriesOf, placeOf, type Tiff, type TiffEntry, wholeNumbers } from '../../../containers/tiff-tags.ts';
import { short, type TagRule, tagRules, tags } from './tiff-rules.ts';

/** A tag to be written: numbers, or what is copied as it lies. */
export type Field =
  | { readonly tag: number; readonly type: number; readonly values: readonly number[] }
  | { readonly tag: number; readonly copied: TiffEntry };

/** A page's tags that matter to its pixels, the first of each. */
export interface TiffPage {
  /** The first whole number of a tag. */
  number(tag: number): number | undefined;
  numbers(tag: number, most: number): readonly number[];
  /** Samples of a pixel. */
  readonly samples: number;
  /** In no order. */
  readonly fields: readonly Field[];
  /** Where values lie in the file, those that no pixel needs included. */
  readonly places: readonly number[];
}

/** Tags that are written whatever the page says of them. */
const worked: ReadonlySet<number> = new Set([tags.samplesPerPixel, tags.photometric, tags.extraSamples]);

/** As many as the tag can say. */
const mostSamples = 65_535;

/** Samples that are colours, by PhotometricInterpretation; whatever else a pixel has is an extra one. */
const colours: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 3, 3: 1, 4: 1, 5: 4, 6: 3, 8: 3, 9: 3, 10: 3 };

/** `look` counts what is looked at. */
export function pageOf(tiff: Tiff, at: number, look: (count: number) => void): TiffPage {
  const found = new Map<number, TiffEntry>();
  const places: number[] = [];
  for (const entry of entriesOf(tiff, at)) {
    look(1);
    places.push(placeOf(tiff, entry)?.from ?? entry.field);
    if (tagRules.has(entry.tag) && !found.has(entry.tag)) found.set(entry.tag, entry);
  }
  const numbers = (tag: number, most: number) => {
    const entry = found.get(tag);
    if (entry === undefined) return [];
    look(Math.min(most, entry.count));
    return wholeNumbers(tiff, entry, most);
  };
  const number = (tag: number) => numbers(tag, 1)[0];
  // Writers that forget how many samples there are still say how many bits each of them has.
  const samples = number(tags.samplesPerPixel) ?? Math.min(found.get(tags.bitsPerSample)?.count ?? 1, mostSamples);
  // As libtiff's own viewer guesses.
  const photometric = number(tags.photometric) ?? (samples >= 3 ? 2 : 1);
  const extra = samples - (colours[photometric] ?? samples);
  const fields: Field[] = [
    { tag: tags.samplesPerPixel, type: short, values: [samples] },
    { tag: tags.photometric, type: short, values: [photometric] },
  ];
  if (extra > 0) fields.push(extraSamples(numbers(tags.extraSamples, extra), extra));
  for (const [tag, copied] of found) {
    const rule = tagRules.get(tag);
    if (rule === undefined || worked.has(tag)) continue;
    if (rule.form === 'whole') {
      if (rule.count === undefined || rule.count === copied.count) fields.push({ tag, copied });
      continue;
    }
    const values = rule.form === 'one' ? numbers(tag, 1) : filledUp(numbers(tag, samples), samples);
    if (isSound(values, rule)) fields.push({ tag, type: rule.type, values });
  }
  return { number, numbers, samples, fields, places };
}

/** What is said of the first sample counts for those of which nothing is said. */
function filledUp(values: readonly number[], length: number): readonly number[] {
  const [first] = values;
  return first === undefined ? [] : Array.from({ length }, (_, index) => values[index] ?? first);
}

function isSound(values: readonly number[], { least, most }: TagRule): boolean {
  return values.length > 0 && values.every((value) => value >= least && value <= most);
}

/** Of no kind (0) where nothing is said that has a meaning. */
function extraSamples(said: readonly number[], length: number): Field {
  const values = Array.from({ length }, (_, index) => {
    const kind = said[index] ?? 0;
    return kind <= 2 ? kind : 0;
  });
  return { tag: tags.extraSamples, type: short, values };
}
