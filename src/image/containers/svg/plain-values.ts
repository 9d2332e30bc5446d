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
  const bare = css.replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/<!--|-->/g, ' ');
  if (bare.includes('\\')) return '';
  const blocks = bare.match(/[^{}]*\{(?:[^{}]|\{[^{}]*\})*\}/g) ?? [];
  return blocks.filter(isPlainBlock).join('\n');
}

/** With what may stand before it without a block (`@import …;`) nothing of it is kept but the rule. */
function isPlainBlock(block: string): boolean {
  const head = block.slice(0, block.indexOf('{'));
  const isOfAll = !head.includes('@') && !head.includes(';');
  const isConditional = /^\s*@(?:media|supports|(?:-webkit-)?keyframes)\s[^@;]*$/.test(head);
  return (isOfAll || isConditional) && isPlainCss(block.slice(head.length));
}
