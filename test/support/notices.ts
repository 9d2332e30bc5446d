import { from, jpegSegment, type Pixels, pngChunk, pngWithChunks } from './pictures.ts';
import { numbers, type TiffTag, tiffOf } from './tiffs.ts';

/** A file in which a program has left a word on who made it, and how; none is made by the code under test. */

/** Namespaces by the prefixes that programs write. */
const usual = {
  dc: 'http://purl.org/dc/elements/1.1/',
  photoshop: 'http://ns.adobe.com/photoshop/1.0/',
  xmpRights: 'http://ns.adobe.com/xap/1.0/rights/',
  plus: 'http://ns.useplus.org/ldf/xmp/1.0/',
  Iptc4xmpExt: 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/',
  tiff: 'http://ns.adobe.com/tiff/1.0/',
  exif: 'http://ns.adobe.com/exif/1.0/',
  aux: 'http://ns.adobe.com/exif/1.0/aux/',
};

/** A packet as programs write it, with that in its one description: elements, and attributes of it. */
export function xmpPacket(elements: string, attributes = ''): string {
  const declared = Object.entries(usual).map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`);
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Some Program 1.0">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" ${declared.join(' ')} ${attributes}>
   ${elements}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
${' '.repeat(200)}
<?xpacket end="w"?>`;
}

/** IPTC's records of picture data: numbers and texts. */
export function iptcRecords(texts: readonly (readonly [number: number, text: Buffer | string])[]): Buffer {
  return Buffer.concat(
    texts.map(([number, text]) => {
      const value = Buffer.from(text);
      return Buffer.concat([Buffer.from([0x1c, 2, number]), numbers('MM', [value.length, 2]), value]);
    }),
  );
}

/** Photoshop's resources, with a thumbnail's before and a name to pad. */
export function photoshopResources(iptc: Buffer): Buffer {
  const resource = (id: number, name: string, body: Buffer) =>
    Buffer.concat([
      Buffer.from('8BIM'),
      numbers('MM', [id, 2]),
      Buffer.from([name.length]),
      Buffer.from(name),
      Buffer.alloc((1 + name.length) % 2),
      numbers('MM', [body.length, 4]),
      body,
      Buffer.alloc(body.length % 2),
    ]);
  return Buffer.concat([resource(0x03ed, 'ab', Buffer.alloc(17)), resource(0x0404, '', iptc)]);
}

/** EXIF's two texts. */
export interface ExifTexts {
  readonly artist: Buffer | string;
  readonly copyright: Buffer | string;
  readonly orientation?: number;
}

/** With a maker and a serial number beside them. */
function exifTags({ artist, copyright }: ExifTexts): readonly TiffTag[] {
  const text = (value: Buffer | string) => Buffer.concat([Buffer.from(value), Buffer.from([0])]);
  return [
    [0x010f, 'ascii', text('Secret Camera')],
    [0x013b, 'ascii', text(artist)],
    [0x8298, 'ascii', text(copyright)],
    [0xc62f, 'ascii', text('Serial-4711')],
  ];
}

const onePixel: Pixels = { width: 1, height: 1, channels: 3, data: Buffer.alloc(3) };

/** An EXIF block that says that, and how the picture lies. */
export function exifBlockOf(texts: ExifTexts): Buffer {
  const { orientation = 1 } = texts;
  return tiffOf([{ pixels: onePixel, orientation, tags: exifTags(texts) }], { order: 'MM' });
}

/** What a file holds; each kind of file what it can. */
export interface Notices {
  readonly xmp?: string;
  readonly iptc?: Buffer;
  readonly exif?: ExifTexts;
}

type Make = (pixels: Pixels, notices: Notices) => Promise<Buffer>;

/** By kind of file: how it takes each of them. */
export const noticed = {
  jpeg: async (pixels, { xmp, iptc, exif }) => {
    const jpeg = await from(pixels).jpeg().toBuffer();
    const segments = [
      ...(exif === undefined ? [] : [jpegSegment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), exifBlockOf(exif)]))]),
      ...(xmp === undefined ? [] : [jpegSegment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${xmp}`))]),
      ...(iptc === undefined
        ? []
        : [jpegSegment(0xed, Buffer.concat([Buffer.from('Photoshop 3.0\0'), photoshopResources(iptc)]))]),
    ];
    return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
  },
  png: async (pixels, { xmp, exif }) =>
    pngWithChunks(await from(pixels).png().toBuffer(), [
      ...(exif === undefined ? [] : [pngChunk('eXIf', exifBlockOf(exif))]),
      ...(xmp === undefined ? [] : [pngChunk('iTXt', Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0${xmp}`))]),
    ]),
  webp: async (pixels, { xmp, exif }) => {
    const webp = await from(pixels).webp({ lossless: true }).toBuffer();
    const head = Buffer.alloc(10);
    head.writeUInt8((exif === undefined ? 0 : 8) | (xmp === undefined ? 0 : 4), 0);
    head.writeUIntLE(pixels.width - 1, 4, 3);
    head.writeUIntLE(pixels.height - 1, 7, 3);
    const chunk = (name: string, body: Buffer | undefined) =>
      body === undefined
        ? Buffer.alloc(0)
        : Buffer.concat([Buffer.from(name), numbers('II', [body.length, 4]), body, Buffer.alloc(body.length % 2)]);
    const chunks = [
      chunk('VP8X', head),
      webp.subarray(12),
      chunk('EXIF', exif && exifBlockOf(exif)),
      chunk('XMP ', xmp === undefined ? undefined : Buffer.from(xmp)),
    ];
    const body = Buffer.concat(chunks);
    return Buffer.concat([Buffer.from('RIFF'), numbers('II', [body.length + 4, 4]), Buffer.from('WEBP'), body]);
  },
  gif: async (pixels, { xmp }) => {
    const gif = await from(pixels).gif().toBuffer();
    const trailer = Buffer.from([1, ...Array.from({ length: 256 }, (_, index) => 255 - index), 0]);
    const block = [Buffer.from('\x21\xff\x0bXMP DataXMP', 'latin1'), Buffer.from(xmp ?? ''), trailer];
    const colours = 13 + 3 * 2 ** ((gif.readUInt8(10) & 7) + 1);
    return Buffer.concat([gif.subarray(0, colours), ...(xmp === undefined ? [] : block), gif.subarray(colours)]);
  },
  avif: async (pixels, { xmp, exif }) => {
    // libvips writes the items, and would take the accents from letters: they are put there afterwards.
    const texts = exif && [Buffer.from(exif.artist), Buffer.from(exif.copyright)];
    const stand = texts?.map(({ length }, index) => String(index + 1).repeat(length)) ?? [];
    const [Artist = '', Copyright = ''] = stand;
    const carrier = exif === undefined ? from(pixels) : from(pixels).withExif({ IFD0: { Artist, Copyright } });
    const file = await (xmp === undefined ? carrier : carrier.withXmp(xmp)).avif({ quality: 90, effort: 0 }).toBuffer();
    for (const [index, text] of (texts ?? []).entries()) text.copy(file, file.indexOf(stand[index] ?? ''));
    return file;
  },
  tiff: async (pixels, { xmp, iptc, exif }) =>
    tiffOf([
      {
        pixels,
        tags: [
          ...(exif === undefined ? [] : exifTags(exif)),
          ...(xmp === undefined ? [] : [[700, 'bytes', Buffer.from(xmp)] as const]),
          ...(iptc === undefined ? [] : [[0x83bb, 'bytes', iptc] as const]),
        ],
      },
    ]),
} as const satisfies Readonly<Record<string, Make>>;
