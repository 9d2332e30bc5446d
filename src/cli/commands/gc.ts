import { z } from 'zod';
import { Failure, isFailure } from '../../failure.ts';
import type { CollectOptions, CollectProgress } from '../../variants/index.ts';
import { type Context, defineCommand, duration, wholeNumberBetween } from '../command.ts';
import { readFile } from '../files.ts';
import { linesOf } from '../keys.ts';
import type { Operations } from '../operations.ts';

const dayMs = 86_400_000;

const schema = z.object({
  variants: z.boolean().default(false),
  staging: z.boolean().default(false),
  referenced: z.string().optional(),
  minAge: duration.default(dayMs),
  maxShare: wholeNumberBetween(0, 100).default(20),
  delete: z.boolean().default(false),
  force: z.boolean().default(false),
  startAfter: z.string().optional(),
});

export const gcCommand = defineCommand({
  name: 'gc',
  summary: 'find what nobody needs any more, and delete it when told to',
  notes: [
    'Without --variants, --staging and --referenced: the first two. Deletes nothing without --delete. Each object is',
    'looked at anew just before it is deleted.',
  ],
  options: [
    ['--variants', 'stored variants whose original is gone'],
    ['--staging', 'what uploads left that were never finished'],
    ['--referenced <file>', 'originals whose key is in no line of this file (- is stdin), and their variants'],
    ['--min-age <duration>', 'nothing younger: 90s, 30m, 24h, 7d (24h unless said otherwise)'],
    ['--max-share <percent>', 'refuse to delete more of what is there than this (20 unless said otherwise)'],
    ['--delete', 'delete what is found'],
    ['--force', 'delete whatever share it is, and look only once'],
    ['--start-after <key>', 'begin behind this key: goes on where another run was stopped'],
  ],
  schema,
  examples: [
    ['fovea gc', 'what would go: variants without an original, leftovers of uploads'],
    ['fovea gc --delete', 'every night, from cron'],
    [
      'psql -Atc "select key from pictures" | fovea gc --referenced - --min-age 30d',
      'originals that a database forgot',
    ],
  ],
  async run({ options, context }) {
    const operations = await context.open();
    const isDefault = !options.variants && !options.staging && options.referenced === undefined;
    const walks = [options.variants || isDefault, options.referenced !== undefined].filter(Boolean).length;
    if (options.startAfter !== undefined && (walks !== 1 || options.staging || isDefault)) {
      throw new Failure('invalid', '--start-after goes with one of --variants and --referenced.');
    }
    if (options.staging || isDefault) await sweepStaging(operations, options, context);
    if (options.referenced !== undefined)
      await collect('originals', options.referenced, { operations, options, context });
    if (options.variants || isDefault) await collect('variants', '', { operations, options, context });
  },
});

type GcOptions = z.infer<typeof schema>;

async function sweepStaging(
  operations: Operations,
  { minAge, delete: deletes }: GcOptions,
  { output, signal }: Context,
) {
  const uploads = await operations.uploads();
  const olderThan = new Date(Date.now() - minAge);
  const { batches, objects } = await uploads.sweep({ olderThan, dryRun: !deletes, signal });
  const record = { collected: 'staging', dryRun: !deletes, found: objects, deleted: deletes ? objects : 0, batches };
  await output.print(record, `staging: ${objects} object(s) of ${batches} batch(es)${deletes ? ' deleted' : ''}`);
}

interface CollectCall {
  readonly operations: Operations;
  readonly options: GcOptions;
  readonly context: Context;
}

async function collect(what: 'originals' | 'variants', file: string, { operations, options, context }: CollectCall) {
  const { output, signal } = context;
  const variants = await operations.variants();
  const how = collectOptions(options, signal);
  const walk =
    what === 'variants'
      ? variants.collectVariants(how)
      : variants.collectOriginals(linesOf(file === '-' ? context.stdin : await readFile(file, signal), signal), how);
  const bar = output.progress(`looking at ${what}`, undefined);
  let last: CollectProgress | undefined;
  try {
    for await (const progress of walk) {
      bar.advance(progress.scanned - (last?.phase === progress.phase ? last.scanned : 0));
      last = progress;
    }
  } catch (error) {
    const isPastShare = last?.phase === 'survey' && isFailure(error, 'invalid');
    if (isPastShare) await report(what, { last, dryRun: true }, context);
    else resumeNote(last, how, context);
    throw error;
  } finally {
    bar.stop();
  }
  await report(what, { last, dryRun: how.dryRun }, context);
}

function collectOptions(
  { minAge, maxShare, force, startAfter, ...options }: GcOptions,
  signal: AbortSignal,
): CollectOptions {
  return {
    minAgeMs: minAge,
    maxShare: maxShare / 100,
    force,
    dryRun: !options.delete,
    signal,
    ...(startAfter === undefined ? {} : { startAfter }),
  };
}

/** After a survey that was to be followed by deleting there is nothing to go on from. */
function resumeNote(last: CollectProgress | undefined, { dryRun }: CollectOptions, { output }: Context): void {
  if (last === undefined || (last.phase === 'survey' && !dryRun)) return;
  output.note(`Stopped after ${last.scanned}. To go on: --start-after ${JSON.stringify(last.last)}`);
}

async function report(
  what: string,
  { last, dryRun }: { readonly last: CollectProgress | undefined; readonly dryRun: boolean },
  { output }: Context,
) {
  const { scanned = 0, found = 0, foundBytes = 0, deleted = 0 } = last ?? {};
  await output.print(
    { collected: what, dryRun, scanned, found, foundBytes, deleted },
    `${what}: ${found} of ${scanned} not needed, ${foundBytes} bytes${dryRun ? '' : `; ${deleted} deleted`}`,
  );
}
