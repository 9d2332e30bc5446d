import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  findUnreached,
  findViolations,
  isOurs,
  packageOf,
  readModule,
  readModules,
  type SourceModule,
} from './support/architecture.ts';
import { readFunctions, type SourceFunction } from './support/functions.ts';

const source = fileURLToPath(new URL('../src', import.meta.url));
const urlBuild = new URL('../packages/url/build.mjs', import.meta.url);
const packageFile: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

function dependenciesOf(file: unknown): string[] {
  if (typeof file !== 'object' || file === null || !('dependencies' in file)) return [];
  return Object.keys(file.dependencies ?? {});
}

/** What the builds begin with: processes, and the doors of the package. */
function entriesOf(file: unknown): string[] {
  if (typeof file !== 'object' || file === null || !('scripts' in file)) return [];
  const builds = Object.entries(file.scripts ?? {}).filter(([name]) => name.startsWith('build'));
  const texts = [...builds.map(([, script]) => String(script)), readFileSync(urlBuild, 'utf8')];
  return texts.flatMap((text) => [...text.matchAll(/[=']src\/([\w/-]+\.ts)/g)].map(([, path]) => path ?? ''));
}

describe('the house', () => {
  const modules = readModules(source);

  it('keeps to its floors, doors, owners and sizes', () => {
    expect(findViolations(modules)).toEqual([]);
  });

  it('is all read: every room of the map has files', () => {
    const rooms = new Set(modules.map(({ path }) => path.split('/')[0]));
    for (const room of ['entry', 'service', 'http', 'variants', 'image', 'storage', 'grammar', 'config']) {
      expect(rooms).toContain(room);
    }
  });

  it('imports only our own files that are there', () => {
    const paths = new Set(modules.map(({ path }) => path));
    const missing = modules.flatMap(({ path, imports }) =>
      imports.filter((target) => isOurs(target) && !paths.has(target)).map((target) => `${path}: ${target}`),
    );
    expect(missing).toEqual([]);
  });

  it('has no file that nothing leads to: each is imported, from an entry on', () => {
    const entries = entriesOf(packageFile);
    for (const entry of ['entry/server.ts', 'image/drawing/render-process.ts', 'url/index.ts']) {
      expect(entries).toContain(entry);
    }
    expect(findUnreached(modules, entries)).toEqual([]);
  });

  it('uses only packages that it declares for production', () => {
    // The one file of ours that is no module: what the package says of itself.
    const isForeign = (target: string) => !isOurs(target) && target !== '../package.json';
    const used = modules.flatMap(({ imports }) => imports.filter(isForeign).map(packageOf));
    const declared = dependenciesOf(packageFile);
    expect(declared.length).toBeGreaterThan(0);
    expect([...new Set(used)].filter((name) => !name.startsWith('node:') && !declared.includes(name))).toEqual([]);
  });
});

/** Longer, a function is split into steps that have a name each. */
const maxFunctionLines = 60;
/**
 * Results come up as return values. What is handed down to be called from below has a name like these: a render says that it
 * has begun, since from then on it is finished; and a body that is held, what to call once it was sent.
 */
const hooks: readonly (string | undefined)[] = ['onBegun', 'onHeld'];
const hook = /\b((?:on|when)[A-Z]\w*)\??:/g;

const described = ({ path, firstLine, name, lines }: SourceFunction) => `${path}:${firstLine} ${name}, ${lines} lines`;

describe('the functions', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const texts = files.map((file) => ({ path: file, text: readFileSync(`${source}/${file}`, 'utf8') }));
  const functions = texts.flatMap(({ path, text }) => readFunctions(path, text));

  it(`have at most ${maxFunctionLines} lines`, () => {
    expect(functions.length).toBeGreaterThan(3_000);
    expect(functions.filter(({ lines }) => lines > maxFunctionLines).map(described)).toEqual([]);
  });

  it('are declared at the top of their file, where they can be gone to, traced and read alone', () => {
    expect(functions.filter(({ isInner }) => isInner).map(described)).toEqual([]);
  });

  it('return what they come to, and call up through no hook but two', () => {
    const found = texts.flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, index) =>
          [...line.matchAll(hook)].flatMap(([, name]) =>
            hooks.includes(name) ? [] : [`${path}:${index + 1} ${name}`],
          ),
        ),
    );
    expect(found).toEqual([]);
  });

  it('are read with their lines and names, whatever form they have', () => {
    const text = 'export function a() {\n  function b() {}\n  return () => b();\n}\nconst c = () => 1;\n';
    const read = readFunctions('x.ts', text).map(({ name, lines, isInner }) => [name, lines, isInner]);
    expect(read).toEqual([
      ['a', 4, false],
      ['b', 1, true],
      ['(none)', 1, false],
      ['c', 1, false],
    ]);
  });
});

const sound: SourceModule = {
  path: 'http/app.ts',
  lines: 100,
  firstLine: "import { Hono } from 'hono';",
  imports: ['hono', 'variants/index.ts', 'failure.ts', 'http/failures.ts'],
  readsEnvironment: false,
  onlyReexports: false,
};

/** The complaints about one file, made from a sound one. */
function complaints(change: Partial<SourceModule>): string {
  return findViolations([{ ...sound, ...change }]).join('\n');
}

describe('the rules', () => {
  it('let a sound file pass', () => {
    expect(complaints({})).toBe('');
  });

  it.each([
    ['an import upwards', { path: 'grammar/parse.ts', imports: ['variants/index.ts'] }, /not on a lower floor/],
    [
      'an import between rooms of one floor',
      { path: 'image/processes/pool.ts', imports: ['storage/index.ts'] },
      /lower floor/,
    ],
    ['an import past a door', { imports: ['variants/deliver/deliver.ts'] }, /past the room's door/],
    ['a room on no floor', { path: 'utils/strings.ts', imports: ['failure.ts'] }, /"utils" is on no floor/],
    ['an import of such a room', { imports: ['utils/index.ts'] }, /"utils", which is on no floor/],
    ['a room that reads the configuration', { imports: ['config/index.ts'] }, /reads the configuration itself/],
    ['sharp outside image', { imports: ['sharp'] }, /belongs to image\/drawing/],
    ['sharp on the server', { path: 'image/plan/plan.ts', imports: ['sharp'] }, /belongs to image\/drawing/],
    [
      'a server that draws',
      { path: 'image/index.ts', imports: ['image/drawing/draw.ts'], onlyReexports: true },
      /the top of image knows nothing of drawing/,
    ],
    [
      'a folder of it that draws',
      { path: 'image/plan/plan.ts', imports: ['image/drawing/draw.ts'] },
      /plan knows nothing of drawing/,
    ],
    [
      'a render process that decides',
      { path: 'image/drawing/draw.ts', imports: ['image/plan/plan.ts'] },
      /drawing knows nothing of plan/,
    ],
    [
      'an original that is opened by what draws on it',
      { path: 'image/drawing/open/open.ts', imports: ['image/drawing/steps/radius.ts'] },
      /open knows nothing of steps/,
    ],
    [
      'a folder that imports from above it',
      { path: 'image/plan/plan.ts', imports: ['image/index.ts'] },
      /above its folder/,
    ],
    [
      'a folder that is not in the plan',
      { path: 'image/utils/strings.ts', imports: ['image/plan/plan.ts'] },
      /"utils" is not in the plan/,
    ],
    ['S3 outside storage', { imports: ['@aws-sdk/client-s3'] }, /belongs to storage/],
    ['a part of hono outside http', { path: 'variants/a.ts', imports: ['hono/cors'] }, /belongs to http/],
    [
      'files read by one file of a room where another may',
      { path: 'image/processes/pool.ts', imports: ['node:fs'] },
      /belongs to/,
    ],
    ['files read outside storage', { imports: ['node:fs/promises'] }, /belongs to storage/],
    ['the environment read in a room', { readsEnvironment: true }, /process\.env outside entry/],
    ['a door with code in it', { path: 'http/index.ts' }, /more than re-export/],
    ['a file of 301 lines', { lines: 301 }, /301 lines/],
  ])('notice %s', (_, change, complaint) => {
    expect(complaints(change)).toMatch(complaint);
  });

  it('let a long file pass whose first line says why', () => {
    const firstLine = '// Long because it is one table, and half a table helps nobody.';
    expect(complaints({ lines: 301, firstLine })).toBe('');
  });

  it('notice a circle of files, however long, and only once', () => {
    const file = (path: string, imports: string[]): SourceModule => ({ ...sound, path, imports });
    const circle = [
      file('http/a.ts', ['http/b.ts']),
      file('http/b.ts', ['http/c.ts']),
      file('http/c.ts', ['http/a.ts']),
    ];
    expect(findViolations(circle)).toEqual(['a circle of imports: http/a.ts → http/b.ts → http/c.ts → http/a.ts']);
  });
});

describe('what nothing leads to', () => {
  const file = (path: string, imports: string[]): SourceModule => ({ ...sound, path, imports });

  it('is found, with what only it imports', () => {
    const modules = [
      file('entry/a.ts', ['http/b.ts', 'hono']),
      file('http/b.ts', []),
      file('http/dead.ts', ['http/b.ts', 'http/only.ts']),
      file('http/only.ts', ['http/dead.ts']),
    ];
    expect(findUnreached(modules, ['entry/a.ts'])).toEqual(['http/dead.ts', 'http/only.ts']);
    expect(findUnreached(modules, ['entry/a.ts', 'http/dead.ts'])).toEqual([]);
  });
});

describe('the reader', () => {
  it.each([
    ["import { a } from '../grammar/index.ts';", 'grammar/index.ts'],
    ["import type { A } from '../grammar/index.ts';", 'grammar/index.ts'],
    ["export { a } from './b.ts';", 'http/b.ts'],
    ["export type * from './b.ts';", 'http/b.ts'],
    ["import './b.ts';", 'http/b.ts'],
    ["const load = () => import('sharp');", 'sharp'],
    ["type Info = import('sharp').OutputInfo;", 'sharp'],
  ])('sees what %s imports', (text, target) => {
    expect(readModule('http/a.ts', text).imports).toEqual([target]);
  });

  it.each([
    'export const port = process.env.PORT;',
    "export const port = process['env']['PORT'];",
    'const { env } = process;',
    "import { env } from 'node:process';",
    'export const read = () => globalThis.process.env;',
  ])('sees that %s reads the environment', (text) => {
    expect(readModule('http/a.ts', text).readsEnvironment).toBe(true);
  });

  it('does not take a comment or a text for an import or for the environment', () => {
    const module = readModule('http/a.ts', "// import 'sharp'; process.env\nexport const text = \"import 'sharp'\";\n");
    expect(module).toMatchObject({ imports: [], readsEnvironment: false, lines: 2 });
  });

  it('tells a door that only re-exports from one that declares', () => {
    expect(readModule('http/index.ts', "export { a } from './a.ts';\nexport type * from './b.ts';").onlyReexports).toBe(
      true,
    );
    expect(readModule('http/index.ts', "export { a } from './a.ts';\nexport const b = 1;").onlyReexports).toBe(false);
  });
});
