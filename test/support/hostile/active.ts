import { from, jpegSegment, paint, pngChunk, pngWithChunks, quarters, red } from '../pictures.ts';

/** A file that runs a script or fetches something wherever a server lets a browser take it for what it can be. */
export interface ActiveFile {
  /** With the extension that somebody would upload it under. */
  readonly name: string;
  /** What a careless server calls it. */
  readonly contentType: string;
  readonly make: () => Buffer | Promise<Buffer>;
}

const svgAttributes =
  'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="48"';
const svg = (content: string, head = '') => `${head}<svg ${svgAttributes}>${content}</svg>`;
const page = (script: string) => `<!doctype html><title>x</title><script>${script}</script>`;
const picture = () => from(quarters(64, 48));

// Read as a script: an assignment to GIF89a, with the width of the screen, 10799, opening a comment around the picture.
async function gifScript(script: string): Promise<Buffer> {
  const gif = await from(paint(0x2a2f, 2, () => red))
    .gif({ effort: 1 })
    .toBuffer();
  return Buffer.concat([gif, Buffer.from(`*/=1;${script}`)]);
}

// Read as a script: an assignment to ÿØÿà, with the length of the first segment opening a comment; a later segment holds code.
async function jpegScript(script: string): Promise<Buffer> {
  const jpeg = await picture().jpeg().toBuffer();
  const start = Buffer.alloc(4 + 0x2f2a);
  start.write('\xff\xd8\xff\xe0/*JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1');
  const code = jpegSegment(0xfe, Buffer.from(`*/=1;${script}/*`));
  const restOfJpeg = jpeg.subarray(4 + jpeg.readUInt16BE(4));
  return Buffer.concat([start, code, restOfJpeg, Buffer.from('*/')]);
}

/**
 * Active content, with and without a picture around it. A script calls `ran`, which whoever opens the file in a browser
 * has put there, opens a dialog and asks for something from `canary`; what cannot run only asks.
 */
export function activeFiles(canary: string): readonly ActiveFile[] {
  const asked = (name: string) => `${canary}/${name}`;
  const script = (name: string) => `globalThis.ran?.('${name}');new Image().src='${asked(name)}';alert('${name}')`;
  const text = (name: string, contentType: string, content: string, encoding: 'utf8' | 'utf16le' = 'utf8') => ({
    name,
    contentType,
    make: () => Buffer.from(content, encoding),
  });
  const svgs = {
    'script.svg': `<script>${script('script.svg')}</script>`,
    'onload.svg': `<rect width="9" height="9"/><g><image href="${asked('onload.svg')}" onerror="${script('onload.svg')}"/></g>`,
    'onbegin.svg': `<rect width="9" height="9"><set attributeName="x" to="1" onbegin="${script('onbegin.svg')}"/></rect>`,
    'script-of-a-host.svg': `<script href="${asked('script-of-a-host.svg')}"/>`,
    'page-inside.svg': `<foreignObject width="64" height="48"><body xmlns="http://www.w3.org/1999/xhtml"><script>${script('page-inside.svg')}</script></body></foreignObject>`,
    'frame-inside.svg': `<foreignObject width="64" height="48"><iframe xmlns="http://www.w3.org/1999/xhtml" src="${asked('frame-inside.svg')}"/></foreignObject>`,
    'image-of-a-host.svg': `<image width="64" height="48" xlink:href="${asked('image-of-a-host.svg')}"/>`,
    'style-of-a-host.svg': `<style>@import "${asked('style-of-a-host.svg')}";</style>`,
    'fill-of-a-host.svg': `<style>svg { background: url(${asked('fill-of-a-host.svg')}) }</style>`,
    'filter-of-a-host.svg': `<filter id="f"><feImage href="${asked('filter-of-a-host.svg')}"/></filter><rect width="9" height="9" filter="url(#f)"/>`,
  };
  const trailers = [
    ['jpg', () => picture().jpeg().toBuffer()],
    ['png', () => picture().png().toBuffer()],
    ['gif', () => picture().gif({ effort: 1 }).toBuffer()],
    ['webp', () => picture().webp().toBuffer()],
    ['avif', () => picture().avif({ effort: 0 }).toBuffer()],
  ] as const;
  return [
    ...Object.entries(svgs).map(([name, content]) => text(name, 'image/svg+xml', svg(content))),
    text(
      'in-utf-16.svg',
      'image/svg+xml',
      `\ufeff${svg(`<script>${script('in-utf-16.svg')}</script>`, '<?xml version="1.0" encoding="UTF-16"?>')}`,
      'utf16le',
    ),
    text(
      'sheet.svg',
      'image/svg+xml',
      svg('<rect/>', `<?xml version="1.0"?><?xml-stylesheet type="text/css" href="${asked('sheet.svg')}"?>`),
    ),
    text(
      'transformed.xml',
      'text/xml',
      `<?xml version="1.0"?><?xml-stylesheet type="text/css" href="${asked('transformed.xml')}"?><a/>`,
    ),
    text(
      'script.xml',
      'text/xml',
      `<?xml version="1.0"?><a><script xmlns="http://www.w3.org/1999/xhtml">${script('script.xml')}</script></a>`,
    ),
    text(
      'page.xhtml',
      'application/xhtml+xml',
      `<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script>${script('page.xhtml')}</script></head></html>`,
    ),
    text('page.html', 'text/html', page(script('page.html'))),
    text('page.jpg', 'text/html', page(script('page.jpg'))),
    text('script.js', 'text/javascript', script('script.js')),
    text('script.png', 'text/javascript', script('script.png')),
    text('style.css', 'text/css', `@import "${asked('style.css')}";`),
    text('style.gif', 'text/css', `body { background: url(${asked('style.gif')}) }`),
    { name: 'gif-and-script.gif', contentType: 'text/javascript', make: () => gifScript(script('gif-and-script.gif')) },
    {
      name: 'jpeg-and-script.jpg',
      contentType: 'text/javascript;charset=iso-8859-1',
      make: () => jpegScript(script('jpeg-and-script.jpg')),
    },
    {
      name: 'page-in-a-comment.jpg',
      contentType: 'text/html',
      make: async () => {
        const jpeg = await picture().jpeg().toBuffer();
        const comment = jpegSegment(0xfe, Buffer.from(page(script('page-in-a-comment.jpg'))));
        return Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)]);
      },
    },
    {
      name: 'page-in-a-text.png',
      contentType: 'text/html',
      make: async () => {
        const chunk = pngChunk('tEXt', Buffer.from(`Comment\0${page(script('page-in-a-text.png'))}`));
        return pngWithChunks(await picture().png().toBuffer(), [chunk]);
      },
    },
    ...trailers.map(([extension, make]) => ({
      name: `page-behind.${extension}`,
      contentType: 'text/html',
      make: async () => Buffer.concat([await make(), Buffer.from(page(script(`page-behind.${extension}`)))]),
    })),
  ];
}
