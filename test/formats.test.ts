import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { extensionOf, formatOfExtension, formatOfMediaType, imageFormats, mediaTypes } from '../src/formats.ts';

const source = fileURLToPath(new URL('../src', import.meta.url));

it('finds each format by its media type and by its usual extension', () => {
  for (const mediaType of mediaTypes) {
    const format = formatOfMediaType(mediaType);
    expect(`image/${format}`).toBe(mediaType);
    expect(formatOfExtension(extensionOf(format))).toBe(format);
  }
  expect(mediaTypes.length).toBe(imageFormats.length + 6);
});

it('is the only file that spells out their media types', () => {
  const spelled = new RegExp(`['"\`](?:${mediaTypes.join('|')})['"\`,;]`);
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const codeOf = (path: string) => readFileSync(join(source, path), 'utf8').replace(/^ *(?:\/\*\*|\*|\/\/).*$/gm, '');
  const spelling = files.filter((path) => spelled.test(codeOf(path)));
  // What browsers and tools say instead of some of these types.
  expect(spelling).toEqual(['uploads/batch/media-types.ts']);
});
