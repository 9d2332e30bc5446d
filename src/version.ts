import packageJson from '../package.json' with { type: 'json' };

/** Of this program, as its package says it: what is built has it in itself. */
export const { version }: { readonly version: string } = packageJson;
