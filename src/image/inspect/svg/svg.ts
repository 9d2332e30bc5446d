import { Failure } from '../../../failure.ts';
import type { Steps } from '../../../turns.ts';
import type { Vector } from '../../containers/facts.ts';
import { broken, type Header, tooMany, upToNow } from '../../containers/header.ts';
import { noSvgRoot } from '../../containers/svg/root.ts';
import { attributeOf, naturalSize, viewBoxOf, wholeSize } from '../../containers/svg/size.ts';
import { type QualifiedTag, readXml, textOf } from '../../containers/svg/xml.ts';
import { embeddedPicture } from './embedded.ts';
import { type Expansion, expand, mostElements, mostLetters, type SvgNode } from './expansion.ts';
import { familiesIn, idsIn, isOfSvg, layersOfCss, ownCost, referencesOf } from './parts.ts';
import { styleWork } from './style-work.ts';

/** A drawing is text: maps and plots have some megabytes of it. */
const mostBytes = 8 * 1024 * 1024;
const mostFamilies = 20;
/** Each letter on a path is laid on by its own look along the path: it counts as so many in a line. */
const lettersOnPath = 10;
/** Of holding selectors against elements: two seconds or less. Drawings come to some millions. */
const mostStyleWork = 200_000_000;

/** What was read so far. */
interface Reading {
  root: QualifiedTag | undefined;
  readonly top: SvgNode;
  readonly open: { readonly tag: QualifiedTag; readonly node: SvgNode }[];
  readonly byId: Map<string, SvgNode>;
  readonly families: Set<string>;
  readonly pictures: Buffer[];
  elements: number;
  /** Of elements in elements, at most. */
  levels: number;
  hasText: boolean;
  /** Of text that is drawn: each is a shape. */
  letters: number;
  css: string;
}

const nothing = { elements: 0, rate: 0, squareRate: 0, layers: 0 };

/** Reads an SVG (SVG 2): how large it is by itself, and what drawing it takes, with everything that it uses again. */
export function* inspectSvg(bytes: Buffer): Steps<Header> {
  if (bytes.length > mostBytes) {
    throw new Failure('too_large', `The SVG has ${bytes.length} bytes; at most ${mostBytes} are read.`);
  }
  const reading: Reading = {
    root: undefined,
    top: { cost: nothing, references: [], children: [], letters: 0 },
    open: [],
    byId: new Map(),
    families: new Set(),
    pictures: [],
    elements: 0,
    levels: 0,
    hasText: false,
    letters: 0,
    css: '',
  };
  yield* readXml(textOf(bytes), {
    opened: (tag) => opened(reading, tag),
    closed: () => void reading.open.pop(),
    text: (text) => written(reading, text),
  });
  if (reading.root === undefined) throw broken('svg+xml', 'it ends before its root');
  if (styleWork(reading.css, reading) > mostStyleWork)
    throw tooMany('svg+xml', 'rules of style for its elements', mostStyleWork);
  return {
    ...upToNow,
    stored: wholeSize(naturalSize(reading.root)),
    hasAlpha: true,
    samplesPerPixel: 4,
    vector: vectorOf(reading, reading.root, bytes.length),
    embedded: reading.pictures,
  };
}

function opened(reading: Reading, tag: QualifiedTag): void {
  if (reading.root === undefined) begin(reading, tag);
  reading.elements += 1;
  if (reading.elements > mostElements) throw tooMany('svg+xml', 'elements', mostElements);
  checkForeign(reading, tag);
  const node = { cost: isOfSvg(tag) ? ownCost(tag) : nothing, references: referencesOf(tag), children: [], letters: 0 };
  (reading.open.at(-1)?.node ?? reading.top).children.push(node);
  reading.open.push({ tag, node });
  reading.levels = Math.max(reading.levels, reading.open.length);
  const id = attributeOf(tag, 'id');
  if (id !== undefined && !reading.byId.has(id)) reading.byId.set(id, node);
  const family = attributeOf(tag, 'font-family');
  if (family !== undefined) addFamilies(reading, family);
  const style = attributeOf(tag, 'style');
  if (style !== undefined) addCssFamilies(reading, style);
  if (tag.local === 'text') reading.hasText = true;
  if (tag.local !== 'image' && tag.local !== 'feImage') return;
  for (const { local, value } of Object.values(tag.attributes)) {
    const picture = local === 'href' ? embeddedPicture(value) : undefined;
    if (picture !== undefined) reading.pictures.push(picture);
  }
  if (reading.pictures.length > mostPictures) throw tooMany('svg+xml', 'pictures', mostPictures);
}

const mostPictures = 200;

function begin(reading: Reading, tag: QualifiedTag): void {
  if (tag.local !== 'svg' || !isOfSvg(tag)) {
    throw noSvgRoot();
  }
  reading.root = tag;
}

/** HTML in a drawing is drawn by browsers alone; where there is something else for those that cannot, that is drawn. */
function checkForeign({ open }: Reading, { local }: QualifiedTag): void {
  if (local !== 'foreignObject' || open.some(({ tag }) => tag.local === 'switch')) return;
  throw new Failure('unsupported', 'An SVG with HTML in it (foreignObject) is not read.');
}

function written(reading: Reading, text: string): void {
  const { open } = reading;
  const inside = open.at(-1);
  const isIn = (local: string) => open.some(({ tag }) => tag.local === local);
  if (inside !== undefined && isIn('text')) {
    const letters = text.trim().length * (isIn('textPath') ? lettersOnPath : 1);
    inside.node.letters += letters;
    reading.letters += letters;
  }
  if (reading.letters > mostLetters) throw tooMany('svg+xml', 'letters', mostLetters);
  if (inside?.tag.local !== 'style') return;
  reading.css += text;
  addCssFamilies(reading, text);
}

function addCssFamilies(reading: Reading, css: string): void {
  for (const [, names] of css.matchAll(/font(?:-family)?\s*:\s*([^;}]{1,300})/g)) {
    // The short form has sizes before, of which the last word is left.
    if (names !== undefined) addFamilies(reading, names.replace(/^.*?\d(?:px|pt|em|rem|%)(?:\/\S+)?\s+/, ''));
  }
}

function addFamilies({ families }: Reading, names: string): void {
  for (const name of familiesIn(names)) if (families.size < mostFamilies) families.add(name);
}

/** Four letters stand for three bytes. */
const base64Growth = 4 / 3;

function vectorOf(reading: Reading, root: QualifiedTag, bytes: number): Vector {
  const whole = expand(reading.top, reading.byId);
  const { elements, letters, rate, mostRate, squareRate, layers } = withCss(reading, whole);
  const shown = viewBoxOf(root);
  const scale = shown === undefined ? 1 : naturalSize(root).width / shown.width;
  return {
    elements: elements + letters,
    // One part lies on all of the picture, and the others on a tenth.
    rate: mostRate + (rate - mostRate) / 10,
    squareRate: squareRate * scale ** 2,
    layers,
    textBytes: Math.max(0, bytes - base64Growth * reading.pictures.reduce((sum, { length }) => sum + length, 0)),
    imagePixels: 0,
    families: reading.hasText ? [...reading.families] : undefined,
  };
}

/** What CSS applies to elements may be applied to each of them. */
function withCss({ css, byId, elements }: Reading, whole: Expansion): Expansion {
  const used = [...new Set(idsIn(css))].flatMap((id) => byId.get(id) ?? []);
  const drawn = used.filter(({ children }) => !children.every(isCheap));
  const references = drawn.map((_, index) => ({ id: String(index), times: elements }));
  const layers = whole.layers + layersOfCss(css);
  if (references.length === 0) return { ...whole, layers };
  const targets = new Map(drawn.map((node, index) => [String(index), node]));
  const applied = expand({ cost: nothing, references, children: [], letters: 0 }, targets);
  return {
    ...whole,
    elements: whole.elements + applied.elements,
    letters: whole.letters + applied.letters,
    rate: whole.rate + applied.rate,
    layers,
  };
}

/** Stops of a gradient, and what filters are made of, whose cost is counted by itself. */
function isCheap({ children, references }: SvgNode): boolean {
  return children.length === 0 && references.length === 0;
}
