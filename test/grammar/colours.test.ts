import cssColours from 'color-name';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { parameters } from '../../src/grammar/index.ts';

it('the colours that CSS names are those that sharp draws by these names', async () => {
  const names = Object.keys(cssColours);
  expect(names).toHaveLength(148);
  for (const name of names) {
    const create = { width: 1, height: 1, channels: 3, background: name } as const;
    const drawn = await sharp({ create }).raw().toBuffer();
    expect([name, parameters.colour.parse(name, name)]).toEqual([name, drawn.toString('hex')]);
  }
});

it('transparent is a colour without any', () => {
  expect(parameters.background.parse('transparent', 'transparent')).toEqual({ kind: 'colour', colour: '00000000' });
});
