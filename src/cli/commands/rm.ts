import { z } from 'zod';
import { batchesAsTheyCome } from '../../batches.ts';
import { Failure } from '../../failure.ts';
import type { Erased } from '../../variants/index.ts';
import { type Context, defineCommand } from '../command.ts';
import { purgeEdgeAgain } from '../edge-again.ts';
import { selectedKeys } from '../keys.ts';
import type { Exposure, Operations } from '../operations.ts';
import { throwIfFailed, walk } from '../walk.ts';

/** Originals deleted together. */
const keysAtOnce = 100;

/** Keys of which the stored variants are looked at once more at the end: some 20 MB. The nightly `fovea gc` has those of more. */
const sweptAtMost = 100_000;

const schema = z.object({
  prefix: z.string().min(1, 'expected at least one character').optional(),
  yes: z.boolean().default(false),
  protected: z.boolean().default(false),
  startAfter: z.string().optional(),
  wait: z.boolean(),
});

export const rmCommand = defineCommand({
  name: 'rm',
  summary: 'delete originals and everything made of them, down to the CDN',
  notes: [
    'Counts and deletes nothing without --yes. The original goes first, then what servers remember, stored variants, the',
    'CDN; may be repeated, and goes on where it failed. Of a key that is not there whatever is left goes. Older versions',
    'that a bucket keeps, backups and logs are yours to see to.',
  ],
  words: ['[keys...]', 'keys of originals; - reads them from stdin, one a line'],
  options: [
    ['--prefix <prefix>', 'all originals below it'],
    ['--yes', 'delete; without it nothing is'],
    ['--protected', 'those in protected folders, too'],
    ['--start-after <key>', 'begin behind this key: goes on where another run was stopped'],
    ['--no-wait', 'do not stay to purge the CDN a second time'],
  ],
  schema,
  examples: [
    ['fovea rm cats/tom.jpg', 'what would go'],
    ['fovea rm cats/tom.jpg --yes', 'and it is gone'],
    ['fovea rm --prefix cats/ --yes --json', 'a folder, a line for each'],
    ['fovea rm - --yes < keys.txt', 'a long list'],
  ],
  async run({ words, options, context }) {
    const { prefix, startAfter, yes } = options;
    if (words.length === 0 && prefix === undefined) {
      throw new Failure('invalid', 'Nothing is named: expected keys, or --prefix.');
    }
    const operations = await context.open();
    const { originals } = await operations.stores();
    const { stdin, signal, output } = context;
    const keys = selectedKeys({ words, prefix, startAfter }, { stdin, originals, signal });
    const removal = { operations, options, context, tally: { deleted: 0, absent: 0, variants: 0 }, gone: [] };
    const bar = output.progress(yes ? 'deleting' : 'counting', undefined);
    const batches = batchesAsTheyCome(keys, keysAtOnce);
    const way = { items: batches, keyOf: (batch: readonly string[]) => batch.at(-1) ?? '', concurrency: 1 };
    const result = await walk(way, context, async (batch) => {
      await remove(removal, batch);
      bar.advance(batch.length);
    }).finally(bar.stop);
    await finish(removal);
    throwIfFailed(result);
  },
});

interface Removal {
  readonly operations: Operations;
  readonly options: z.infer<typeof schema>;
  readonly context: Context;
  readonly tally: { deleted: number; absent: number; variants: number };
  /** Keys whose stored variants are looked at once more. */
  readonly gone: string[];
}

async function remove({ operations, options, context, tally, gone }: Removal, keys: readonly string[]): Promise<void> {
  const isDry = !options.yes;
  if (!options.protected) refuseProtected(keys, operations.settings.exposure);
  const variants = await operations.variants();
  const erased = await variants.erase(
    keys.map((key) => ({ key })),
    { signal: context.signal, isDry },
  );
  tally.deleted += erased.deleted.length;
  tally.absent += erased.absent.length;
  tally.variants += erased.variantsDeleted;
  if (!isDry) gone.push(...keys.slice(0, sweptAtMost - gone.length));
  await tell(erased, isDry, context);
}

function refuseProtected(keys: readonly string[], { protected: folders }: Exposure): void {
  const found = keys.find((key) => [...folders.private, ...folders.authenticated].some((one) => key.startsWith(one)));
  if (found === undefined) return;
  throw new Failure('invalid', `${found} is in a protected folder: with --protected it is deleted all the same.`);
}

async function tell({ deleted, absent }: Erased, isDry: boolean, { output }: Context): Promise<void> {
  for (const key of deleted) await output.print({ key, dryRun: isDry, wasThere: true }, key);
  for (const key of absent) {
    await output.record({ key, dryRun: isDry, wasThere: false });
    output.note(`${key}: not there`);
  }
}

async function finish({ operations, options, context, tally, gone }: Removal): Promise<void> {
  const { output, signal } = context;
  if (!options.yes) {
    output.note(`Would delete ${tally.deleted} original(s) and ${tally.variants} stored variant(s): --yes does it`);
    return;
  }
  if (options.wait) await purgeEdgeAgain(operations, context);
  // A server that was drawing one of them may have kept it since.
  if (gone.length > 0) tally.variants += await (await operations.variants()).sweep(gone, signal);
  output.note(
    `${tally.deleted} original(s) and ${tally.variants} stored variant(s) deleted; ${tally.absent} not there`,
  );
  if (operations.settings.oldHost !== undefined) {
    output.note('oldHost is set: what is still there is moved here again when somebody asks for it');
  }
}
