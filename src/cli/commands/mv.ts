import { z } from 'zod';
import { batchesAsTheyCome } from '../../batches.ts';
import { Failure } from '../../failure.ts';
import type { Move, Variants } from '../../variants/index.ts';
import { type Context, defineCommand } from '../command.ts';
import { purgeEdgeAgain } from '../edge-again.ts';
import { type KeySources, listedOriginals } from '../keys.ts';
import { tellFailure, throwIfFailed, walk } from '../walk.ts';

/** Originals moved together: the CDN hears of them in one go. */
const movedTogether = 100;

export const mvCommand = defineCommand({
  name: 'mv',
  summary: 'give an original another key, and forget everything made under the old one',
  notes: [
    'It is copied to a key that is not in use, and then deleted where it was, unless somebody has written it meanwhile. What',
    'people have said of it goes with it. Old URLs answer 404 from then on. May be repeated: what has moved is not there.',
  ],
  words: ['<from-to...>', 'the key it has, and the key it gets'],
  options: [
    ['--prefix', 'both are beginnings of keys: all originals below the one go below the other'],
    ['--no-wait', 'do not stay to purge the CDN a second time'],
  ],
  schema: z.object({ prefix: z.boolean().default(false), wait: z.boolean() }),
  examples: [
    ['fovea mv cats/tom.jpg archive/tom.jpg', 'one original'],
    ['fovea mv --prefix cats/ archive/cats/ --json', 'a folder, a line for each'],
  ],
  async run({ words, options, context }) {
    const [from, to, ...more] = words;
    if (from === undefined || to === undefined || more.length > 0) {
      throw new Failure('invalid', 'Expected two keys: the one it has, and the one it gets.');
    }
    const operations = await context.open();
    const [{ originals }, variants] = [await operations.stores(), await operations.variants()];
    const { signal, output } = context;
    const items = options.prefix ? below({ from, to }, { originals, signal }) : one({ from, to });
    const bar = output.progress('moving', options.prefix ? undefined : 1);
    const way = {
      items: batchesAsTheyCome(items, movedTogether),
      keyOf: (batch: readonly Move[]) => batch.at(-1)?.from ?? '',
      concurrency: 1,
      isToldByWork: true,
    };
    const result = await walk(way, context, async (batch) => {
      await moveTogether(variants, batch, context);
      bar.advance(batch.length);
    }).finally(bar.stop);
    if (options.wait) await purgeEdgeAgain(operations, context);
    throwIfFailed(result);
  },
});

async function* one(move: Move) {
  yield move;
}

async function* below({ from, to }: Move, sources: Pick<KeySources, 'originals' | 'signal'>) {
  // What has moved would come up in the listing again.
  if (from.startsWith(to) || to.startsWith(from)) {
    throw new Failure('invalid', 'Expected two prefixes of which none begins with the other.');
  }
  for await (const { key } of listedOriginals({ prefix: from, startAfter: undefined }, sources)) {
    yield { from: key, to: to + key.slice(from.length) };
  }
}

/** Tells each; throws the first that was not moved. */
async function moveTogether(
  variants: Pick<Variants, 'move'>,
  batch: readonly Move[],
  { output, signal }: Context,
): Promise<void> {
  const { failures } = await variants.move(batch, { signal });
  for (const [index, { from, to }] of batch.entries()) {
    const failure = failures[index];
    if (failure === undefined) await output.print({ from, to }, `${from} -> ${to}`);
    else await tellFailure(from, failure, output);
  }
  const first = failures.find((failure) => failure !== undefined);
  if (first !== undefined) throw first;
}
