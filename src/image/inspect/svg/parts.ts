import { tooMany } from '../../containers/header.ts';
import { svgNamespace } from '../../containers/svg/root.ts';
import { attributeOf } from '../../containers/svg/size.ts';
import type { QualifiedTag } from '../../containers/svg/xml.ts';

/** What an element costs by itself, whatever is in it. */
export interface OwnCost {
  /** 1, and more for one that says much. */
  readonly elements: number;
  /** Milliseconds for each megapixel that it is drawn on. */
  readonly rate: number;
  /** The same of what grows with the square of the scale at which it is drawn; at one pixel for each of its units. */
  readonly squareRate: number;
  /** Pictures as large as the whole that lie in memory while what is in it is drawn. */
  readonly layers: number;
}

/** A use of another element, drawn anew so many times. */
export interface Reference {
  readonly id: string;
  readonly times: number;
}

/** What makes an element be drawn on a picture of its own first. */
const layered = /(?<![\w-])(?:opacity|mask|clip-path|filter|mix-blend-mode|isolation)\s*:/;
const layeredAttributes = ['opacity', 'mask', 'clip-path', 'filter'];

/** Letters of an element's attributes that count as one element more. */
const lettersPerElement = 500;

/** Milliseconds for each megapixel (measured, rounded up). */
const rates: Readonly<Record<string, number>> = {
  feGaussianBlur: 500,
  feDropShadow: 550,
  feDiffuseLighting: 200,
  feSpecularLighting: 250,
  feColorMatrix: 40,
  feComponentTransfer: 40,
  feComposite: 60,
  feDisplacementMap: 60,
};
const otherPrimitiveRate = 40;
/** More than any program writes: sharpening and relief have 9 or 25. */
const mostKernelNumbers = 1_024;
const [layerRate, turbulenceRate, kernelRate, morphologyRate] = [15, 150, 4, 2];

/** What one element of an SVG costs beside what lies in it. */
export function ownCost(tag: QualifiedTag): OwnCost {
  const letters = Object.values(tag.attributes).reduce((sum, { value }) => sum + value.length, 0);
  const elements = 1 + Math.floor(letters / lettersPerElement);
  const isLayer =
    layeredAttributes.some((name) => attributeOf(tag, name) !== undefined) ||
    layered.test(attributeOf(tag, 'style') ?? '');
  const layers = tag.local === 'filter' ? filterLayers : isLayer ? 1 : 0;
  return { elements, layers, squareRate: squareRateOf(tag), rate: layers * layerRate + primitiveRate(tag) };
}

/** What it is made of, and what it comes to on the way. */
const filterLayers = 6;

function primitiveRate(tag: QualifiedTag): number {
  if (!tag.local.startsWith('fe')) return 0;
  if (tag.local === 'feTurbulence') return turbulenceRate * Math.max(1, numberIn(tag, 'numOctaves', 1));
  if (tag.local === 'feConvolveMatrix') return kernelRate * kernelArea(tag);
  return rates[tag.local] ?? otherPrimitiveRate;
}

function kernelArea(tag: QualifiedTag): number {
  const numbers = area(tag, 'order', 3);
  // Where the filter's own region is larger than the picture no rate for each megapixel of this holds any more.
  if (numbers > mostKernelNumbers) throw tooMany('svg+xml', 'numbers in a kernel', mostKernelNumbers);
  return numbers;
}

function squareRateOf(tag: QualifiedTag): number {
  return tag.local === 'feMorphology' ? morphologyRate * 4 * area(tag, 'radius', 0) : 0;
}

/** Of one or two numbers, the product. */
function area(tag: QualifiedTag, name: string, usual: number): number {
  const [first = usual, second = first] = (attributeOf(tag, name) ?? '')
    .split(/[\s,]+/)
    .flatMap((text) => Number(text) || []);
  return Math.abs(first * second);
}

function numberIn(tag: QualifiedTag, name: string, usual: number): number {
  const value = Number(attributeOf(tag, name) ?? usual);
  return Number.isFinite(value) ? value : usual;
}

/** Groups that CSS may make, one in another: some few. */
export function layersOfCss(css: string): number {
  return layered.test(css) ? 3 : 0;
}

/** Which others are drawn for it, or applied to it. */
export function referencesOf(tag: QualifiedTag): readonly Reference[] {
  const found: Reference[] = [];
  for (const { local, value } of Object.values(tag.attributes)) {
    const address = local === 'href' ? value.trimStart() : '';
    if (address.startsWith('#')) for (const id of readingsOf(address.slice(1))) found.push({ id, times: 1 });
    else for (const id of idsIn(value)) found.push({ id, times: timesOf(tag, local) });
  }
  return found;
}

/** The elements of the same file that a text names. */
export function* idsIn(text: string): Generator<string> {
  if (!text.includes('url(')) return;
  for (const [, name = ''] of text.matchAll(/url\(\s*["']?#([^) ]*)/g)) yield* readingsOf(name);
}

/**
 * What a name may mean to who draws: all of it, since a name may have any letter but blanks, or what comes before a quote or a line's end.
 * Whichever of them is an element counts.
 */
function readingsOf(name: string): ReadonlySet<string> {
  const [line = ''] = name.split(/[\t\n\r ]/, 1);
  return new Set([name, line, line.replace(/["']$/, '')]);
}

/** A mark is drawn at every corner, of which one takes four letters or more. */
function timesOf(tag: QualifiedTag, attribute: string): number {
  if (!attribute.startsWith('marker') && attribute !== 'style') return 1;
  return 1 + Math.floor((attributeOf(tag, 'd') ?? attributeOf(tag, 'points') ?? '').length / 4);
}

/** Text of letters: what fonts they want, named by attributes or by CSS. */
export function* familiesIn(text: string): Generator<string> {
  for (const name of text.split(',')) {
    const plain = name
      .trim()
      .replace(/^["']|["']$/g, '')
      .trim();
    if (plain !== '' && plain.length <= 100) yield plain;
  }
}

export function isOfSvg({ uri }: QualifiedTag): boolean {
  return uri === svgNamespace;
}
