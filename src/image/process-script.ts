import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Arguments for `node` that start the render process: the script beside this one, in the build a `.js`. From source it
 * is a `.ts`, which Node runs itself from 22.18 on; before that tsx has to be loaded first.
 */
export function renderProcessArguments(): readonly string[] {
  const extension = extname(import.meta.url);
  const script = fileURLToPath(new URL(`./render-process${extension}`, import.meta.url));
  const runsTypeScript = Reflect.get(process.features, 'typescript') === 'strip';
  if (extension !== '.ts' || runsTypeScript) return [script];
  const tsx = createRequire(import.meta.url).resolve('tsx');
  return ['--import', pathToFileURL(tsx).href, script];
}
