import { keyOf } from './parse-components.ts';

/** Parameters whose values may hold an encoded comma of their own: ids, texts, names. */
const keysWithText: readonly string[] = ['l', 'u', 'd', 't', 'fl', 'fn', 'if'];

/**
 * A component with its parameters joined by plain commas, where it was escaped as a whole (`w_100%2Ch_100`) or ends in a comma.
 * Nothing is split that is no parameter, or that could be part of an id or a text.
 */
export function plainCommas(component: string): string {
  let end = component.length;
  while (component[end - 1] === ',') end -= 1;
  const trimmed = end === 0 ? component : component.slice(0, end);
  return trimmed.includes('%2') ? trimmed.split(',').map(splitEscaped).join(',') : trimmed;
}

function splitEscaped(part: string): string {
  const pieces = part.split(/%2c/i);
  // A comma at the end joins nothing.
  if (pieces.at(-1) === '' && pieces.length > 1) pieces.pop();
  const keys = pieces.map(keyOf);
  const isSplit = keys.every((key) => key !== undefined && !key.startsWith('$') && !keysWithText.includes(key));
  return isSplit ? pieces.join(',') : part;
}
