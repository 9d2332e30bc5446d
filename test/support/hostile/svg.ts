import { gzipSync } from 'node:zlib';
import { type Fate, filesOf } from './hostile-file.ts';

const svg = (content: string, head = '') =>
  Buffer.from(
    `${head}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="48">${content}</svg>`,
  );
const rect = '<rect width="64" height="48" fill="red"/>';
const many = (count: number, one: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => one(index)).join('');
const nested = (depth: number): string =>
  depth === 0
    ? Buffer.from(svg(rect)).toString()
    : Buffer.from(
        svg(
          `<image width="64" height="48" href="data:image/svg+xml;base64,${Buffer.from(nested(depth - 1)).toString('base64')}"/>`,
        ),
      ).toString();
const entities = `<!DOCTYPE svg [<!ENTITY a "ha">${many(9, (index) => `<!ENTITY ${'bcdefghij'[index]} "${`&${'abcdefghi'[index]};`.repeat(10)}">`)}]>`;

/** Of those that follow, which are drawn, without what would run or be fetched; and which as decoders have it. */
const drawn = new Set([
  'plain',
  'declared',
  'behind-blanks',
  'behind-a-comment',
  'script',
  'event',
  'link',
  'xinclude',
  'image-of-a-file',
  'image-of-a-host',
  'style-of-a-host',
]);
const doubtful = new Set(['dashes', 'path-of-200000-lines', 'rules', 'filter', 'of-10-million-pixels-a-side']);

function fateOf(what: string): Fate {
  return drawn.has(what) ? 'drawn' : doubtful.has(what) ? 'either' : 'refused';
}

/** SVGs that run, fetch, read or never end: what comes of them is pixels, or nothing. */
export const svgs = filesOf(
  'svg',
  (
    [
      ['plain', svg(rect)],
      ['declared', svg(rect, '<?xml version="1.0" encoding="UTF-8"?>')],
      ['behind-blanks', svg(rect, '\n\n   ')],
      ['behind-a-comment', svg(rect, '<!-- GIF89a -->')],
      ['in-utf-16', Buffer.from(`\ufeff${svg(rect)}`, 'utf16le')],
      ['packed', gzipSync(svg(rect))],
      ['packed-bomb', gzipSync(svg('<a/>'.repeat(1_000_000)))],
      ['script', svg('<script>alert(1)</script>')],
      ['event', svg('<rect width="9" height="9" onload="alert(1)"/>')],
      ['link', svg('<a href="javascript:alert(1)"><rect width="64" height="48"/></a>')],
      [
        'page-inside',
        svg(
          '<foreignObject width="64" height="48"><body xmlns="http://www.w3.org/1999/xhtml"><iframe src="javascript:alert(1)"/></body></foreignObject>',
        ),
      ],
      ['entities', svg('<text>&j;</text>', entities)],
      ['entity-of-a-file', svg('<text>&f;</text>', '<!DOCTYPE svg [<!ENTITY f SYSTEM "file:///etc/passwd">]>')],
      ['entity-of-a-host', svg('<text>&f;</text>', '<!DOCTYPE svg [<!ENTITY f SYSTEM "http://127.0.0.1:9/x">]>')],
      ['xinclude', svg('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>')],
      ['image-of-a-file', svg('<image width="64" height="48" href="file:///etc/passwd"/>')],
      ['image-of-a-host', svg('<image width="64" height="48" xlink:href="http://127.0.0.1:9/x.png"/>')],
      [
        'style-of-a-host',
        svg(`<style>@import "http://127.0.0.1:9/x.css"; rect { fill: url(http://127.0.0.1:9/y) }</style>${rect}`),
      ],
      ['uses-itself', svg('<g id="a"><use href="#a"/></g>')],
      [
        'uses-without-end',
        svg(
          `<defs><g id="a0">${rect}</g>${many(12, (index) => `<g id="a${index + 1}">${`<use href="#a${index}"/>`.repeat(10)}</g>`)}</defs><use href="#a12"/>`,
        ),
      ],
      ['dashes', svg('<circle r="10000000" stroke="red" stroke-dasharray="1" fill="none"/>')],
      [
        'path-of-200000-lines',
        svg(`<path d="M0 0${many(200_000, (index) => `L${index % 64} ${index % 48}`)}" stroke="red"/>`),
      ],
      ['200000-rects', svg(rect.repeat(200_000))],
      [
        'rules',
        svg(`<style>${many(3_000, (index) => `g:nth-child(${index}) rect{fill:red}`)}</style>${rect.repeat(2_000)}`),
      ],
      ['pictures-in-pictures', Buffer.from(nested(5))],
      ['a-megabyte-of-text', svg(`<text>${'x'.repeat(1_000_000)}</text>`)],
      [
        'filter',
        svg(
          `<filter id="f"><feGaussianBlur stdDeviation="9999"/><feImage href="file:///etc/passwd"/></filter><rect width="64" height="48" filter="url(#f)"/>`,
        ),
      ],
      [
        'of-10-million-pixels-a-side',
        Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="10000000" height="10000000"/>'),
      ],
    ] as const
  ).map(([what, bytes]) => [what, fateOf(what), () => bytes] as const),
);
