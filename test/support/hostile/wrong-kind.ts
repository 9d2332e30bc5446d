import { gzipSync } from 'node:zlib';
import { from, jpegSegment, pngChunk, pngWithChunks, quarters } from '../pictures.ts';
import { filesOf } from './hostile-file.ts';

const text = (content: string) => () => Buffer.from(content, 'latin1');
const page = '<!doctype html><script>alert(document.domain)</script>';
const zip = Buffer.from('PK\x03\x04\x14\0\0\0\0\0secret.txtPK\x05\x06\0\0\0\0', 'latin1');
const picture = () => from(quarters(64, 48));

/** Files that are something else, and pictures that are something else as well. */
export const wrongKinds = filesOf('kind', [
  ['nothing', 'refused', text('')],
  ['one-byte', 'refused', text('\xff')],
  ['eight-zeros', 'refused', text('\0'.repeat(8))],
  ['text', 'refused', text('Hello, world')],
  ['page', 'refused', text(page)],
  ['page-behind-a-gif-signature', 'refused', text(`GIF89a${page}`)],
  ['page-behind-a-jpeg-signature', 'refused', text(`\xff\xd8\xff\xfe${page}`)],
  ['page-behind-a-png-signature', 'refused', text(`\x89PNG\r\n\x1a\n${page}`)],
  ['script', 'refused', text('/*\xff\xd8\xff*/ alert(1)')],
  ['php', 'refused', text('<?php system($_GET["c"]);')],
  ['json', 'refused', text('{"not":"a picture"}')],
  ['pdf', 'refused', text('%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj')],
  ['postscript', 'refused', text('%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (r) file')],
  [
    'imagemagick-script',
    'refused',
    text('push graphic-context\nfill \'url(https://127.0.0.1/x"|id")\'\npop graphic-context'),
  ],
  ['bmp', 'refused', text('BM\x9a\0\0\0\0\0\0\0\x7a\0\0\0')],
  ['icon', 'refused', text('\0\0\x01\0\x01\0\x10\x10\0\0\x01\0 \0')],
  ['photoshop', 'refused', text('8BPS\0\x01\0\0\0\0\0\0\0\x03')],
  ['jpeg-2000', 'refused', text('\0\0\0\x0cjP  \r\n\x87\n')],
  ['jpeg-xl', 'refused', text('\xff\x0a\xfa\x7f\x01')],
  ['radiance', 'refused', text('#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 30000 +X 30000\n')],
  ['openexr', 'refused', text('\x76\x2f\x31\x01\x02\0\0\0')],
  ['portable-pixmap', 'refused', text('P6 30000 30000 255\n')],
  ['fits', 'refused', text('SIMPLE  =                    T')],
  ['matlab', 'refused', text('MATLAB 5.0 MAT-file')],
  ['csv', 'refused', text('1,2,3\n4,5,6\n')],
  ['film', 'refused', text('\0\0\0\x18ftypmp42\0\0\0\0mp42isom')],
  ['sound', 'refused', text('RIFF\x24\0\0\0WAVEfmt ')],
  ['program', 'refused', text('\x7fELF\x02\x01\x01')],
  ['archive', 'refused', () => zip],
  ['packed-text', 'refused', () => gzipSync('Hello')],
  ['jpeg-and-archive', 'drawn', async () => Buffer.concat([await picture().jpeg().toBuffer(), zip])],
  ['png-and-archive', 'drawn', async () => Buffer.concat([await picture().png().toBuffer(), zip])],
  ['gif-and-archive', 'drawn', async () => Buffer.concat([await picture().gif().toBuffer(), zip])],
  ['webp-and-archive', 'drawn', async () => Buffer.concat([await picture().webp().toBuffer(), zip])],
  [
    'jpeg-with-a-page-in-a-comment',
    'drawn',
    async () => {
      const jpeg = await picture().jpeg().toBuffer();
      return Buffer.concat([jpeg.subarray(0, 2), jpegSegment(0xfe, Buffer.from(page)), jpeg.subarray(2)]);
    },
  ],
  [
    'png-with-a-page-in-a-text',
    'drawn',
    async () => pngWithChunks(await picture().png().toBuffer(), [pngChunk('tEXt', Buffer.from(`Comment\0${page}`))]),
  ],
]);
