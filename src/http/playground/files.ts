import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { Failure } from '../../failure.ts';
import { offeredParameters } from '../../grammar/index.ts';

/** A file of the playground's, as it is sent. */
export interface PlaygroundFile {
  readonly type: string;
  readonly text: string;
  /** Quoted. */
  readonly etag: string;
}

const [script, style] = ['text/javascript; charset=utf-8', 'text/css; charset=utf-8'];
const types = {
  'app.js': script,
  'app.css': style,
  'demo.js': script,
  'demo.css': style,
  'scores.js': script,
  'options.json': 'application/json; charset=utf-8',
} as const;
type FileName = keyof typeof types;

const read = new Map<FileName, PlaygroundFile>();

/** What the page loads, read once. Failure `not_found` for anything else, and where it has not been built. */
export function playgroundFile(name: string): PlaygroundFile {
  if (!isFileName(name))
    throw new Failure(
      'not_found',
      `Resource not found - ${name.slice(0, 50)}. The playground has ${Object.keys(types).join(', ')}.`,
    );
  const known = read.get(name);
  if (known !== undefined) return known;
  const text = name === 'options.json' ? JSON.stringify(offeredParameters) : builtFile(name);
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
  const file = { type: types[name], text, etag };
  read.set(name, file);
  return file;
}

function isFileName(name: string): name is FileName {
  return Object.hasOwn(types, name);
}

/** Beside the program that `npm run build` has made. */
function builtFile(name: Exclude<FileName, 'options.json'>): string {
  const built = name.replace(/^app\./, 'playground.');
  const folder = extname(import.meta.url) === '.js' ? '.' : '../../../dist';
  try {
    return readFileSync(new URL(`${folder}/${built}`, import.meta.url), 'utf8');
  } catch (error) {
    throw new Failure('not_found', 'Resource not found - the playground, which npm run build makes.', { cause: error });
  }
}
