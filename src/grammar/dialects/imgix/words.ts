import { refuse } from '../dialect.ts';

/** What is drawn; beside each name all else that a URL may call it. */
const drawn = [
  ...[['ar'], ['auto'], ['bg'], ['blur'], ['border'], ['bri'], ['ch'], ['chromasub'], ['con'], ['corner-radius']],
  ...[
    ['crop'],
    ['cs'],
    ['dl'],
    ['dpi'],
    ['dpr'],
    ['expires'],
    ['face-blur'],
    ['facepad'],
    ['faceindex'],
    ['fill'],
    ['flip'],
  ],
  ...[['fm'], ['fp-x'], ['fp-y'], ['fp-z'], ['gam'], ['hue'], ['iptc'], ['lossless'], ['mask']],
  ...[['pad'], ['pad-bottom'], ['pad-left'], ['pad-right'], ['pad-top'], ['page'], ['px'], ['q'], ['rect'], ['rot']],
  ...[['s'], ['sat'], ['sepia'], ['sharp'], ['trim'], ['usm'], ['usmrad'], ['vib'], ['mark-rot']],
  ['face-pixel', 'face-pixelate'],
  ['fill-color', 'fillcolor'],
  ['fit', 'f'],
  ['h', 'height'],
  ['invert', 'inv'],
  ['jpg-progressive', 'jpeg-progressive'],
  ['mark-align', 'ma', 'markalign'],
  ['mark-alpha', 'markalpha', 'malph'],
  ['mark-base', 'mb', 'markbase'],
  ['mark-fit', 'mf', 'markfit'],
  ['mark-h', 'mh', 'markh'],
  ['mark-pad', 'mp', 'markpad'],
  ['mark-scale', 'ms', 'markscale'],
  ['mark-tile', 'mtile', 'marktile'],
  ['mark-w', 'mw', 'markw'],
  ['mark-x', 'mx', 'markx'],
  ['mark-y', 'my', 'marky'],
  ['mark', 'm'],
  ['mask-bg', 'maskbg'],
  ['max-h', 'max-height'],
  ['max-w', 'max-width'],
  ['min-h', 'min-height'],
  ['min-w', 'min-width'],
  ['monochrome', 'mono'],
  ['orient', 'or'],
  ['trim-color', 'trimcolor'],
  ['trim-tol', 'trimtol'],
  ['txt-align', 'txtalign', 'ta'],
  ['txt-color', 'txtcolor', 'txt-clr', 'txtclr', 'tc'],
  ['txt-font', 'tf', 'txtfont'],
  ['txt-pad', 'txtpad', 'tp'],
  ['txt-size', 'tsz', 'txtsize'],
  ['txt', 't'],
  ['w', 'width'],
] as const;

export type ImgixName = (typeof drawn)[number][0];

/** What imgix knows and we do not draw, beside those of the families below. */
const refused: readonly string[] = [
  ...['blend', 'b', 'ba', 'balph', 'bc', 'bf', 'bh', 'blendalign', 'blendalpha', 'blendcolor', 'blendclr', 'blendcrop'],
  ...['blendfit', 'blendh', 'blendmode', 'blendpad', 'blendsize', 'blendw', 'blendx', 'blendy', 'bm', 'bp', 'bs', 'bw'],
  ...['bx', 'by', 'colorquant', 'colors', 'palette', 'prefix', 'duotone', 'duotone-alpha', 'exp', 'faces', 'fp-debug'],
  ...[
    'high',
    'htn',
    'nr',
    'nrs',
    'pdf-annotation',
    'annotation',
    'shad',
    'transparency',
    'trimmd',
    'trimpad',
    'trimsd',
  ],
  ...['tcl', 'tl', 'tsh', 'tt', 'txtclip', 'txtfit', 'txtlead', 'txtlig', 'txtline', 'txtlinecolor', 'txtlineclr'],
  ...['txtshad', 'txttrack', 'txtwidth', 'txtx', 'txty', 'fill-blur', 'fill-gen', 'frame', 'fps', 'gif-q', 'interval'],
  ...['loop', 'reverse', 'skip', 'object-removal', 'upscale', 'rasterize-bypass', 'lossy'],
];

/** What begins as these do is imgix's, also where it came after this table: drawn if it is above, else refused. */
const families: readonly string[] = [
  ...['background-re', 'bg-re', 'blend-', 'border-', 'fill-gen', 'fill-gradient-', 'grid-', 'license-plate-', 'lp-'],
  ...['mark-', 'object-removal-', 'trim-', 'txt-', 'upscale-', 'video-'],
];

/** Of what is not drawn, what asks for nothing. */
const nothing: readonly string[] = ['', 'false'];

const fullNames: ReadonlyMap<string, ImgixName> = new Map(
  drawn.flatMap(([name, ...aliases]) => [name, ...aliases].map((spelling): [string, ImgixName] => [spelling, name])),
);

/** The options of one query, and whose URL it is of: others than imgix have taken them over. */
export interface ImgixValues extends Pick<ReadonlyMap<ImgixName, string>, 'get' | 'has' | 'size'> {
  readonly program: string;
}

/** The options of a query that imgix knows, in clear; what is in base64 is named with 64 behind it. Empty ones say nothing. */
export function readValues(pairs: ReadonlyMap<string, string>, program: string): ImgixValues {
  const values = new Map<ImgixName, string>();
  for (const [written, value] of pairs) {
    const isEncoded = written.endsWith('64') && !written.startsWith('ix');
    const name = isEncoded ? written.slice(0, -2) : written;
    const text = isEncoded ? Buffer.from(value, 'base64url').toString('utf8') : value;
    const full = fullNames.get(name);
    if (full === undefined && isKnown(name) && !nothing.includes(text))
      throw refuse(program, written, 'it is not supported');
    if (full !== undefined && text !== '') values.set(full, text);
  }
  return { program, size: values.size, get: (name) => values.get(name), has: (name) => values.has(name) };
}

function isKnown(name: string): boolean {
  return refused.includes(name) || families.some((family) => name.startsWith(family));
}

/** A number of an option within its limits; what is beyond them is refused. Undefined without the option. */
export function numberOf(
  values: ImgixValues,
  name: ImgixName,
  [min, max]: readonly [number, number],
): number | undefined {
  const text = values.get(name);
  if (text === undefined) return undefined;
  const value = /^-?(?:\d{1,7}(?:\.\d{0,9})?|\.\d{1,9})$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw refuse(values.program, `${name}=${text}`, `expected a number from ${min} to ${max}`);
}

/** One of an option's words; any other is refused. */
export function wordOf<const Words extends Readonly<Record<string, string>>>(
  values: ImgixValues,
  name: ImgixName,
  words: Words,
): Words[keyof Words] | undefined {
  const text = values.get(name)?.toLowerCase();
  if (text === undefined) return undefined;
  if (Object.hasOwn(words, text)) return words[text] as Words[keyof Words];
  throw refuse(values.program, `${name}=${text}`, `it takes ${Object.keys(words).join(', ')} here`);
}

export function isOn(values: ImgixValues, name: ImgixName): boolean {
  return /^(?:1|true)$/i.test(values.get(name) ?? '');
}
