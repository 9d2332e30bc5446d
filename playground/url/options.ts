/** What `/-/playground/options.json` has: the table that the server reads URLs by. */
export type Control =
  | { readonly kind: 'number'; readonly min: number; readonly max: number; readonly step: number }
  | { readonly kind: 'choice' | 'switches' | 'colour' | 'place'; readonly values: readonly string[] }
  | { readonly kind: 'effect'; readonly effects: readonly EffectOption[] }
  | { readonly kind: 'text' };

export interface EffectOption {
  readonly name: string;
  /** What is written before the strength, or alone. */
  readonly begins: string;
  readonly doc: string;
  readonly amount?: { readonly min: number; readonly max: number; readonly standard: number };
  readonly colour?: 'value' | 'several' | 'first' | 'qualifier';
}

export interface Option {
  readonly name: string;
  readonly key: string;
  readonly doc: string;
  readonly range: string;
  readonly example: string;
  readonly group: 'step' | 'output' | 'content';
  readonly control: Control;
}

export interface Options {
  readonly all: readonly Option[];
  readonly byKey: ReadonlyMap<string, Option>;
  readonly outputKeys: ReadonlySet<string>;
}

export function optionsFrom(all: readonly Option[]): Options {
  return {
    all,
    byKey: new Map(all.map((option) => [option.key, option])),
    outputKeys: new Set(all.filter(({ group }) => group === 'output').map(({ key }) => key)),
  };
}

/** `aspectRatio` as people say it. */
export function labelOf({ name }: Option): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
