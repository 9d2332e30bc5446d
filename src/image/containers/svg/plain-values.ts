/**
 * A picture that lies in the address itself. Not an SVG, which would be a drawing of its own; browsers look for none where the address
 * does not say what it holds.
 */
const pictureAddress =
  /^\s*data:(?:image\/(?:png|jpe?g|gif|webp|avif))?(?:;[\w-]+=[\w.-]+)*;base64,[A-Za-z0-9+/=%\s]*$/i;

/** A part of the same file. */
const ownAddress = /^\s*#[^\s]*\s*$/;

/** Pictures and filters may lie in the address; whatever else is used is a part of the file. */
const ofPictures: ReadonlySet<string> = new Set(['image', 'feImage']);

/** `xml:base` would make an address outside of one within, for readers that know it; what is pinged is told of a click. */
const leading: ReadonlySet<string> = new Set(['base', 'ping']);

/** An attribute's value as it may stay; undefined where it leads outside, or might. In a page of HTML its name may be in capitals. */
export function plainValue(element: string, written: string, value: string): string | undefined {
  const name = written.toLowerCase();
  if (leading.has(name)) return undefined;
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
  const bare = withoutComments(css).replace(/<!--|-->/g, ' ');
  return bare.includes('\\') ? '' : blocksOf(bare).map(withoutStatements).filter(isPlainBlock).join('\n');
}

/** A comment that does not end has all that follows. Walked once: a pattern would look for an end from each beginning. */
function withoutComments(css: string): string {
  const parts: string[] = [];
  for (let at = 0; ; ) {
    const from = css.indexOf('/*', at);
    if (from < 0) return [...parts, css.slice(at)].join(' ');
    parts.push(css.slice(at, from));
    const to = css.indexOf('*/', from + 2);
    if (to < 0) return parts.join(' ');
    at = to + 2;
  }
}

/** Each rule with the blocks in it; what no block follows and what does not end is none. Walked once, for the same reason. */
function blocksOf(css: string): readonly string[] {
  const blocks: string[] = [];
  let [from, depth] = [0, 0];
  for (const { 0: brace, index } of css.matchAll(/[{}]/g)) {
    depth += brace === '{' ? 1 : -1;
    if (depth > 0) continue;
    if (depth === 0) blocks.push(css.slice(from, index + 1));
    [from, depth] = [index + 1, 0];
  }
  return blocks;
}

/** What may stand before a rule without a block of its own (`@import …;`) has addresses, in which there may be more semicolons. */
function withoutStatements(block: string): string {
  const head = block.slice(0, block.indexOf('{'));
  return /^\s*@(?:import|charset|namespace|layer)\b/i.test(head) ? block.slice(head.lastIndexOf(';') + 1) : block;
}

/** Whether nothing of it leads outside, or might. */
function isPlainBlock(block: string): boolean {
  const head = block.slice(0, block.indexOf('{'));
  const isOfAll = !head.includes('@') && !head.includes(';');
  const isConditional = /^\s*@(?:media|supports|(?:-webkit-)?keyframes)\s[^@;]*$/.test(head);
  return (isOfAll || isConditional) && isPlainCss(block.replace('@', ''));
}
