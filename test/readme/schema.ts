import { configurationFileSchema } from '../../src/config/index.ts';
import { readPage } from './pages.ts';

/** Where the schema of the configuration file lies, for editors. */
export const schemaPath = 'fovea.schema.json';

const configurationPage = 'docs/configuration.md';

interface SchemaNode {
  description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}

/** The configuration file's JSON Schema as it is published: the program's own, with the word on each key of its page. */
export function writeSchema(): string {
  const schema = structuredClone(configurationFileSchema()) as SchemaNode;
  for (const [key, meaning] of meanings(readPage(configurationPage))) {
    const node = key.split('.').reduce<SchemaNode | undefined>((at, name) => at?.properties?.[name], schema);
    if (node === undefined) throw new Error(`the page tells of ${key}, which the file has not`);
    // What is told elsewhere on the page helps nobody in an editor.
    if (!meaning.startsWith('see ')) node.description = meaning;
  }
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** The rows of the page's table of keys, without its marks. */
function meanings(page: string): readonly (readonly [string, string])[] {
  const table = /^\| key \| meaning \|\n\|---\|---\|\n((?:\|.*\n)+)/m.exec(page)?.[1] ?? '';
  return [...table.matchAll(/^\| (`[^|]*`) \| (.*) \|$/gm)].flatMap(([, keys = '', meaning = '']) =>
    [...keys.matchAll(/`([^`]+)`/g)].map(
      ([, key = '']) => [key, meaning.replaceAll('`', '').replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')] as const,
    ),
  );
}
