import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Packages of fonts that come with the program, a folder for each weight. */
const packages = ['arimo', 'tinos', 'cousine', 'roboto', 'open-sans'];

/** The weights that a text can ask for. */
const weights = ['100Thin', '300Light', '400Regular', '700Bold'].flatMap((weight) => [weight, `${weight}_Italic`]);

/**
 * What a name stands for where no font here is called so: for the usual fonts one whose letters are as wide, and for a kind of
 * font one of that kind. In lower case, as names are told apart.
 */
export const fontAliases: ReadonlyMap<string, string> = new Map([
  ...['arial', 'helvetica', 'helvetica neue', 'liberation sans', 'sans', 'sans serif', 'sans-serif'].map(
    (name) => [name, 'Arimo'] as const,
  ),
  ...['times', 'times new roman', 'liberation serif', 'serif'].map((name) => [name, 'Tinos'] as const),
  ...['courier', 'courier new', 'liberation mono', 'mono', 'monospace'].map((name) => [name, 'Cousine'] as const),
]);

/** The folders of their files, of which not every package has all; none of a package that is not installed. */
export function shippedFolders(): readonly string[] {
  return packages.flatMap((name) => {
    const folder = folderOf(`@expo-google-fonts/${name}`);
    if (folder === undefined) return [];
    return weights.map((weight) => join(folder, weight));
  });
}

function folderOf(name: string): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}
