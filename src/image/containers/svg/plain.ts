import type { Steps } from '../../../turns.ts';
import { tooMany } from '../header.ts';
import { plainCss, plainValue } from './plain-values.ts';
import { noSvgRoot, svgNamespace } from './root.ts';
import { type QualifiedTag, readXml } from './xml.ts';

/** What draws (SVG 2); whatever else there is goes with everything in it: scripts, HTML, and elements of other languages. */
const kept: ReadonlySet<string> = new Set(
  [
    'svg g defs symbol use switch title desc style a view',
    'path rect circle ellipse line polyline polygon image text tspan textPath tref',
    'linearGradient radialGradient stop pattern mask clipPath marker filter',
    'feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight',
    'feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset',
    'fePointLight feSpecularLighting feSpotLight feTile feTurbulence',
    'animate animateMotion animateTransform mpath set',
  ].flatMap((names) => names.split(' ')),
);

/** Elements whose letters are drawn, or say how: between others there is nothing but blanks. */
const withText: ReadonlySet<string> = new Set(['title', 'desc', 'style', 'text', 'tspan', 'textPath', 'a', 'tref']);

const [xlink, xml] = ['http://www.w3.org/1999/xlink', 'http://www.w3.org/XML/1998/namespace'];

/** Elements of a drawing that is sent as it is. */
const mostElements = 50_000;

interface Writing {
  readonly parts: string[];
  readonly open: string[];
  /** Of the style sheet that is open: which of it is plain is seen of the whole alone. */
  readonly css: string[];
  /** Levels below one that is left out. */
  skipped: number;
  elements: number;
}

/**
 * The same drawing, written anew of nothing but what draws: no script, no handler, no address but of parts of itself and of pictures that
 * lie in it. What is read here and what others read is the same, since nothing is copied. Failures: `corrupt`, `unsupported`, `too_large`.
 */
export function* plainSvg(text: string): Steps<string> {
  const writing: Writing = { parts: [], open: [], css: [], skipped: 0, elements: 0 };
  yield* readXml(text, {
    opened: (tag) => opened(writing, tag),
    closed: () => closed(writing),
    text: (part) => written(writing, part),
  });
  if (writing.parts.length === 0) throw noSvgRoot();
  return writing.parts.join('');
}

function opened(writing: Writing, tag: QualifiedTag): void {
  writing.elements += 1;
  if (writing.elements > mostElements) throw tooMany('svg+xml', 'elements', mostElements);
  if (writing.skipped > 0 || tag.uri !== svgNamespace || !kept.has(tag.local) || isAiming(tag)) {
    writing.skipped += 1;
    return;
  }
  const namespaces = writing.open.length === 0 ? ` xmlns="${svgNamespace}" xmlns:xlink="${xlink}"` : '';
  writing.parts.push(`<${tag.local}${namespaces}${attributesOf(tag)}>`);
  writing.open.push(tag.local);
}

function closed(writing: Writing): void {
  if (writing.skipped > 0) {
    writing.skipped -= 1;
    return;
  }
  const { parts, open, css } = writing;
  const ended = open.pop() ?? '';
  if (ended === 'style') parts.push(escaped(plainCss(css.splice(0).join(''))));
  parts.push(`</${ended}>`);
}

function written({ parts, open, css, skipped }: Writing, text: string): void {
  const inside = open.at(-1);
  if (skipped > 0 || inside === undefined || !withText.has(inside)) return;
  if (inside === 'style') css.push(text);
  else parts.push(escaped(text));
}

/** Whether an animation would give an element another address, or a handler. */
function isAiming({ attributes }: QualifiedTag): boolean {
  const names = Object.values(attributes).filter(({ local }) => local === 'attributeName');
  return names.some(({ value }) => /^\s*(?:xlink:)?href\s*$|^\s*on/i.test(value));
}

function attributesOf({ attributes, local: element }: QualifiedTag): string {
  return Object.values(attributes)
    .map((attribute) => {
      const { uri, local, value } = attribute;
      const prefix = { '': '', [xlink]: 'xlink:', [xml]: 'xml:' }[uri];
      const isName = /^[A-Za-z][\w.-]*$/.test(local) && !/^on|^xmlns$/i.test(local);
      const plain = prefix === undefined || !isName ? undefined : plainValue(element, local, value);
      return plain === undefined ? '' : ` ${prefix}${local}="${escaped(plain).replaceAll('"', '&quot;')}"`;
    })
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
