import { Failure, isFailure } from '../failure.ts';
import {
  checkAliases,
  checkPresets,
  defaultGrammarOptions,
  dialectClashes,
  type GrammarOptions,
  parseTransformation,
} from '../grammar/index.ts';
import { dialectsIn } from './dialects.ts';
import type { ConfigurationFile } from './file.ts';
import { leastMegabytesPerRenderer, leastRenderMegabytes } from './machine.ts';
import { megabyte } from './values.ts';
import type { EnvironmentValues } from './variables.ts';

/** One thing that values say against each other. */
interface Rule {
  /** The variables and keys of the file that it is about: nothing can be said where one of them was refused. */
  readonly of: readonly string[];
  readonly problems: (values: EnvironmentValues, file: ConfigurationFile) => readonly string[];
}

const rules: readonly Rule[] = [
  { of: ['FOVEA_CDN', 'CLOUDFLARE_API_TOKEN'], problems: problemsOfCdn },
  { of: ['FOVEA_VARIANTS', 'FOVEA_VARIANTS_MAX_MB'], problems: problemsOfBound },
  { of: ['presets'], problems: (_, file) => problemsOfPresets(file) },
  { of: ['presets', 'aliases', 'defaultCrop'], problems: (_, file) => problemsOfAliases(file) },
  { of: ['presets', 'aliases', 'warm'], problems: (_, file) => problemsOfWarm(file) },
  { of: ['spellings', 'dialects', 'dialectSecrets'], problems: (_, file) => problemsOfDialects(file) },
  { of: ['FOVEA_RENDERERS', 'FOVEA_RENDER_MEMORY_MB'], problems: problemsOfMemory },
  { of: ['FOVEA_UNSIGNED', 'FOVEA_SIGNING_SECRETS', 'presets', 'dialectSecrets'], problems: problemsOfPolicy },
];

/** What values that are right each for itself say against each other; of those that were refused nothing. */
export function problemsTogether(
  values: EnvironmentValues,
  file: ConfigurationFile,
  refused: ReadonlySet<string>,
): readonly string[] {
  const sound = rules.filter(({ of }) => !of.some((name) => refused.has(name)));
  return sound.flatMap(({ problems }) => problems(values, file));
}

function problemsOfCdn({ cdn, cloudflareToken }: EnvironmentValues): readonly string[] {
  const isMissing = cdn.startsWith('cloudflare:') && cloudflareToken === undefined;
  return isMissing ? ['FOVEA_CDN: cloudflare needs CLOUDFLARE_API_TOKEN'] : [];
}

function problemsOfBound({ variants, variantsMaxBytes }: EnvironmentValues): readonly string[] {
  if (variantsMaxBytes === undefined || variants.startsWith('file:')) return [];
  return ['FOVEA_VARIANTS_MAX_MB: only a folder is bounded; give a bucket a lifecycle rule'];
}

/** Presets, aliases and what is warmed are in the URL language, and may name each other. */
function grammarOf({ presets, aliases, defaultCrop }: ConfigurationFile): GrammarOptions {
  return { ...defaultGrammarOptions, presets, aliases, defaultCrop };
}

function problemsOfPresets({ presets }: ConfigurationFile): readonly string[] {
  return Object.entries(presets).flatMap(([name, text]) =>
    problemsIn(`presets.${name}: `, () => checkPresets({ presets: { [name]: text } })),
  );
}

function problemsOfAliases(file: ConfigurationFile): readonly string[] {
  return Object.entries(file.aliases).flatMap(([pattern, text]) =>
    problemsIn(`aliases.${pattern}: `, () => checkAliases({ ...grammarOf(file), aliases: { [pattern]: text } })),
  );
}

function problemsOfWarm(file: ConfigurationFile): readonly string[] {
  const transformations = file.warm.filter((text) => !Object.hasOwn(file.presets, text));
  return transformations.flatMap((text) => problemsIn('', () => checkWarm(text, grammarOf(file))));
}

function problemsIn(key: string, check: () => void): readonly string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!isFailure(error)) throw error;
    return [`FOVEA_CONFIG: ${key}${error.message}`];
  }
}

function checkWarm(text: string, grammar: GrammarOptions): void {
  try {
    parseTransformation(text, grammar);
  } catch (error) {
    if (!isFailure(error)) throw error;
    const names = Object.keys(grammar.presets);
    const presets = names.length === 0 ? 'of which there is none' : `of which there are ${names.join(', ')}`;
    throw new Failure(
      'invalid',
      `warm: ${JSON.stringify(text)} is neither a preset, ${presets}, nor a transformation: ${error.message}`,
    );
  }
}

/** Dialects that nothing tells apart, and secrets of dialects that are not read: either was hardly meant. */
function problemsOfDialects(file: ConfigurationFile): readonly string[] {
  const active = dialectsIn(file);
  const read: readonly string[] = [...active.dialects, 'cloudinary'];
  const idle = Object.keys(file.dialectSecrets).filter((name) => !read.includes(name));
  return [
    ...dialectClashes(active).map((problem) => `FOVEA_CONFIG: dialects: ${problem}`),
    ...idle.map((name) => `FOVEA_CONFIG: dialectSecrets.${name}: ${name} is not read; name it in dialects`),
  ];
}

function problemsOfMemory({ renderMemoryBytes, renderers = 1 }: EnvironmentValues): readonly string[] {
  const least = Math.max(leastRenderMegabytes, leastMegabytesPerRenderer * renderers);
  if (renderMemoryBytes === undefined || renderMemoryBytes >= least * megabyte) return [];
  const reason = `which is ${leastMegabytesPerRenderer} for each of FOVEA_RENDERERS and no less than ${leastRenderMegabytes}`;
  return [`FOVEA_RENDER_MEMORY_MB: expected at least ${least}, ${reason}; came ${renderMemoryBytes / megabyte}`];
}

/** A policy under which no URL would be answered was hardly meant. */
function problemsOfPolicy(
  { unsignedGiven, signingSecrets }: EnvironmentValues,
  { presets, dialectSecrets }: ConfigurationFile,
): readonly string[] {
  if (signingSecrets.length > 0 || Object.keys(dialectSecrets).length > 0) return [];
  if (unsignedGiven === 'none') {
    return ['FOVEA_UNSIGNED: none refuses every URL when FOVEA_SIGNING_SECRETS is empty'];
  }
  if (unsignedGiven === 'presets' && Object.keys(presets).length === 0) {
    return ['FOVEA_UNSIGNED: presets refuses every URL when the configuration names no preset'];
  }
  return [];
}
