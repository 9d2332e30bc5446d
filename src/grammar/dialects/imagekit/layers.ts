import { chain, component, layerOf, meaningIn, refuse } from '../dialect.ts';
import { compass } from '../drawing.ts';
import { colourIn, type Layer, numberIn, type Part, pathOf, program, type Step } from './parts.ts';
import { drawnStep } from './step.ts';

/** What places a layer, and what it shows; the rest is made of it. */
const own: readonly string[] = ['i', 'ie', 'lx', 'ly', 'lfo', 'lm'];
const ofText: readonly string[] = ['fs', 'ff', 'co', 'tg', 'al'];

/** The components that lay one layer over what there is. */
export function drawnLayer({ kind, steps: [first, ...others] }: Layer): readonly string[] {
  const list = [first, ...others].flatMap((step) => step?.parts ?? []);
  const parts = new Map(list.map((part) => [part.name, part]));
  const nested = [first, ...others].find((step) => (step?.layers.length ?? 0) > 0);
  if (nested !== undefined) throw refuse(program, `l-${kind}`, 'a layer in a layer is not drawn');
  const mine = kind === 'text' ? [...own, ...ofText] : own;
  const made = (step: Step | undefined) => (step?.parts ?? []).filter(({ name }) => !mine.includes(name));
  if (kind === 'text') return textLayer(parts, made(first), others.length);
  if (kind !== 'image') throw refuse(program, `l-${kind}`, 'layers are pictures and texts');
  const path = pathOf(inputOf(parts, kind));
  if (path === 'ik_canvas') throw refuse(program, 'i-ik_canvas', 'there are no blocks of one colour');
  return chain(
    layerOf(path),
    ...[first, ...others].flatMap((step) => drawnStep(made(step))),
    component({ e: mode(parts.get('lm')), fl: 'layer_apply', ...place(parts) }),
  );
}

/** `i-` as it stands, `ie-` in base64. */
function inputOf(parts: ReadonlyMap<string, Part>, kind: string): string {
  const [plain, encoded] = [parts.get('i'), parts.get('ie')];
  const input = encoded === undefined ? plain?.value : Buffer.from(encoded.value, 'base64').toString('utf8');
  if (input !== undefined && input !== '') return input;
  throw refuse(program, `l-${kind}`, 'a layer names what it shows: i- or ie-');
}

function textLayer(parts: ReadonlyMap<string, Part>, made: readonly Part[], steps: number): readonly string[] {
  const [other] = made;
  if (other !== undefined) throw refuse(program, other.text, 'it is not drawn of a text');
  if (steps > 0) throw refuse(program, 'l-text', 'a text is one step');
  const size = parts.get('fs');
  const colour = parts.get('co');
  const alpha = parts.get('al');
  const words = (parts.get('tg')?.value ?? '').split('_').filter((word) => word !== '');
  const styles = words.map((word) => meaningIn({ b: 'bold', i: 'italic', strikethrough: 'strikethrough' }, word));
  if (styles.includes(undefined))
    throw refuse(program, parts.get('tg')?.text ?? 'tg', 'it takes b, i and strikethrough');
  const font = [
    familyOf(parts.get('ff')),
    String(size === undefined ? 14 : Math.max(1, Math.round(numberIn(size, [1, 2000])))),
    ...styles.filter((style) => style !== undefined),
  ];
  const text = `text:${font.join('_')}:${encodeURIComponent(inputOf(parts, 'text'))}`;
  return chain(
    component({ l: text, co: colour && colourIn(colour.value, colour.text) }),
    component({ o: alpha && String(Math.round(numberIn(alpha, [1, 9]) * 10)) }),
    component({ fl: 'layer_apply', ...place(parts) }),
  );
}

/** A file of a font is one of the account's; here fonts go by their names. */
function familyOf(part: Part | undefined): string {
  if (part === undefined) return 'sans';
  const name = pathOf(part.value).split('/').at(-1) ?? '';
  if (/\.(?:ttf|otf|woff2?)$/i.test(name)) throw refuse(program, part.text, 'fonts go by their names here');
  return name.replaceAll('_', ' ');
}

function mode(part: Part | undefined): string | undefined {
  if (part === undefined || part.value === 'multiply') return part?.value;
  throw refuse(program, part.text, 'layers are mixed by multiply alone');
}

/** From the left and the top, or where `N` is before them from the right and the bottom; in the middle without any. */
function place(parts: ReadonlyMap<string, Part>): Readonly<Record<string, string | undefined>> {
  const [x, y, focus] = [parts.get('lx'), parts.get('ly'), parts.get('lfo')];
  if (focus !== undefined) {
    if (x !== undefined || y !== undefined) throw refuse(program, focus.text, 'beside lx and ly it is not supported');
    const g = meaningIn(compass, focus.value);
    if (g !== undefined) return { g };
    throw refuse(program, focus.text, `it takes ${Object.keys(compass).join(', ')}`);
  }
  if (x === undefined && y === undefined) return {};
  const of = (part: Part | undefined) =>
    part === undefined ? '0' : String(Math.abs(Math.round(numberIn(part, [-65_535, 65_535]))));
  const [isRight, isLow] = [x?.value.startsWith('N') === true, y?.value.startsWith('N') === true];
  return { g: `${isLow ? 'south' : 'north'}_${isRight ? 'east' : 'west'}`, x: of(x), y: of(y) };
}
