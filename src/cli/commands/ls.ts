import { z } from 'zod';
import { Failure } from '../../failure.ts';
import { defineCommand, wholeNumberBetween } from '../command.ts';
import { listedOriginals } from '../keys.ts';

export const lsCommand = defineCommand({
  name: 'ls',
  summary: 'list originals in the order of their keys, as they come from the store',
  notes: ['What fovea keeps beside originals is left out.'],
  words: ['[prefix]', 'what the keys begin with; all originals unless it is given'],
  options: [
    ['--limit <number>', 'no more than so many'],
    ['--start-after <key>', 'begin behind this key: the next page'],
  ],
  schema: z.object({
    limit: wholeNumberBetween(1, 1_000_000_000).default(Number.MAX_SAFE_INTEGER),
    startAfter: z.string().optional(),
  }),
  examples: [
    ['fovea ls cats/', 'size, time of the last change, and key'],
    ['fovea ls --json | jq -r .key', 'every key'],
    ['fovea ls --limit 100 --start-after cats/tom.jpg', 'a page'],
  ],
  async run({ words, options, context }) {
    if (words.length > 1) throw new Failure('invalid', 'Expected one prefix, or none.');
    const { startAfter, limit } = options;
    const { output, signal } = context;
    const { originals } = await (await context.open()).stores();
    const tally = { count: 0, bytes: 0 };
    for await (const info of listedOriginals({ prefix: words[0] ?? '', startAfter }, { originals, signal })) {
      const { key, size: bytes } = info;
      const lastModified = info.lastModified.toISOString();
      await output.print({ key, bytes, lastModified }, `${String(bytes).padStart(12)}  ${lastModified}  ${key}`);
      tally.count += 1;
      tally.bytes += bytes;
      if (tally.count >= limit) break;
    }
    output.note(`${tally.count} original(s), ${tally.bytes} bytes`);
  },
});
