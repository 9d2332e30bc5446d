import { configurationFileSchema } from '../../src/config/index.ts';

/** Where the schema of the configuration file lies, for editors. */
export const schemaPath = 'fovea.schema.json';

interface SchemaNode {
  description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}

/** The configuration file's JSON Schema as it is published: the program's own, with the README's word on each key. */
export function writeSchema(readme: string): string {
  const schema = structuredClone(configurationFileSchema()) as SchemaNode;
  for (const [key, meaning] of meanings(readme)) {
    const node = key.split('.').reduce<SchemaNode | undefined>((at, name) => at?.properties?.[name], schema);
    if (node === undefined) throw new Error(`the README tells of ${key}, which the file has not`);
    // What is told elsewhere on the page helps nobody in an editor.
    if (!meaning.startsWith('see ')) node.description = meaning;
  }
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** The rows of the README's table of keys, without its marks. */
function meanings(readme: string): readonly (readonly [string, string])[] {
  const table = /^\| key \| meaning \|\n\|---\|---\|\n((?:\|.*\n)+)/m.exec(readme)?.[1] ?? '';
  return [...table.matchAll(/^\| (`[^|]*`) \| (.*) \|$/gm)].flatMap(([, keys = '', meaning = '']) =>
    [...keys.matchAll(/`([^`]+)`/g)].map(([, key = '']) => [key, meaning.replaceAll('`', '')] as const),
  );
}
