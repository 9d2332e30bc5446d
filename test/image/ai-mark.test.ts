import { afterAll, describe, expect, it } from 'vitest';
import { findMetadata } from '../../src/image/containers/metadata/metadata.ts';
import { box } from '../support/avif.ts';
import { noticed, xmpPacket } from '../support/notices.ts';
import { animate, blue, decode, from, paint, quarters, red } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { readSaid } from '../support/said.ts';

const { renderer, draw } = startRenderer();
const unmarking = startRenderer({ keepsAiMark: false });
afterAll(() => Promise.all([renderer.close(), unmarking.renderer.close()]));

const picture = quarters(32, 16);
const formats = ['jpg', 'png', 'webp', 'avif', 'gif'];
const vocabulary = 'http://cv.iptc.org/newscodes/digitalsourcetype/';
const byAi = `${vocabulary}trainedAlgorithmicMedia`;

/** The forms in which RDF writes one value, and the names that programs gave it. */
const forms: Readonly<Record<string, string>> = {
  'an attribute': xmpPacket('', `Iptc4xmpExt:DigitalSourceType="${byAi}"`),
  'an element': xmpPacket(`<Iptc4xmpExt:DigitalSourceType>\n ${byAi}\n</Iptc4xmpExt:DigitalSourceType>`),
  'an address': xmpPacket(`<Iptc4xmpExt:DigitalSourceType rdf:resource="${byAi}"/>`),
  'a value with a note': xmpPacket(
    `<Iptc4xmpExt:DigitalSourceType rdf:parseType="Resource"><rdf:value>${byAi}</rdf:value></Iptc4xmpExt:DigitalSourceType>`,
  ),
  'a list': xmpPacket(
    `<Iptc4xmpExt:DigitalSourceType><rdf:Bag><rdf:li>${byAi}</rdf:li></rdf:Bag></Iptc4xmpExt:DigitalSourceType>`,
  ),
  'another prefix': xmpPacket(
    `<q:DigitalSourceType xmlns:q="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">${byAi}</q:DigitalSourceType>`,
  ),
  'the elder name': xmpPacket('', `Iptc4xmpExt:DigitalSourcefileType="${byAi}"`),
  'the elder name, spelled as Google does': xmpPacket('', `Iptc4xmpExt:DigitalSourceFileType="${byAi}"`),
  'characters as numbers': xmpPacket('', `Iptc4xmpExt:DigitalSourceType="${byAi.replace('/c', '/&#x63;')}"`),
};

/** The terms that a file names, by one reading of bytes and not of XML. */
function marks(bytes: Uint8Array): readonly string[] {
  return readSaid(bytes).xmp.flatMap((packet) =>
    [...packet.matchAll(/<Iptc4xmpExt:DigitalSourceType>([^<]*)</g)].map(([, term = '']) => term),
  );
}

describe('that a picture was made by AI', () => {
  it.each(Object.entries(forms))('is said in every format when the original says it as %s', async (_, xmp) => {
    for (const format of formats) {
      const { bytes } = await draw(await noticed.jpeg(picture, { xmp }), `c_scale,w_16,f_${format}`);
      expect([format, ...marks(bytes)]).toEqual([format, byAi]);
      expect(await decode(bytes)).toMatchObject({ width: 16, height: 8 });
    }
  });

  it.each(Object.keys(noticed) as (keyof typeof noticed)[])('is read from a %s', async (kind) => {
    const original = await noticed[kind](picture, { xmp: forms['an element'] ?? '' });
    for (const format of formats) expect(marks((await draw(original, `f_${format}`)).bytes)).toEqual([byAi]);
  });

  it('costs less than half a kilobyte', async () => {
    const plain = await noticed.jpeg(picture, {});
    const marked = await noticed.jpeg(picture, { xmp: forms['an element'] ?? '' });
    for (const format of formats.filter((one) => one !== 'gif')) {
      const [without, withMark] = [await draw(plain, `f_${format}`), await draw(marked, `f_${format}`)];
      expect(withMark.bytes.length - without.bytes.length).toBeLessThan(500);
    }
  });

  it('is said beside what is asked for, and whatever is stripped', async () => {
    const original = await noticed.png(picture, {
      xmp: forms['an attribute'] ?? '',
      exif: { artist: 'Ada', copyright: '©' },
    });
    const layers = new Map([
      [
        'mark',
        await from(paint(2, 2, () => red))
          .png()
          .toBuffer(),
      ],
    ]);
    const texts = [
      'fl_keep_attribution,',
      'fl_force_strip,',
      'fl_strip_profile,',
      'cs_copy,',
      'a_ignore/',
      'q_auto,',
      'dn_150,',
      'l_mark/',
      'e_sepia/c_scale,w_9/r_max/',
    ];
    for (const text of texts) {
      for (const format of ['jpg', 'png', 'webp', 'avif']) {
        const { bytes } = await draw(original, `${text}f_${format}`, { layers });
        expect([text, format, ...marks(bytes)]).toEqual([text, format, byAi]);
      }
    }
  });

  it('is said of animations and of single frames of them', async () => {
    const moving = await animate(16, 8, [red, blue])
      .withXmp(forms['an element'] ?? '')
      .webp()
      .toBuffer();
    for (const text of ['f_webp', 'f_gif', 'f_avif', 'pg_2,f_png', 'c_scale,w_8,f_webp', 'e_blur:50/f_webp']) {
      const { bytes, frames } = await draw(moving, text);
      expect([text, frames, ...marks(bytes)]).toEqual([
        text,
        text.endsWith('webp') || text.endsWith('gif') ? 2 : 1,
        byAi,
      ]);
    }
  });

  it('is said of other ways in which a picture comes about, word for word', async () => {
    for (const term of [
      `${vocabulary}digitalCapture`,
      'https://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic',
      'a <word> & more',
    ]) {
      const value = term.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
      const xmp = xmpPacket(`<Iptc4xmpExt:DigitalSourceType>${value}</Iptc4xmpExt:DigitalSourceType>`);
      const [said] = marks((await draw(await noticed.webp(picture, { xmp }), 'f_jpg')).bytes);
      expect(said).toBe(value.replaceAll('>', '&gt;'));
    }
  });

  it('is not said of what does not say it', async () => {
    const others = [
      xmpPacket('<dc:subject><rdf:Bag><rdf:li>DigitalSourceType</rdf:li></rdf:Bag></dc:subject>'),
      xmpPacket('<q:DigitalSourceType xmlns:q="http://a.example/">x</q:DigitalSourceType>'),
      xmpPacket('<Iptc4xmpExt:DigitalSourceType/>'),
      xmpPacket('', `Iptc4xmpExt:DigitalSourceType="${'x'.repeat(2_000)}"`),
    ];
    for (const xmp of others) {
      expect(readSaid((await draw(await noticed.jpeg(picture, { xmp }), 'f_jpg')).bytes).xmp).toEqual([]);
    }
  });

  it('is said of a picture that shows another one, as of one that is put together', async () => {
    const marked = (term: string) =>
      noticed.png(
        paint(4, 4, () => blue),
        { xmp: xmpPacket('', `Iptc4xmpExt:DigitalSourceType="${vocabulary}${term}"`) },
      );
    const plain = await noticed.jpeg(picture, {});
    const seen = async (original: Uint8Array, layer: string) => {
      const layers = new Map([['mark', await marked(layer)]]);
      return marks((await draw(original, 'l_mark,g_north/f_webp', { layers })).bytes);
    };
    expect(await seen(plain, 'trainedAlgorithmicMedia')).toEqual([`${vocabulary}compositeWithTrainedAlgorithmicMedia`]);
    expect(await seen(plain, 'algorithmicMedia')).toEqual([`${vocabulary}compositeSynthetic`]);
    expect(await seen(plain, 'digitalCapture')).toEqual([]);
    expect(await seen(await marked('trainedAlgorithmicMedia'), 'digitalCapture')).toEqual([byAi]);
    const captured = await marked('digitalCapture');
    expect(await seen(captured, 'trainedAlgorithmicMedia')).toEqual([
      `${vocabulary}compositeWithTrainedAlgorithmicMedia`,
    ]);
  });

  it('is left out where the configuration says so, which is another build', async () => {
    const original = await noticed.jpeg(picture, { xmp: forms['an element'] ?? '' });
    for (const format of formats) {
      expect(readSaid((await unmarking.draw(original, `f_${format}`)).bytes).xmp).toEqual([]);
    }
    expect(await unmarking.renderer.build()).not.toBe(await renderer.build());
  });
});

it('the search ends in an AVIF whose list of places does not', async () => {
  const whole = await noticed.avif(picture, {});
  const short = (...values: number[]) => Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));
  const info = box('infe', Buffer.concat([Buffer.from([2, 0, 0, 0]), short(1, 0), Buffer.from('Exif\0')]));
  // Places and lengths that take no bytes, of as many pieces as can be said; each piece is the whole file.
  const entries = Buffer.concat(Array.from({ length: 2_000 }, () => short(1, 0, 65_535)));
  const places = box('iloc', Buffer.concat([Buffer.alloc(4), short(0, 2_000), entries]));
  const infos = box('iinf', Buffer.concat([Buffer.alloc(4), short(1), info]));
  const endless = Buffer.concat([whole, box('meta', Buffer.concat([Buffer.alloc(4), infos, places]))]);
  expect(findMetadata('avif', endless, 1)).toMatchObject({ xmp: [], creator: undefined });
});
