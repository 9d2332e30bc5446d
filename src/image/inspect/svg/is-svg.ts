/** As far as a file is looked at: declarations of drawing programs come before the root. */
const lookedAt = 16 * 1024;

/** What may come before the root of an SVG: declarations, comments, a DOCTYPE with its own in brackets. */
const before = /\s+|<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!DOCTYPE\s[^>[]*(?:\[[^\]]*\])?\s*>/y;
const root = /<(?:[A-Za-z_][\w.-]{0,50}:)?svg[\s/>]/y;

/** Whether a file's first element is an `svg`, in UTF-8. */
export function isSvg(bytes: Buffer): boolean {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const text = bytes.toString('latin1', hasMark ? 3 : 0, lookedAt);
  if (!text.trimStart().startsWith('<')) return false;
  let at = 0;
  for (before.lastIndex = at; before.test(text); before.lastIndex = at) at = before.lastIndex;
  root.lastIndex = at;
  return root.test(text);
}
