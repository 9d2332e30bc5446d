import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { iptcRecords, type Notices, noticed, photoshopResources, xmpPacket } from '../support/notices.ts';
import {
  animate,
  blue,
  decode,
  from,
  jpegSegment,
  paint,
  pngChunk,
  pngWithChunks,
  quarters,
  red,
} from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { readSaid, tagsOf, turnsIn } from '../support/said.ts';
import { tiffOf } from '../support/tiffs.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const picture = quarters(32, 16);
const formats = ['jpg', 'png', 'webp', 'avif', 'gif'];
const flags = ['fl_keep_attribution', 'fl_keep_iptc'];
const notice = '© 2024 Jürgen Müller, „Ж“ & <写真> 📷';

/** The texts of XMP's elements and attributes, as a reader of XML has them. */
function words(packet: string): string {
  return packet
    .replace(/<[^>]*rdf:resource="([^"]*)"[^>]*>/g, '\n$1\n')
    .replace(/<[^>]*>/g, '\n')
    .replaceAll('&#13;', '\r')
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** Everything a file says of its maker: XMP's texts and EXIF's bytes. */
function said(bytes: Uint8Array): { readonly xmp: string; readonly exif: string } {
  const { xmp, exif } = readSaid(bytes);
  return { xmp: xmp.map(words).join('\n'), exif: Buffer.concat(exif).toString('utf8') };
}

async function keep(original: Uint8Array, format: string, flag = 'fl_keep_attribution') {
  const { bytes } = await draw(original, `c_scale,w_16,${flag},f_${format}`);
  return said(bytes);
}

const rightsElement = (text: string) =>
  `<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</rdf:li></rdf:Alt></dc:rights>`;

const ways: Readonly<Record<string, readonly [kinds: readonly (keyof typeof noticed)[], notices: Notices]>> = {
  EXIF: [['jpeg', 'png', 'webp', 'avif', 'tiff'], { exif: { artist: 'Jürgen Müller', copyright: notice } }],
  IPTC: [
    ['jpeg', 'tiff'],
    {
      iptc: iptcRecords([
        [80, 'Jürgen Müller'],
        [90, 'Secretville'],
        [116, notice],
      ]),
    },
  ],
  XMP: [
    ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'],
    {
      xmp: xmpPacket(
        `${rightsElement(notice)}<dc:creator><rdf:Seq><rdf:li>Jürgen Müller</rdf:li></rdf:Seq></dc:creator>`,
        'photoshop:City="Secretville" exif:GPSLatitude="52,31.2N" aux:SerialNumber="Serial-4711" tiff:Orientation="6"',
      ),
    },
  ],
};

describe.each(Object.entries(ways))('a notice in %s', (_, [kinds, notices]) => {
  it.each(kinds)('of a %s comes back character for character in every format, and nothing else does', async (kind) => {
    const original = await noticed[kind](picture, notices);
    for (const format of formats) {
      for (const flag of format === 'jpg' ? flags : flags.slice(0, 1)) {
        const { bytes } = await draw(original, `c_scale,w_16,${flag},f_${format}`);
        const { xmp, exif } = said(bytes);
        expect([kind, format, xmp.includes(notice)]).toEqual([kind, format, true]);
        expect([kind, format, xmp.includes('Jürgen Müller')]).toEqual([kind, format, true]);
        if (['jpg', 'png', 'webp'].includes(format)) expect(exif).toContain(notice);
        expect(`${xmp}${Buffer.from(bytes).toString('latin1')}`).not.toMatch(/Secret|4711|GPS|52,31/);
        expect(
          readSaid(bytes)
            .exif.flatMap(tagsOf)
            .filter((tag) => tag !== 0x013b && tag !== 0x8298),
        ).toEqual([]);
        expect(turnsIn(bytes)).toEqual([]);
        expect(await decode(bytes)).toMatchObject({ width: 16, height: 8 });
      }
    }
  });

  it.each(kinds)('of a %s stays away where nobody asked for it', async (kind) => {
    const original = await noticed[kind](picture, notices);
    for (const format of formats) {
      const { bytes } = await draw(original, `c_scale,w_16,f_${format}`);
      expect(readSaid(bytes)).toMatchObject({ exif: [], xmp: [] });
    }
  });
});

describe('attribution', () => {
  it('of an animation goes with every moving format', async () => {
    const moving = await animate(16, 8, [red, blue])
      .withXmp(xmpPacket(rightsElement(notice)))
      .webp()
      .toBuffer();
    for (const format of ['webp', 'gif']) {
      const { bytes, frames } = await draw(moving, `fl_keep_attribution,f_${format}`);
      expect(frames).toBe(2);
      expect(said(bytes).xmp).toContain(notice);
      expect((await decode(bytes)).height).toBe(16);
    }
  });

  it('comes along with cs_copy, a_ignore, a layer, a measured quality and a density', async () => {
    const original = await noticed.jpeg(picture, { exif: { artist: 'Ada', copyright: notice } });
    const layers = new Map([
      [
        'mark',
        await from(paint(2, 2, () => red))
          .png()
          .toBuffer(),
      ],
    ]);
    for (const format of ['jpg', 'png', 'webp', 'avif']) {
      for (const text of ['cs_copy,', 'a_ignore/', 'l_mark,w_2/', 'q_auto,', 'dn_150,', 'fl_force_icc/']) {
        const { bytes } = await draw(original, `${text}fl_keep_attribution,f_${format}`, { layers });
        expect([text, format, said(bytes).xmp.includes(notice), turnsIn(bytes)]).toEqual([text, format, true, []]);
      }
    }
  });

  it('has several authors, a credit, a source and a title, in IPTC as in XMP', async () => {
    const original = await noticed.jpeg(picture, {
      iptc: iptcRecords([
        [80, 'Ada'],
        [80, 'Bob'],
        [85, 'Stringer'],
        [110, 'Agentür'],
        [115, 'Quelle'],
      ]),
    });
    const { xmp, exif } = await keep(original, 'jpg');
    for (const text of ['Ada', 'Bob', 'Stringer', 'Agentür', 'Quelle']) expect(xmp).toContain(text);
    expect(exif).toContain('Ada; Bob');
  });

  it('has licences, owners and licensors, in every form of RDF', async () => {
    const packet = xmpPacket(
      `<xmpRights:UsageTerms><rdf:Alt><rdf:li xml:lang="x-default">Only print</rdf:li><rdf:li xml:lang="de-DE">Nur Druck</rdf:li></rdf:Alt></xmpRights:UsageTerms>
       <q:license xmlns:q="http://creativecommons.org/ns#" rdf:resource="https://cc.example/by?a=1&amp;b=2"/>
       <plus:Licensor><rdf:Seq><rdf:li rdf:parseType="Resource"><plus:LicensorName>Lö</plus:LicensorName></rdf:li><rdf:li plus:LicensorURL="https://l.example/"/></rdf:Seq></plus:Licensor>
       <plus:CopyrightOwner><rdf:Seq><rdf:li><rdf:Description plus:CopyrightOwnerName="Owner &quot;O&quot;"/></rdf:li></rdf:Seq></plus:CopyrightOwner>
       <dc:rights rdf:parseType="Resource"><rdf:value>Mine, with a note</rdf:value></dc:rights>
       <dc:creator>Just Text</dc:creator><photoshop:Source><![CDATA[<in> CDATA]]></photoshop:Source>`,
      'xmpRights:WebStatement="https://w.example/?a=1&amp;b=2" xmpRights:Marked="True" photoshop:Credit="C&#233;dit"',
    );
    const { xmp } = await keep(await noticed.webp(picture, { xmp: packet }), 'avif');
    const wanted = [
      'Only print',
      'Nur Druck',
      'https://cc.example/by?a=1&b=2',
      'Lö',
      'https://l.example/',
      'Owner "O"',
    ];
    for (const text of [
      ...wanted,
      'Mine, with a note',
      'Just Text',
      '<in> CDATA',
      'https://w.example/?a=1&b=2',
      'True',
      'Cédit',
    ]) {
      expect(xmp).toContain(text);
    }
  });

  it('takes XMP’s word before IPTC’s and EXIF’s, and leaves EXIF its own', async () => {
    const original = await noticed.jpeg(picture, {
      xmp: xmpPacket(rightsElement('from XMP')),
      iptc: iptcRecords([
        [116, 'from IPTC'],
        [80, 'Name in IPTC'],
      ]),
      exif: { artist: 'Name in EXIF', copyright: 'from EXIF' },
    });
    const { xmp, exif } = await keep(original, 'jpg');
    expect(xmp).toContain('from XMP');
    expect(xmp).toContain('Name in IPTC');
    expect(xmp).not.toContain('from IPTC');
    expect(exif).toContain('from EXIF');
    expect(exif).toContain('Name in EXIF');
  });

  it('in Latin-1 or in UTF-8 is read as what it is', async () => {
    for (const text of ['© Jürgen', 'Änne – “quoted”']) {
      const latin = Buffer.from(
        [...text].map((letter) => ({ '–': 0x96, '“': 0x93, '”': 0x94 })[letter] ?? letter.charCodeAt(0)),
      );
      for (const bytes of [latin, Buffer.from(text)]) {
        const iptc = await noticed.jpeg(picture, { iptc: iptcRecords([[116, bytes]]) });
        const exif = await noticed.png(picture, { exif: { artist: 'A', copyright: bytes } });
        expect((await keep(iptc, 'png')).xmp).toContain(text);
        expect((await keep(exif, 'jpg')).exif).toContain(text);
      }
    }
  });

  it('of a photographer and an editor, which EXIF parts by a zero, keeps both', async () => {
    const { xmp } = await keep(
      await noticed.jpeg(picture, { exif: { artist: 'A', copyright: 'Photo\0Editor' } }),
      'jpg',
    );
    expect(xmp).toContain('Photo\nEditor');
  });

  it('is read from PNG’s texts and from the profiles that ImageMagick hides in them', async () => {
    const png = await from(picture).png().toBuffer();
    const profile = photoshopResources(iptcRecords([[116, notice]]));
    const hex = `\niptc\n${String(profile.length).padStart(8)}\n${profile.toString('hex').replace(/(.{72})/g, '$1\n')}\n`;
    const packed = deflateSync(Buffer.from(xmpPacket(rightsElement(notice))));
    const files: readonly (readonly [string, Buffer])[] = [
      ['tEXt', Buffer.from(`Copyright\0${notice}`)],
      ['iTXt', Buffer.from(`Copyright\0\0\0de\0Urheber\0${notice}`)],
      ['zTXt', Buffer.concat([Buffer.from('Raw profile type iptc\0\0'), deflateSync(Buffer.from(hex))])],
      ['iTXt', Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\x01\0\0\0'), packed])],
    ];
    for (const [type, body] of files) {
      expect((await keep(pngWithChunks(png, [pngChunk(type, body)]), 'webp')).xmp).toContain(notice);
    }
  });

  it('is read from a page of a TIFF and from the first page, which speaks for all', async () => {
    const pages = [
      { pixels: picture, tags: [[0x8298, 'ascii', Buffer.from('first\0')]] as const },
      { pixels: picture, tags: [[0x013b, 'ascii', Buffer.from('second\0')]] as const },
    ];
    const { bytes } = await draw(tiffOf(pages, { isBig: true }), 'pg_2,fl_keep_attribution,f_png');
    expect(said(bytes).xmp).toContain('first');
    expect(said(bytes).xmp).toContain('second');
  });

  it('is read from a packet that is too long for one segment', async () => {
    const jpeg = await from(picture).jpeg().toBuffer();
    const packet = Buffer.from(
      xmpPacket(`<dc:description>${'x'.repeat(80_000)}</dc:description>${rightsElement(notice)}`),
    );
    const piece = (from: number, to: number) => {
      const head = Buffer.alloc(40, '0');
      head.writeUInt32BE(packet.length, 32);
      head.writeUInt32BE(from, 36);
      const signature = Buffer.from('http://ns.adobe.com/xmp/extension/\0');
      return jpegSegment(0xe1, Buffer.concat([signature, head, packet.subarray(from, to)]));
    };
    // In the wrong order, as some writers leave them.
    const pieces = [piece(40_000, 80_000), piece(0, 40_000), piece(80_000, packet.length)];
    const original = Buffer.concat([jpeg.subarray(0, 2), ...pieces, jpeg.subarray(2)]);
    expect((await keep(original, 'jpg')).xmp).toContain(notice);
  });

  it('is read as far as a packet goes that breaks off or breaks the rules', async () => {
    const whole = xmpPacket(`${rightsElement(notice)}<dc:creator><rdf:Seq><rdf:li>Ada</rdf:li></rdf:Seq></dc:creator>`);
    const broken = [
      whole.slice(0, whole.indexOf('</rdf:Description>')),
      whole.replace('</dc:creator>', '</dc:wrong>'),
      `${whole}\0\0\0`,
    ];
    for (const xmp of broken) expect((await keep(await noticed.png(picture, { xmp }), 'jpg')).xmp).toContain(notice);
    const utf16 = Buffer.from(`\ufeff${whole}`, 'utf16le');
    const tiff = tiffOf([{ pixels: picture, tags: [[700, 'bytes', utf16]] }]);
    expect((await keep(tiff, 'jpg')).xmp).toContain(notice);
  });

  it('stays within bounds, whatever a packet holds', async () => {
    const long = `${'ä'.repeat(100_000)}`;
    const many = Array.from({ length: 5_000 }, (_, index) => `<rdf:li>Author ${index}</rdf:li>`).join('');
    const deep = `${'<dc:source>'.repeat(2_000)}${'</dc:source>'.repeat(2_000)}`;
    const bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>';
    const xmp = bomb + xmpPacket(`<dc:creator><rdf:Seq>${many}</rdf:Seq></dc:creator>${rightsElement(long)}${deep}`);
    const { bytes } = await draw(await noticed.webp(picture, { xmp }), 'fl_keep_attribution,f_webp');
    expect(bytes.length).toBeLessThan(64_000);
    expect(said(bytes).xmp).toContain('ääää');
    const nothing = await draw(await noticed.webp(picture, { xmp: '<'.repeat(900_000) }), 'fl_keep_attribution,f_jpg');
    expect(readSaid(nothing.bytes).xmp).toEqual([]);
  });

  it('of any text comes back as it was, but for what XML cannot hold', async () => {
    const texts = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
      .filter((text) => text.trim() === text && !/\p{Cc}|[\ufffe\uffff]/u.test(text));
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const original = await noticed.jpeg(picture, { iptc: iptcRecords([[116, text]]) });
        expect((await keep(original, 'png')).xmp).toContain(text);
      }),
      { numRuns: 40 },
    );
  });

  it('does not keep a picture from being drawn, however damaged it is', async () => {
    const original = await noticed.jpeg(picture, {
      xmp: xmpPacket(rightsElement(notice)),
      iptc: iptcRecords([[116, notice]]),
      exif: { artist: 'Ada', copyright: notice },
    });
    const scan = original.indexOf(Buffer.from([0xff, 0xda]));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(900), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        async (changes) => {
          const changed = Buffer.from(original);
          // In what the segments hold, not in the segments' own heads: those are the decoder's.
          for (const [at, value] of changes) changed.writeUInt8(value, Math.min(scan - 800, 40 + at));
          const outcome = await draw(changed, 'c_scale,w_16,fl_keep_attribution,f_jpg').catch(
            (error: unknown) => error,
          );
          expect(outcome).toSatisfy(
            (one: unknown) => typeof one === 'object' && one !== null && ('bytes' in one || 'kind' in one),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});
