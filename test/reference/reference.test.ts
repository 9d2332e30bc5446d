import { readdirSync, readFileSync, statSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultGrammarOptions, dialectNames, parseTarget } from '../../src/grammar/index.ts';
import { pathOf } from '../readme/pages.ts';
import { type RunningProgram, startProgram } from '../readme/running-program.ts';
import { spell } from '../support/grammar.ts';
import { allWorked, pictureOf, picturesFolder, presets, readPage, writePage } from './reference.ts';

let program: RunningProgram;
beforeAll(async () => {
  program = await startProgram({ presets });
});
afterAll(() => program.close());

/** Small enough to compare, large enough to see what an effect did. */
async function thumbnailOf(picture: Buffer) {
  return sharp(picture)
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .resize(24, 24, { fit: 'fill' })
    .raw()
    .toBuffer();
}

describe('the reference', () => {
  it('is what the table of parameters says: `npm run docs` writes it', () => {
    expect(readPage()).toBe(writePage());
  });

  it('has a picture for every example, and no other', () => {
    const there = readdirSync(pathOf(picturesFolder)).map((name) => `${picturesFolder}/${name}`);
    expect(there.sort()).toEqual(allWorked.map(pictureOf).sort());
    for (const picture of there) expect([picture, statSync(pathOf(picture)).size < 40_000]).toEqual([picture, true]);
  });

  it.each(allWorked.map((one) => [one.url, one] as const))('%s shows what it is about', (url, { shows }) => {
    expect(url).toContain(shows);
    expect(parseTarget(url, { ...defaultGrammarOptions, presets }).transform).toBeDefined();
  });

  it.each(allWorked.map((one) => [one.url, one] as const))('%s is answered with its picture', async (url, one) => {
    const response = await fetch(program.url + url, { headers: { accept: 'image/webp,*/*;q=0.5' } });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect([response.status, response.ok ? '' : String(bytes)]).toEqual([200, '']);
    const stored = readFileSync(pathOf(pictureOf(one)));
    const [now, then] = await Promise.all([sharp(bytes).metadata(), sharp(stored).metadata()]);
    expect([now.width, now.height, now.format]).toEqual([then.width, then.height, then.format]);
    const [left, right] = await Promise.all([thumbnailOf(bytes), thumbnailOf(stored)]);
    const off = left.reduce((sum, value, index) => sum + Math.abs(value - (right[index] ?? 0)), 0) / left.length;
    // An encoder of another version differs by less than one; another effect by tens.
    expect(off).toBeLessThan(4);
  });

  it('gives other dialects as they are read', () => {
    const rows = [...readPage().matchAll(/^\| `(\w+)` \| `(\/[^`]+)` \| `(\/[^`]+)` \|$/gm)];
    expect(rows.map(([, name]) => name)).toEqual([...dialectNames]);
    for (const [, name, theirs = '', ours = ''] of rows) {
      // Several read the query of a key, each in its own way.
      const dialects = dialectNames.filter((one) => one === name);
      const read = { ...defaultGrammarOptions, dialects, sources: { 'https://old.example/': '' } };
      expect(spell(theirs, read), theirs).toBe(spell(ours));
    }
  });
});
