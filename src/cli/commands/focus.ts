import { z } from 'zod';
import { Failure } from '../../failure.ts';
import { parseFocus } from '../../grammar/index.ts';
import { defineCommand } from '../command.ts';

export const focusCommand = defineCommand({
  name: 'focus',
  summary: 'say what matters most in an original: g_custom, g_auto and g_face go by it',
  notes: ['It is kept with the original, whose bytes stay as they are; what was made of it is purged.'],
  words: [
    '<what...>',
    'key of an original, and unless --clear is given its point: x,y in shares of width and height, from the top left',
  ],
  options: [['--clear', 'forget the point instead']],
  schema: z.object({ clear: z.boolean().default(false) }),
  examples: [
    ['fovea focus cats/tom.jpg 0.3,0.25', 'left of the middle, and high up'],
    ['fovea focus cats/tom.jpg --clear', 'g_custom falls back again'],
  ],
  async run({ words, options, context }) {
    const [key = '', text] = words;
    if ((text === undefined) !== options.clear)
      throw new Failure('invalid', 'Expected a point such as 0.3,0.25, or --clear.');
    const point = text === undefined ? undefined : parseFocus(text);
    const variants = await (await context.open()).variants();
    await variants.setFocus(key, point, context);
    await context.output.print(
      { key, focus: point ?? null },
      point === undefined ? `${key}: no focal point` : `${key}: ${text}`,
    );
  },
});
