import { z } from 'zod';
import { Failure } from '../../failure.ts';
import { defineCommand } from '../command.ts';

export const altCommand = defineCommand({
  name: 'alt',
  summary: 'say in words what an original shows, for who does not see it',
  notes: [
    'Kept with the original, whose bytes stay as they are, and told by its description, before what the file itself says.',
    'What was made of it is purged.',
  ],
  words: ['<what...>', 'key of an original, and unless --clear is given the words, at most 500 characters'],
  options: [['--clear', 'forget the words instead']],
  schema: z.object({ clear: z.boolean().default(false) }),
  examples: [
    ['fovea alt cats/tom.jpg "A tabby cat asleep on a radiator"', 'for the alt of its <img>'],
    ['fovea alt cats/tom.jpg --clear', 'what the file says counts again'],
  ],
  async run({ words, options, context }) {
    const [key = '', alt, ...more] = words;
    if ((alt === undefined) !== options.clear || more.length > 0) {
      throw new Failure('invalid', 'Expected a key and the words in quotation marks, or --clear.');
    }
    await (await (await context.open()).variants()).setAlt(key, alt, context);
    await context.output.print({ key, alt: alt ?? null }, `${key}: ${alt ?? 'no words'}`);
  },
});
