import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ownImport = /\b(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+\.ts)'/g;

/** Every TypeScript file below these folders, with what it imports of our own; types too. Paths are absolute. */
function readImports(folders: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
      .map((name) => join(folder, name)),
  );
  return new Map(
    files.map((file) => [
      file,
      [...readFileSync(file, 'utf8').matchAll(ownImport)].map(([, path = '']) => join(dirname(file), path)),
    ]),
  );
}

/**
 * The tests that a change of this file of `src` is about: those that import it, by however many steps, and those that
 * start the built program, which holds all of `src` and is nothing that a test imports. For vitest's watch, which
 * reruns what it is told of a file or what it knows itself, and never both.
 */
export function testsAbout(changed: string, root: string): string[] {
  const imports = readImports([join(root, 'src'), join(root, 'test')]);
  const found = new Set([changed, join(root, 'test', 'support', 'program.ts')]);
  // A set that grows while it is walked is walked to its end.
  for (const file of found) {
    for (const [importer, targets] of imports) if (targets.includes(file)) found.add(importer);
  }
  return [...found].filter((file) => file.endsWith('.test.ts'));
}
