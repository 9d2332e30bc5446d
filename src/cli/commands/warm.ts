import { z } from 'zod';
import { Failure } from '../../failure.ts';
import { transformsToWarm } from '../../variants/index.ts';
import { type Context, defineCommand, texts } from '../command.ts';
import { selectedKeys } from '../keys.ts';
import type { Operations } from '../operations.ts';
import { throwIfFailed, walk } from '../walk.ts';

export const warmCommand = defineCommand({
  name: 'warm',
  summary: 'make variants before somebody asks for them, and store them',
  notes: [
    'Without --transform and --preset: the presets under "warm" in the configuration. f_auto makes one variant for each',
    'kind of browser. What is stored already is not made again.',
  ],
  words: ['[keys...]', 'keys of originals; - reads them from stdin, one a line'],
  options: [
    ['--prefix <prefix>', 'all originals below it instead, in order of their keys'],
    ['--all', 'all originals instead'],
    ['--transform <text>', 'a transformation as in a URL', 'list'],
    ['--preset <name>', 'a preset of the configuration', 'list'],
    ['--start-after <key>', 'begin behind this key: goes on where another run was stopped'],
  ],
  schema: z.object({
    prefix: z.string().optional(),
    all: z.boolean().default(false),
    transform: texts,
    preset: texts,
    startAfter: z.string().optional(),
  }),
  examples: [
    ['fovea warm cats/tom.jpg --transform w_400,f_auto', 'one original'],
    ['fovea warm --prefix 2026/ --preset card --start-after 2026/03/x.jpg', 'a bucket, from there on'],
    ['zcat popular.gz | fovea warm - --json > warmed.jsonl', 'what was asked for most, a line of JSON for each'],
  ],
  async run({ words, options, context }) {
    const { output, stdin, signal } = context;
    const operations = await context.open();
    const prefix = options.all ? '' : options.prefix;
    if (words.length === 0 && prefix === undefined) {
      throw new Failure('invalid', 'Nothing is named: expected keys, - for a list on stdin, --prefix or --all.');
    }
    const transformsOf = readTransformations(options, operations);
    const { originals, variants: stored } = await operations.stores();
    if (stored === undefined) {
      throw new Failure(
        'invalid',
        'Variants would be made for nothing: FOVEA_VARIANTS is none, so they are not stored.',
      );
    }
    const items = selectedKeys({ words, prefix, startAfter: options.startAfter }, { stdin, originals, signal });
    const variants = await operations.warming();
    const made = { rendered: 0, present: 0 };
    const total = prefix === undefined && !words.includes('-') ? words.length : undefined;
    const progress = output.progress('warming', total);
    const result = await walk(
      { items, keyOf: (key) => key, concurrency: operations.settings.concurrency },
      context,
      async (key) => {
        const { rendered, present, isAbsent } = await variants.warm(key, transformsOf(key), { signal });
        if (isAbsent) throw new Failure('not_found', 'There is no such original.');
        // Counted only when it is stored: whoever resumes relies on it.
        await variants.settled();
        made.rendered += rendered;
        made.present += present;
        progress.advance();
        await output.record({ key, rendered, present });
      },
    ).finally(progress.stop);
    await report({ ...result, ...made }, context);
    throwIfFailed(result);
    throwIfNotKept(operations);
  },
});

/** Read once for all before anything is opened: a slip of the pen shall not cost a walk. */
function readTransformations(
  { transform, preset }: { readonly transform: readonly string[]; readonly preset: readonly string[] },
  { settings }: Operations,
) {
  const named = [...transform, ...preset.map((name) => `t_${name}`)];
  const transformations = named.length > 0 ? named : settings.warm;
  if (transformations.length === 0) {
    throw new Failure('invalid', 'Nothing to make: expected --transform, --preset, or "warm" in the configuration.');
  }
  transformsToWarm('sample.jpg', transformations, settings.grammar);
  return (key: string) => transformsToWarm(key, transformations, settings.grammar);
}

interface Made {
  readonly done: number;
  readonly failed: number;
  readonly rendered: number;
  readonly present: number;
}

async function report({ done: originals, failed, rendered, present }: Made, { output }: Context): Promise<void> {
  await output.print(
    { originals, failed, rendered, present },
    `${originals} original(s): ${rendered} variant(s) made, ${present} were there`,
  );
}

/** A store that fails is no reason to stop a render, but here it was all about the store. */
function throwIfNotKept(operations: Operations): void {
  const faults = operations.faults();
  if (faults === 0) return;
  throw new Failure('upstream', `A store failed ${faults} time(s) on the way: not all that was made may be stored.`);
}
