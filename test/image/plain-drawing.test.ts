import { describe, expect, it } from 'vitest';
import { plainDrawing } from '../../src/image/index.ts';
import { svgs } from '../support/hostile/svg.ts';
import { svg } from '../support/svgs.ts';

const plain = async (content: string, attributes = '') =>
  Buffer.from(await plainDrawing(svg(attributes, content))).toString();

describe('a drawing that is sent', () => {
  it('keeps what draws', async () => {
    const content =
      '<style>.a{fill:url(#g)}@media print{.a{fill:red}}</style><defs><linearGradient id="g"><stop offset="1" stop-color="#f00"/></linearGradient></defs><g transform="translate(1 2)" style="fill:#fff"><path class="a" d="M0 0L1 1"/><text x="1">a &lt; b</text><use xlink:href="#g"/><image href="data:image/png;base64,iVBORw0KGgo="/></g>';
    const sent = await plain(content, 'width="10" height="5" viewBox="0 0 10 5"');
    for (const part of [
      '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="10" height="5" viewBox="0 0 10 5">',
      '.a{fill:url(#g)}',
      '@media print{.a{fill:red}}',
      '<g transform="translate(1 2)" style="fill:#fff"><path class="a" d="M0 0L1 1"></path>',
      'a &lt; b',
      '<use xlink:href="#g"></use>',
      'href="data:image/png;base64,iVBORw0KGgo="',
    ]) {
      expect(sent).toContain(part);
    }
  });

  it.each([
    ['a script', '<script>alert(1)</script>'],
    ['a script of another prefix', '<s:script xmlns:s="http://www.w3.org/2000/svg">alert(1)</s:script>'],
    ['a handler', '<rect onclick="alert(1)" width="1"/>'],
    ['a handler in capitals', '<rect ONLOAD="alert(1)"/>'],
    ['a link to a program', '<a href="javascript:alert(1)"><rect/></a>'],
    ['a link to one, hidden by blanks', '<a xlink:href=" java&#10;script:alert(1)"><rect/></a>'],
    ['HTML', '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="alert(1)"/></foreignObject>'],
    ['an animation of an address', '<a><set attributeName="xlink:href" to="javascript:alert(1)"/></a>'],
    ['an animation of a handler', '<rect><set attributeName="onclick" to="alert(1)"/></rect>'],
    ['a use of another file', '<use href="http://alert/a.svg#b"/>'],
    ['a drawing in an address', '<image href="data:image/svg+xml;base64,alert"/>'],
    ['a drawing that is used', '<use href="data:image/svg+xml;base64,alert#a"/>'],
    ['an address in an attribute', '<rect fill="url(http://alert/)"/>'],
    ['an address in a style', '<rect style="fill:url(//alert/)"/>'],
    ['an address hidden by a backslash', '<rect style="fill:u\\72l(//alert/)"/>'],
    ['an import', '<style>@import "http://alert/";</style>'],
    ['an import before a rule', '<style>@import url(//alert/); a{fill:red}</style>'],
    ['a font of another host', '<style>@font-face{font-family:a;src:url(//alert/)}</style>'],
    ['an address in a rule', '<style>a{fill:red;mask:url("//alert/")}</style>'],
    ['a set of pictures', '<style>a{background:image-set("//alert/" 1x)}</style>'],
    ['the end of a style', '<style>a{}&lt;/style>&lt;script>alert(1)&lt;/script></style>'],
    ['text where none is drawn', '<g>&lt;script>alert(1)&lt;/script></g>'],
    ['a comment', '<!--alert--><![CDATA[alert]]>'],
    ['an instruction', '<?xml-stylesheet href="alert"?>'],
    ['an address by way of another', '<g xml:base="http://alert/a.svg"><use href="#b"/></g>'],
    ['an address in capitals, as HTML reads it', '<image HREF="http://alert/"/>'],
    ['whom a click is told to', '<a href="#b" ping="http://alert/"><rect/></a>'],
    [
      'an address between quotes that begin in one piece of a style and end in another',
      '<style>a{content:"}<![CDATA[p{";content:"}]]>" url(//alert/) "{z:z}<![CDATA[b{c:";q:r}]]></style>',
    ],
    ['an address before a block', '<style>url(//alert/) a{fill:red}</style>'],
    ['what is said in other namespaces', '<rect xmlns:a="http://a/" a:onload="alert(1)" a:href="alert"/>'],
  ])('has nothing of %s', async (_, content) => {
    expect(await plain(content)).not.toMatch(/alert|script/i);
  });

  it.each([
    ['comments', '/*'],
    ['blocks', '{'],
    ['words', 'a'],
    ['rules', 'a{b'],
    ['ends', '}'],
    ['addresses', 'url('],
    ['conditions', '@media '],
  ])('is written in no longer time for %s without an end', async (_, piece) => {
    expect(await plain(`<style>${piece.repeat(300_000 / piece.length)}</style>`)).toContain('<style></style>');
  });

  it('is written in no longer time for a block of words without an end', async () => {
    expect(await plain(`<style>{${'a'.repeat(300_000)}</style>`)).toContain('<style></style>');
  });

  it('keeps a style that comes in pieces', async () => {
    const style = '<style>.a{fill:<![CDATA[red}]]><!-- and -->.b{c:d}/* e */ .f{g:h}</style>';
    expect(await plain(style)).toMatch(/<style>\.a\{fill:red\}\s*\.b\{c:d\}\s*\.f\{g:h\}<\/style>/);
  });

  it.each([
    ['an import', '@import url("https://fonts.example/css2?family=A:wght@400;700&amp;display=swap");'],
    ['an import without quotes', '@import url(https://fonts.example/a;b);\n@import "b.css" screen;'],
    ['a character set and a namespace', '@charset "utf-8"; @namespace url(http://www.w3.org/2000/svg);'],
  ])('keeps the rule after %s', async (_, before) => {
    expect(await plain(`<style>${before} .a{fill:red} .b{c:d}</style>`)).toMatch(
      /<style>\s*\.a\{fill:red\}\s*\.b\{c:d\}<\/style>/,
    );
  });

  it.each([
    'data:image/png;charset=utf-8;base64,iVBORw0KGgo=',
    'data:;base64,iVBORw0KGgo=',
    'data:image/png;base64,iVBORw0KGgo%3D',
  ])('keeps a picture in it, however its address is written: %s', async (address) => {
    expect(await plain(`<image href="${address}"/>`)).toContain(`href="${address}"`);
  });

  it('is refused where its root is of another language, as a picture of it is', async () => {
    await expect(plainDrawing(Buffer.from('<svg width="5"><rect/></svg>'))).rejects.toThrow('no svg of the namespace');
  });

  it('is refused where it uses parts of itself without end, as a picture of it is', async () => {
    const level = (index: number) => `<g id="l${index}">${`<use href="#l${index - 1}"/>`.repeat(10)}</g>`;
    const levels = Array.from({ length: 8 }, (_, index) => level(index + 1)).join('');
    await expect(plain(`<rect id="l0" width="1" height="1"/>${levels}`)).rejects.toMatchObject({ kind: 'too_large' });
  });

  it('is what it says when it is read again', async () => {
    const once = await plainDrawing(svg('', '<text a="&quot;&amp;lt;">&amp;lt;b&amp;gt; ]]&gt;</text>'));
    expect(Buffer.compare(await plainDrawing(Buffer.from(once)), once)).toBe(0);
  });

  it('has none of what hostile drawings bring', async () => {
    for (const { name, make } of svgs) {
      const sent = await plainDrawing(await make()).then(String, (error: unknown) => kindOf(error));
      expect(sent, name).not.toMatch(/<script|\son\w+=|javascript:|file:|127\.0\.0\.1|<!|foreignObject|xi:include/i);
    }
  });
});

function kindOf(error: unknown): string {
  if (error instanceof Error && 'kind' in error) return String(error.kind);
  throw error;
}
