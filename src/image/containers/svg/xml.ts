import sax, { type QualifiedTag, type SAXParser } from 'sax';
import { Failure } from '../../../failure.ts';
import type { Steps } from '../../../turns.ts';
import { broken, tooMany } from '../header.ts';

export type { QualifiedTag };

/** What is handed over before the bounds are looked at again. */
const pieceCharacters = 4_096;
/** Pieces in one step: some 2 ms. */
const piecesPerStep = 16;

/**
 * Where reading ends: its time grows with the square of the depth, and of the attributes of one tag. Drawings have some ten levels and
 * some twenty attributes.
 */
const [mostLevels, mostAttributes] = [256, 1_000];

// Where an attribute is longer than 64 kB, which the bytes of a picture in it are, it would stop: what is read is bounded as a whole.
Object.assign(sax, { MAX_BUFFER_LENGTH: Number.POSITIVE_INFINITY });

/** The text of an SVG's file, which is UTF-8. Failures: `unsupported`. */
export function textOf(file: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file);
  } catch {
    throw new Failure('unsupported', 'An SVG that is not written in UTF-8 is not read.');
  }
}

/** What hears of an SVG's parts, as they come. */
export interface SvgListener {
  opened(tag: QualifiedTag, parser: SAXParser): void;
  closed?(): void;
  text?(text: string): void;
  /** True ends the reading. */
  isDone?(): boolean;
}

interface Depth {
  levels: number;
}

/** Reads all of it, unless the listener has what it wants. Failures: `corrupt`, `unsupported`, `too_large`. */
export function* readXml(text: string, listener: SvgListener): Steps<void> {
  const depth: Depth = { levels: 0 };
  const parser = createParser(listener, depth);
  for (let at = 0, pieces = 1; at < text.length; at += pieceCharacters, pieces += 1) {
    parser.write(text.slice(at, at + pieceCharacters));
    if (listener.isDone?.() === true) return;
    checkBounds(parser, depth);
    if (pieces % piecesPerStep === 0) yield;
  }
  parser.close();
}

function checkBounds(parser: SAXParser, { levels }: Depth): void {
  if (levels > mostLevels) throw tooMany('svg+xml', 'levels', mostLevels);
  const attributes: unknown = Reflect.get(parser, 'attribList');
  if (Array.isArray(attributes) && attributes.length <= mostAttributes) return;
  throw tooMany('svg+xml', 'attributes of one element', mostAttributes);
}

/** A reader that knows the short names (entities) which the file itself gives to pieces of text. */
function createParser(listener: SvgListener, depth: Depth): SAXParser {
  const parser = sax.parser(true, { xmlns: true, position: true });
  parser.onerror = () => {
    throw broken('svg+xml', 'it is no well-formed XML');
  };
  parser.ondoctype = (doctype) => declareEntities(parser, doctype);
  parser.onopentag = (tag) => {
    depth.levels += 1;
    if ('uri' in tag) listener.opened(tag, parser);
  };
  parser.onclosetag = () => {
    depth.levels -= 1;
    listener.closed?.();
  };
  parser.ontext = (text) => listener.text?.(text);
  parser.oncdata = (text) => listener.text?.(text);
  return parser;
}

/** Addresses of namespaces, which drawing programs shorten: some dozen, of some 50 letters. */
const [mostEntities, mostEntityLetters] = [64, 256];

/** Of text that is none of other entities: those could grow without end. */
function declareEntities(parser: SAXParser, doctype: string): void {
  const declarations = [...doctype.matchAll(/<!ENTITY\s+([^\s%"'>]+)\s+(?:"([^"]*)"|'([^']*)')\s*>/g)];
  const named = declarations.map(([, name = '', double, single = '']) => [name, double ?? single] as const);
  const count = doctype.split('<!ENTITY').length - 1;
  const isPlain = named.every(([, value]) => value.length <= mostEntityLetters && !/[&<]/.test(value));
  if (count > mostEntities || count !== named.length || !isPlain) {
    throw new Failure(
      'unsupported',
      'An SVG with entities of other entities, of files or of very many letters is not read.',
    );
  }
  parser.ENTITIES = { ...parser.ENTITIES, ...Object.fromEntries(named) };
}
