import { describe, expect, it } from 'vitest';
import { altIn, altMetadata, saidMetadata } from '../../src/grammar/index.ts';

describe('words kept in the metadata of an original', () => {
  it.each(['A cat', 'Ein Kater, der schläft', '一隻貓', 'a=?b', '"x" <y> & 100%', '🐈'.repeat(250)])(
    'come back as they were, and fit into a header: %s',
    (alt) => {
      const metadata = altMetadata(alt);
      expect(metadata['alt']).toMatch(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/);
      expect(altIn(metadata)).toBe(alt);
      expect(saidMetadata({ ...metadata, other: 'x', focal: '0.5,0.5' })).toEqual({ ...metadata, focal: '0.5,0.5' });
    },
  );

  it.each([
    ['=?UTF-8?Q?Caf=C3=A9_noir?=', 'Café noir'],
    ['=?UTF-8?B?Q2Fmw6k=?= =?utf-8?b?IG5vaXI=?=', 'Café noir'],
    ['  A   cat ', 'A cat'],
    [`${'x'.repeat(499)} y`, 'x'.repeat(499)],
    ['', undefined],
  ])('are read as consoles of S3 write them: %s', (written, alt) => {
    expect(altIn({ alt: written })).toBe(alt);
  });

  it.each(['一'.repeat(400), `x${'🐈'.repeat(300)}`, 'é'.repeat(501)])(
    'are kept as far as they fit when the picture is another, however long they were written: %#',
    (long) => {
      const alt = altIn({ alt: long }) ?? '';
      expect(long.startsWith(alt)).toBe(true);
      expect(alt.length).toBeGreaterThan(300);
      expect(altIn(saidMetadata({ alt: long }))).toBe(alt);
    },
  );

  it.each(['', ' \n', 'x'.repeat(501), '一'.repeat(400)])(
    'are refused where they are none, or too long: %#',
    (text) => {
      expect(() => altMetadata(text)).toThrow('An alternative text has');
    },
  );

  it('lose what is no character of a text, such as ends of lines and turns of direction', () => {
    expect(altIn(altMetadata('A\r\ncat\u202e\u0000 sleeps'))).toBe('A cat sleeps');
  });
});
