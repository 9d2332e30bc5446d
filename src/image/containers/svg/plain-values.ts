/** A picture that lies in the address itself. Not an SVG, which would be a drawing of its own. */
const pictureAddress = /^\s*data:image\/(?:png|jpe?g|gif|webp|avif);base64,[A-Za-z0-9+/=\s]*$/i;

/** A part of the same file. */
const ownAddress = /^\s*#[^\s]*\s*$/;

/** Pictures and filters may lie in the address; whatever else is used is a part of the file. */
const ofPictures: ReadonlySet<string> = new Set(['image', 'feImage']);

/** An attribute's value as it may stay; undefined where it leads outside, or might. */
export function plainValue(element: string, name: string, value: string): string | undefined {
  if (name === 'href' || name === 'src') {
    return ownAddress.test(value) || (ofPictures.has(element) && pictureAddress.test(value)) ? value : undefined;
  }
  if (/script\s*:/i.test(value)) return undefined;
  return name === 'style' || value.includes('(') || value.includes('\\')
    ? isPlainCss(value)
      ? value
      : undefined
    : value;
}

/** Functions of CSS that take an address, as text or as `url()`. */
const loading = /(?:image|image-set|cross-fade|src|element|expression|paint)\s*\(/i;
const anyAddress = /url\s*\(\s*(["']?)([^)]*)/gi;

/** Whether CSS has no address but of parts of the same file. A backslash may hide anything. */
function isPlainCss(css: string): boolean {
  if (/[\\@]/.test(css) || loading.test(css) || /behavior\s*:|-moz-binding/i.test(css)) return false;
  return [...css.matchAll(anyAddress)].every(([, , address = '']) => address.startsWith('#'));
}

/** Rules of a style sheet that are plain, and those for media that hold nothing but such; others are left out. */
export function plainCss(css: string): string {
  if (css.includes('\\')) return '';
  return blocksOf(withoutComments(css).replace(/<!--|-->/g, ' '))
    .filter(isPlainBlock)
    .join('\n');
}

/** Looked for one after the other: an expression would look for the end of each anew. */
function withoutComments(css: string): string {
  let kept = '';
  for (let at = 0; at < css.length; ) {
    const begin = css.indexOf('/*', at);
    if (begin < 0) return kept + css.slice(at);
    kept += `${css.slice(at, begin)} `;
    const end = css.indexOf('*/', begin + 2);
    if (end < 0) return kept;
    at = end + 2;
  }
  return kept;
}

/** Each from what stands before it to its last bracket; what is not closed, or closed twice, is none. */
function blocksOf(css: string): readonly string[] {
  const blocks: string[] = [];
  let [begin, depth] = [0, 0];
  for (const { 0: bracket, index } of css.matchAll(/[{}]/g)) {
    depth += bracket === '{' ? 1 : -1;
    if (depth < 0) return blocks;
    if (depth > 0) continue;
    blocks.push(css.slice(begin, index + 1));
    begin = index + 1;
  }
  return blocks;
}

/** With what may stand before it without a block (`@import …;`) nothing of it is kept but the rule. */
function isPlainBlock(block: string): boolean {
  const head = block.slice(0, block.indexOf('{'));
  const isOfAll = !head.includes('@') && !head.includes(';');
  const isConditional = /^\s*@(?:media|supports|(?:-webkit-)?keyframes)\s[^@;]*$/.test(head);
  return (isOfAll || isConditional) && isPlainCss(block.slice(head.length));
}
