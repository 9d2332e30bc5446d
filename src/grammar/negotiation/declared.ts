import { isFailure } from '../../failure.ts';
import { fixedAliases } from '../dialects/aliases.ts';
import type { GrammarOptions } from '../grammar-options.ts';
import { extensionFormat } from '../ids/extension.ts';
import { canonical } from '../meaning/canonical.ts';
import type { ResolvedTransform, Transform } from '../meaning/transform.ts';
import type { CropMode } from '../parameters/crop.ts';
import { type Quality, type TargetFormat, writeFormat, writeQuality } from '../parameters/output.ts';
import { parseComponents } from '../reading/parse-components.ts';
import { negotiate } from './negotiate.ts';

/** What an operator has declared by the configuration. */
export interface Declarations {
  readonly grammar: Pick<GrammarOptions, 'presets' | 'aliases' | 'defaultCrop'>;
  /** Names of presets, and transformations, that every original gets. */
  readonly warm: readonly string[];
  /** Widths that pages may ask for. */
  readonly widths: readonly number[];
}

/**
 * True for a variant of an original (its key, the canonical text of its transformation) that an operator has declared:
 * it always has room, whoever asks for it, however it is written.
 */
export type IsDeclared = (key: string, text: string) => boolean;

/** What a format or quality beside a declared size or preset may come to; `own`: none is said, or that of the name. */
const autoFormats: readonly TargetFormat[] = ['auto-avif', 'auto-webp', 'auto-basic'];
/** `q_auto`, and what a client that saves data gets for it. */
const autoQualities: readonly Quality[] = [
  { kind: 'auto', level: 'good' },
  { kind: 'auto', level: 'eco' },
];
/** A page that sizes by width does it in one of these modes, or in none. */
const sizingModes: readonly CropMode[] = ['limit', 'scale', 'fill'];

const own = 'own';

type DeclaredOutput = `${string}|${string}`;

function outputOf(format: TargetFormat | undefined, quality: Quality | undefined): DeclaredOutput {
  return `${format === undefined || format === 'source' ? own : writeFormat(format)}|${quality === undefined ? '' : writeQuality(quality)}`;
}

function outputsOf(
  formats: readonly (TargetFormat | undefined)[],
  qualities: readonly (Quality | undefined)[],
): Set<DeclaredOutput> {
  return new Set(formats.flatMap((format) => qualities.map((quality) => outputOf(format, quality))));
}

/**
 * Declared are: a width of the ladder and no height, in `c_limit`, `c_scale`, `c_fill` or no mode, with `f_auto`, `q_auto`,
 * both or neither; each preset, with the same beside it; an alias without variables; and what `warm` names. A format
 * that the name of the picture asks for counts as none when it is the original's own.
 */
export function createDeclared({ grammar, warm, widths }: Declarations): IsDeclared {
  const declared = new Map<string, Set<DeclaredOutput>>();
  const add = (base: string, outputs: Iterable<DeclaredOutput>) => {
    const known = declared.get(base) ?? new Set();
    for (const output of outputs) known.add(output);
    declared.set(base, known);
  };
  const besides = outputsOf([undefined, ...autoFormats], [undefined, ...autoQualities]);
  for (const mode of new Set([...sizingModes, grammar.defaultCrop])) {
    for (const width of widths) declared.set(`c_${mode},w_${width}`, besides);
  }
  for (const { transform, takesAuto } of writtenDeclarations(grammar, warm)) {
    const [resolved, lighter] = [undefined, 'on'].map((saveData) => resolve(transform, saveData));
    if (resolved === undefined || lighter === undefined) continue;
    const formats = transform.format === 'auto' ? autoFormats : [resolved.format, ...(takesAuto ? autoFormats : [])];
    const qualities = [resolved.quality, lighter.quality, ...(takesAuto ? autoQualities : [])];
    add(baseOf(resolved), outputsOf(formats, qualities));
  }
  return (key, text) => {
    const { base, format, quality } = takeApart(text);
    const outputs = declared.get(base);
    if (outputs === undefined) return false;
    const isOwn = format === undefined || format === extensionFormat(key);
    return outputs.has(`${format ?? own}|${quality}`) || (isOwn && outputs.has(`${own}|${quality}`));
  };
}

function resolve(transform: Transform, saveData: string | undefined): ResolvedTransform {
  return negotiate(transform, { accept: undefined, foveaAccept: undefined, saveData }).transform;
}

function baseOf(transform: ResolvedTransform): string {
  return canonical({ ...transform, format: 'source', quality: undefined });
}

interface WrittenDeclaration {
  readonly transform: Transform;
  /** `f_auto` and `q_auto` may stand beside it. */
  readonly takesAuto: boolean;
}

function* writtenDeclarations(
  { presets, aliases, defaultCrop }: Declarations['grammar'],
  warm: readonly string[],
): Generator<WrittenDeclaration> {
  const read = (components: readonly string[], mode: CropMode) => parseOrSkip(components, mode, presets);
  // A size without a mode means another one in the long form.
  for (const mode of new Set<CropMode>([defaultCrop, 'scale'])) {
    for (const name of Object.keys(presets)) {
      for (const transform of read([`t_${encodeURIComponent(name)}`], mode)) yield { transform, takesAuto: true };
    }
  }
  const texts = warm.filter((text) => !Object.hasOwn(presets, text)).map((text) => text.split('/'));
  for (const components of [...texts, ...fixedAliases(aliases)]) {
    for (const transform of read(
      components.filter((text) => text !== ''),
      defaultCrop,
    ))
      yield { transform, takesAuto: false };
  }
}

/** What cannot be read cannot be asked for either; the configuration has been told so. */
function parseOrSkip(
  components: readonly string[],
  mode: CropMode,
  presets: GrammarOptions['presets'],
): readonly Transform[] {
  try {
    return [parseComponents(components, mode, presets).transform];
  } catch (error) {
    if (isFailure(error, 'invalid')) return [];
    throw error;
  }
}

/** A canonical text without its format and quality, which stand in its last component, and these two. */
function takeApart(text: string): {
  readonly base: string;
  readonly format: string | undefined;
  readonly quality: string;
} {
  const components = text.split('/');
  const last = (components.pop() ?? '').split(',');
  const said = (key: string) => last.find((part) => part.startsWith(key))?.slice(key.length);
  const [format, quality] = [said('f_'), said('q_')];
  const rest = last.filter((part) => !part.startsWith('f_') && !part.startsWith('q_')).join(',');
  return { base: [...components, ...(rest === '' ? [] : [rest])].join('/') || 'a_0', format, quality: quality ?? '' };
}
