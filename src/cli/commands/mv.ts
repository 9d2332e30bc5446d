import { z } from 'zod';
import { Failure } from '../../failure.ts';
import { checkId } from '../../grammar/index.ts';
import type { ObjectStore } from '../../storage/index.ts';
import { notFound } from '../../variants/index.ts';
import { defineCommand } from '../command.ts';
import { purgeEdgeAgain } from '../edge-again.ts';

export const mvCommand = defineCommand({
  name: 'mv',
  summary: 'give an original another key, and forget everything made under the old one',
  notes: [
    'It is copied to a key that is not in use, and then deleted where it was, unless somebody has written it meanwhile. Its',
    'focal point goes with it. Old URLs answer 404 from then on.',
  ],
  words: ['<from-to...>', 'the key it has, and the key it gets'],
  options: [['--no-wait', 'do not stay to purge the CDN a second time']],
  schema: z.object({ wait: z.boolean() }),
  examples: [['fovea mv cats/tom.jpg archive/tom.jpg', 'one original']],
  async run({ words, options, context }) {
    const [from, to, ...more] = words;
    if (from === undefined || to === undefined || more.length > 0) {
      throw new Failure('invalid', 'Expected two keys: the one it has, and the one it gets.');
    }
    for (const key of [from, to]) checkId(key);
    const { signal, output } = context;
    const operations = await context.open();
    const [{ originals }, variants] = [await operations.stores(), await operations.variants()];
    const etag = await copy(originals, { from, to, signal });
    await variants.purgeIfKnown(to, { signal });
    const { changed } = await variants.erase([{ key: from, etag }], { signal });
    if (changed.length > 0) {
      throw new Failure('overloaded', `${from} was written by somebody else meanwhile: it stays, beside ${to}.`);
    }
    await output.print({ from, to }, `${from} -> ${to}`);
    if (options.wait) await purgeEdgeAgain(operations, context);
  },
});

interface Copying {
  readonly from: string;
  readonly to: string;
  readonly signal: AbortSignal;
}

/** Returns the etag of what was copied. */
async function copy(originals: Pick<ObjectStore, 'get' | 'put'>, { from, to, signal }: Copying): Promise<string> {
  const found = await originals.get(from, { signal });
  if (found === undefined) throw notFound(from);
  const { size, etag, contentType, metadata } = found.info;
  const how = { size, metadata, onlyIfAbsent: true, signal, ...(contentType !== undefined && { contentType }) };
  try {
    if ((await originals.put(to, found.body, how)) !== undefined) return etag;
  } finally {
    found.body.destroy();
  }
  throw new Failure('invalid', `The key is taken: ${to}. Expected a key not in use.`);
}
