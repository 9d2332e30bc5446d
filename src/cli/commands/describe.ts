import { z } from 'zod';
import { Failure } from '../../failure.ts';
import { defineCommand } from '../command.ts';
import { selectedKeys } from '../keys.ts';
import { throwIfFailed, walk } from '../walk.ts';

export const describeCommand = defineCommand({
  name: 'describe',
  summary: 'tell all that a page has to know of originals: size, colours, placeholders, words',
  notes: [
    'A line of JSON for each, as GET /-/info/<key> tells it: made once for each version of an original, and kept.',
  ],
  words: ['[keys...]', 'keys of originals; - reads them from stdin, one a line'],
  options: [
    ['--prefix <prefix>', 'all originals below it instead, in order of their keys'],
    ['--start-after <key>', 'begin behind this key: goes on where another run was stopped'],
  ],
  schema: z.object({ prefix: z.string().optional(), startAfter: z.string().optional() }),
  examples: [
    ['fovea describe cats/tom.jpg', 'one original'],
    ['fovea describe --prefix blog/ > placeholders.jsonl', 'for a build, which reads placeholders from it'],
  ],
  async run({ words, options, context }) {
    const { output, stdin, signal } = context;
    if (words.length === 0 && options.prefix === undefined) {
      throw new Failure('invalid', 'Nothing is named: expected keys, - for a list on stdin, or --prefix.');
    }
    const operations = await context.open();
    const { originals } = await operations.stores();
    const items = selectedKeys(
      { words, prefix: options.prefix, startAfter: options.startAfter },
      { stdin, originals, signal },
    );
    const { concurrency } = operations.settings;
    const result = await walk({ items, keyOf: (key) => key, concurrency }, context, async (key) => {
      const line = { key, ...(await operations.describe(key, signal)) };
      await output.print(line, JSON.stringify(line));
    });
    await (await operations.warming()).settled();
    throwIfFailed(result);
  },
});
