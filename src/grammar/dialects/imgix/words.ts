import { refuse } from '../dialect.ts';

export const program = 'imgix';

/** What is drawn; beside each name all else that a URL may call it. */
const drawn = [
  ...[['ar'], ['auto'], ['bg'], ['blur'], ['border'], ['bri'], ['ch'], ['chromasub'], ['con'], ['corner-radius']],
  ...[['crop'], ['cs'], ['dl'], ['dpi'], ['dpr'], ['expires'], ['facepad'], ['faceindex'], ['fill'], ['flip']],
  ...[['fm'], ['fp-x'], ['fp-y'], ['fp-z'], ['gam'], ['hue'], ['iptc'], ['jpg-progressive'], ['lossless'], ['mask']],
  ...[['pad'], ['pad-bottom'], ['pad-left'], ['pad-right'], ['pad-top'], ['page'], ['px'], ['q'], ['rect'], ['rot']],
  ...[['s'], ['sat'], ['sepia'], ['sharp'], ['trim'], ['usm'], ['usmrad'], ['vib'], ['mark-rot']],
  ['fill-color', 'fillcolor'],
  ['fit', 'f'],
  ['h', 'height'],
  ['invert', 'inv'],
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

/** What imgix knows and we do not draw. */
const refused: readonly string[] = [
  ...['blend', 'b', 'blend-align', 'blendalign', 'ba', 'blend-alpha', 'blendalpha', 'balph', 'blend-color'],
  ...['blendcolor', 'blend-clr', 'blendclr', 'blend-crop', 'blendcrop', 'bc', 'blend-fit', 'blendfit', 'bf'],
  ...['blend-h', 'blendh', 'bh', 'blend-mode', 'blendmode', 'bm', 'blend-pad', 'blendpad', 'bp', 'blend-size'],
  ...['blendsize', 'bs', 'blend-w', 'blendw', 'bw', 'blend-x', 'blendx', 'bx', 'blend-y', 'blendy', 'by'],
  ...['border-bottom', 'border-left', 'border-right', 'border-top', 'border-radius', 'border-radius-inner'],
  ...['colorquant', 'colors', 'palette', 'prefix', 'duotone', 'duotone-alpha', 'exp', 'faces', 'fp-debug'],
  ...['grid-colors', 'grid-size', 'high', 'htn', 'nr', 'nrs', 'pdf-annotation', 'annotation', 'shad', 'transparency'],
  ...['trim-md', 'trimmd', 'trim-pad', 'trimpad', 'trim-sd', 'trimsd', 'txt-clip', 'txtclip', 'tcl', 'txt-fit'],
  ...['txtfit', 'txt-lead', 'txtlead', 'txt-lig', 'txtlig', 'txt-line', 'txtline', 'tl', 'txt-line-color'],
  ...['txtlinecolor', 'txt-line-clr', 'txtlineclr', 'txt-shad', 'txtshad', 'tsh', 'txt-track', 'txttrack', 'tt'],
  ...['txt-width', 'txtwidth', 'txt-x', 'txt-y', 'txt-bg', 'txt-radius', 'txt-alpha', 'bg-remove'],
  ...['bg-remove-fallback', 'bg-replace', 'bg-replace-fallback', 'bg-replace-neg-prompt', 'fill-blur', 'fill-gen'],
  ...['fill-gen-fallback', 'fill-gen-neg-prompt', 'fill-gen-pos', 'fill-gen-prompt', 'fill-gen-seed'],
  ...['fill-gradient-cs', 'fill-gradient-linear', 'fill-gradient-linear-direction', 'fill-gradient-radial'],
  ...['fill-gradient-radial-radius', 'fill-gradient-radial-x', 'fill-gradient-radial-y', 'fill-gradient-type'],
  ...['frame', 'fps', 'gif-q', 'interval', 'loop', 'reverse', 'object-removal', 'object-removal-rect', 'upscale'],
  ...['upscale-fallback', 'rasterize-bypass', 'lossy'],
];

const fullNames: ReadonlyMap<string, ImgixName> = new Map(
  drawn.flatMap(([name, ...aliases]) => [name, ...aliases].map((spelling): [string, ImgixName] => [spelling, name])),
);

export type ImgixValues = ReadonlyMap<ImgixName, string>;

/** The options of a query that imgix knows, in clear; what is in base64 is named with 64 behind it. Empty ones say nothing. */
export function readValues(pairs: ReadonlyMap<string, string>): ImgixValues {
  const values = new Map<ImgixName, string>();
  for (const [written, value] of pairs) {
    const isEncoded = written.endsWith('64') && !written.startsWith('ix');
    const name = isEncoded ? written.slice(0, -2) : written;
    if (refused.includes(name)) throw refuse(program, written, 'it is not supported');
    const full = fullNames.get(name);
    if (full !== undefined && value !== '') {
      values.set(full, isEncoded ? Buffer.from(value, 'base64url').toString('utf8') : value);
    }
  }
  return values;
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
  throw refuse(program, `${name}=${text}`, `expected a number from ${min} to ${max}`);
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
  throw refuse(program, `${name}=${text}`, `it takes ${Object.keys(words).join(', ')} here`);
}

export function isOn(values: ImgixValues, name: ImgixName): boolean {
  return /^(?:1|true)$/i.test(values.get(name) ?? '');
}
