import type { LayerSource } from '../../grammar/index.ts';
import type { Size } from '../containers/facts.ts';

/** What a text layer is made of. */
export type LayerText = Extract<LayerSource, { kind: 'text' }>;

/** Ems that a letter may be wide, and a line high: emoji and scripts with marks above and below included. */
const letterEms = 1.3;
const lineEms = 2;

/** Room that no text with these letters needs more of. Spacing counts for each letter and each line, as it is drawn. */
export function roomOf({ text, size, styles }: Pick<LayerText, 'text' | 'size' | 'styles'>): Size {
  const lines = text.split('\n');
  const longest = lines.reduce((most, line) => Math.max(most, Array.from(line).length), 1);
  return {
    width: Math.ceil(longest * (letterEms * size + Math.max(0, spacingOf(styles, 'letter')))),
    height: Math.ceil(lines.length * (lineEms * size + Math.max(0, spacingOf(styles, 'line')))),
  };
}

/** Pixels between letters or lines that a text's styles ask for. */
export function spacingOf(styles: readonly string[], what: 'letter' | 'line'): number {
  const beginning = `${what}_spacing_`;
  return Number(styles.find((style) => style.startsWith(beginning))?.slice(beginning.length) ?? 0);
}
