import { checkEachAlias } from '../dialects/aliases.ts';
import type { GrammarOptions } from '../grammar-options.ts';
import { parseComponents } from './parse-components.ts';

/** Refuses a configuration whose aliases cannot be used, naming the alias: `invalid`. */
export function checkAliases({ aliases, presets, defaultCrop }: GrammarOptions): void {
  checkEachAlias(aliases, (components) => {
    parseComponents(components, defaultCrop, presets);
  });
}
