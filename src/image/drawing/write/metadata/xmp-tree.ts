import sax from 'sax';

export interface XmlAttribute {
  readonly uri: string;
  readonly local: string;
  readonly value: string;
}

/** An element with its namespace resolved. */
export interface XmlElement extends Omit<XmlAttribute, 'value'> {
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** Of its own, not of its children. */
  readonly text: string;
}

interface Growing extends XmlElement {
  readonly children: Growing[];
  text: string;
}

/**
 * Where reading ends. The parser's time grows with the square of the depth, of the attributes of one tag and of what is
 * wrong; real packets have some ten levels, tags of 20 kB, and thousands of elements where a history was kept.
 */
const mostLevels = 64;
const mostTagCharacters = 32 * 1024;
const mostNodes = 30_000;
const mostErrors = 100;

/** What is handed over before the bounds are looked at again. */
const pieceCharacters = 4_096;

/**
 * The elements of an XML text, under one that stands for the whole. No entity is expanded but what XML itself defines.
 * Where a text breaks off, breaks a rule or a bound, what was read before is the answer.
 */
export function readXml(text: string): XmlElement {
  const whole: Growing = { uri: '', local: '', attributes: [], children: [], text: '' };
  const open: Growing[] = [whole];
  const parser = sax.parser(true, { xmlns: true, position: false });
  let nodes = 0;
  let errors = 0;
  parser.onopentag = (tag) => {
    const { uri, local } = 'uri' in tag ? tag : { uri: '', local: tag.name };
    const element: Growing = { uri, local, attributes: attributesOf(tag), children: [], text: '' };
    nodes += 1 + element.attributes.length;
    open.at(-1)?.children.push(element);
    open.push(element);
  };
  parser.onclosetag = () => {
    if (open.length > 1) open.pop();
  };
  const addText = (part: string) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += part;
  };
  parser.ontext = addText;
  parser.oncdata = addText;
  parser.onerror = () => {
    errors += 1;
    // Cleared, so that reading goes on.
    Reflect.set(parser, 'error', null);
  };
  const end = endOfShortTags(text);
  for (let at = 0; at < end; at += pieceCharacters) {
    if (nodes > mostNodes || errors > mostErrors || open.length > mostLevels) break;
    parser.write(text.slice(at, Math.min(end, at + pieceCharacters)));
  }
  return whole;
}

/** Up to the first tag that is longer than tags are. */
function endOfShortTags(text: string): number {
  for (let at = text.indexOf('<'); at >= 0; ) {
    const end = text.indexOf('>', at);
    if (end < 0 || end - at > mostTagCharacters) return at;
    at = text.indexOf('<', end);
  }
  return text.length;
}

function attributesOf(tag: sax.Tag | sax.QualifiedTag): readonly XmlAttribute[] {
  return Object.values(tag.attributes).flatMap((attribute) =>
    typeof attribute === 'string' || attribute.uri === 'http://www.w3.org/2000/xmlns/'
      ? []
      : [{ uri: attribute.uri, local: attribute.local, value: attribute.value }],
  );
}
