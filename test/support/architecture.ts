import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { parseSync } from 'vite';

/** A source file as the rules see it. Paths are relative to `src` and use `/`. */
export interface SourceModule {
  readonly path: string;
  readonly lines: number;
  readonly firstLine: string;
  /** What it imports, types too: `grammar/index.ts` for our own files, `node:fs` or `hono/cors` for others. */
  readonly imports: readonly string[];
  readonly readsEnvironment: boolean;
  readonly onlyReexports: boolean;
}

/**
 * The floors, top first: an import goes to a lower floor or stays in its room; rooms of one floor do not know each
 * other. `failure` lies beneath the rest, since every room throws one, and so does the table of formats.
 */
const floors: readonly (readonly string[])[] = [
  ['entry'],
  ['service'],
  ['http', 'queue', 'cli'],
  ['variants', 'url', 'uploads'],
  ['image', 'storage', 'signing', 'cdn', 'sinks', 'config', 'flights'],
  ['grammar', 'telemetry', 'turns', 'bulkhead', 'bounded-read', 'byte-range', 'batches', 'outbound'],
  ['shares', 'deadline'],
  ['failure', 'formats', 'nearest', 'version'],
];

/**
 * What each folder of a room, or of a folder of one, may import of the others beside it; files at the top import any
 * folder but those that are `apart`. `drawing` is the render process's own: the server never loads sharp, and the render process nothing
 * that decides. What both need lies beneath them.
 */
const floorPlans: Readonly<Record<string, FloorPlan>> = {
  image: {
    apart: ['drawing'],
    folders: {
      renderer: ['verdicts', 'processes', 'plan', 'inspect'],
      verdicts: ['processes', 'containers'],
      processes: ['protocol'],
      plan: ['inspect', 'protocol', 'containers'],
      inspect: ['containers'],
      drawing: ['protocol', 'containers'],
      protocol: ['containers'],
      containers: [],
    },
  },
  'image/drawing': {
    apart: [],
    folders: {
      describing: ['write', 'picture'],
      'gain-map': ['write', 'picture'],
      write: ['open', 'picture'],
      steps: ['seeing', 'open', 'picture'],
      seeing: ['picture'],
      open: ['picture'],
      picture: [],
    },
  },
  uploads: {
    apart: [],
    folders: {
      replace: ['receive', 'commit', 'sweep', 'batch'],
      receive: ['commit', 'sweep', 'presign', 'batch'],
      commit: ['sweep', 'batch'],
      sweep: ['batch'],
      presign: ['batch'],
      batch: [],
    },
  },
  variants: {
    apart: [],
    folders: {
      collect: ['purge', 'identify'],
      purge: ['deliver', 'tiers', 'identify'],
      deliver: ['tiers', 'identify'],
      tiers: ['identify'],
      bound: ['identify'],
      identify: [],
    },
  },
};

interface FloorPlan {
  readonly apart: readonly string[];
  readonly folders: Readonly<Record<string, readonly string[]>>;
}

/**
 * Packages that one place only may import, a room, a folder of one or a single file: the one that translates their words
 * and errors. The render process reads and writes its own pipes by descriptor; it has no business with names of files.
 */
const owners: Readonly<Record<string, readonly string[]>> = {
  sharp: ['image/drawing'],
  sax: ['image/drawing', 'image/containers/svg'],
  'node:child_process': ['image/processes'],
  '@aws-sdk/client-s3': ['storage'],
  '@aws-sdk/s3-presigned-post': ['storage'],
  '@aws-sdk/s3-request-presigner': ['storage'],
  'node:fs': [
    'storage',
    'sinks/log-file.ts',
    'config/file.ts',
    'config/machine.ts',
    'http/playground/files.ts',
    'image/drawing/render-process.ts',
    'image/drawing/open/heic/libheif.ts',
    'image/drawing/open/jxl/jxl-oxide.ts',
    'image/drawing/open/svg/draw.ts',
    'image/drawing/open/svg/resvg.ts',
    'image/drawing/seeing/model.ts',
    'image/plan/fonts.ts',
    'image/plan/vector-fonts.ts',
    'image/processes/cpu-time.ts',
    'image/processes/inherited.ts',
    'image/processes/cage/cage.ts',
  ],
  'node:fs/promises': ['storage', 'http/listen/send-queues.ts'],
  'color-name': ['grammar'],
  '@fastify/busboy': ['http'],
  thumbhash: ['image/drawing', 'image/likeness.ts'],
  hono: ['http'],
  '@hono/node-server': ['http'],
  '@aws-sdk/client-sqs': ['queue'],
  'sqs-consumer': ['queue'],
  commander: ['cli'],
  'cli-progress': ['cli'],
  '@aws-sdk/client-cloudfront': ['cdn'],
  'agent-base': ['outbound'],
  'https-proxy-agent': ['outbound'],
  jose: ['uploads'],
  pino: ['sinks'],
  'prom-client': ['sinks'],
};

/** Only these read the configuration; every other room declares the options it wants. */
const configReaders = ['entry', 'service'];

/** Past this a file is split by idea, or its first line says why not. */
const maxLines = 300;
const reason = /^\/\/ Long because .{20,}/;

/** The room a file belongs to: its folder, or for a file at the top its own name. */
function roomOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : path.replace(/\.ts$/, '');
}

/** Whether a place, a room, a folder or a file, is or holds that file. */
function holds(place: string, path: string): boolean {
  return place === path || place === roomOf(path) || path.startsWith(`${place}/`);
}

/** `@aws-sdk/client-s3/x` → `@aws-sdk/client-s3`; Node's own modules keep their whole name. */
export function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Our own files are spelt with their extension; a package never is. */
export function isOurs(specifier: string): boolean {
  return specifier.endsWith('.ts');
}

function checkFloor(from: string, target: string): string | undefined {
  const [room, other] = [roomOf(from), roomOf(target)];
  if (room === other) return undefined;
  const [floor, otherFloor] = [room, other].map((name) => floors.findIndex((names) => names.includes(name)));
  if (floor === undefined || floor < 0) return `${from}: the room "${room}" is on no floor`;
  if (otherFloor === undefined || otherFloor < 0) return `${from}: imports "${other}", which is on no floor`;
  if (otherFloor <= floor) return `${from}: imports ${target}, which is not on a lower floor`;
  if (target.includes('/') && target !== `${other}/index.ts`) return `${from}: imports ${target} past the room's door`;
  if (other === 'config' && !configReaders.includes(room)) return `${from}: reads the configuration itself`;
  return undefined;
}

/** The folder inside a place that a file lies in; undefined for one at the top of it. */
function folderIn(place: string, path: string): string | undefined {
  const [folder, file] = path.slice(place.length + 1).split('/');
  return file === undefined ? undefined : folder;
}

function checkFolder(place: string, from: string, target: string): string | undefined {
  const plan = floorPlans[place];
  if (plan === undefined || !from.startsWith(`${place}/`) || !target.startsWith(`${place}/`)) return undefined;
  const [folder, other] = [folderIn(place, from), folderIn(place, target)];
  if (folder === other) return undefined;
  const allowed =
    folder === undefined
      ? Object.keys(plan.folders).filter((name) => !plan.apart.includes(name))
      : plan.folders[folder];
  if (allowed === undefined) return `${from}: the folder "${folder}" is not in the plan of ${place}`;
  if (other === undefined && folder !== undefined) return `${from}: imports ${target}, which is above its folder`;
  if (other === undefined || allowed.includes(other)) return undefined;
  return `${from}: imports ${target}, and ${folder ?? `the top of ${place}`} knows nothing of ${other}`;
}

function checkFolders(from: string, target: string): string | undefined {
  const problems = Object.keys(floorPlans).map((place) => checkFolder(place, from, target));
  return problems.find((problem) => problem !== undefined);
}

function checkPackage(from: string, specifier: string): string | undefined {
  const allowed = owners[packageOf(specifier)];
  if (allowed === undefined || allowed.some((place) => holds(place, from))) return undefined;
  return `${from}: imports ${specifier}, which belongs to ${allowed.join(' and ')}`;
}

function checkFile({ path, lines, firstLine, readsEnvironment, onlyReexports }: SourceModule): string[] {
  const problems: string[] = [];
  if (readsEnvironment && roomOf(path) !== 'entry') problems.push(`${path}: reads process.env outside entry`);
  if (path.endsWith('/index.ts') && !onlyReexports) problems.push(`${path}: a door does more than re-export`);
  if (lines > maxLines && !reason.test(firstLine)) {
    problems.push(`${path}: ${lines} lines, and line one does not say "// Long because …"`);
  }
  return problems;
}

/** Every circle of imports between files, each named once, by the files on it. */
function findCycles(modules: readonly SourceModule[]): string[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const finished = new Set<string>();
  const cycles: string[] = [];
  function visit(path: string, trail: readonly string[]): void {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push(`a circle of imports: ${[...trail.slice(start), path].join(' → ')}`);
    if (start >= 0 || finished.has(path)) return;
    for (const target of byPath.get(path)?.imports ?? []) visit(target, [...trail, path]);
    finished.add(path);
  }
  for (const { path } of modules) visit(path, []);
  return cycles;
}

/** The files that no entry leads to, by imports however long. What only declares types of others' is read without any. */
export function findUnreached(modules: readonly SourceModule[], entries: readonly string[]): string[] {
  const imports = new Map(modules.map(({ path, imports: targets }) => [path, targets]));
  const reached = new Set(entries);
  // A set goes on to what is added while it is gone through.
  for (const path of reached) for (const target of imports.get(path) ?? []) reached.add(target);
  return modules.map(({ path }) => path).filter((path) => !path.endsWith('.d.ts') && !reached.has(path));
}

/** Every rule of the house that these files break, a sentence each. */
export function findViolations(modules: readonly SourceModule[]): string[] {
  const imports = modules.flatMap(({ path, imports: targets }) =>
    targets.map((target) =>
      isOurs(target) ? (checkFloor(path, target) ?? checkFolders(path, target)) : checkPackage(path, target),
    ),
  );
  return [...imports.filter((problem) => problem !== undefined), ...modules.flatMap(checkFile), ...findCycles(modules)];
}

type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

function* walk(node: Node): Generator<Node> {
  yield node;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* walk(child);
  }
}

const importing = [
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
];

/** What a node of the syntax tree imports, whatever the form: statement, re-export, `import()`, `import('…').Type`. */
function importedBy(node: Node): string | undefined {
  if (!importing.includes(String(node['type']))) return undefined;
  const source = node['source'];
  const specifier = isNode(source) ? source['value'] : undefined;
  return typeof specifier === 'string' ? specifier : undefined;
}

/** `process.env`, `process['env']`, `const { env } = process`, `import.meta.env`. */
function isEnvironmentRead(node: Node): boolean {
  if (node['type'] === 'VariableDeclarator') {
    return isNode(node['id']) && node['id']['type'] === 'ObjectPattern' && isProcess(node['init']);
  }
  if (node['type'] !== 'MemberExpression' || !isNode(node['property'])) return false;
  const name = node['property']['name'] ?? node['property']['value'];
  if (name !== 'env') return false;
  return isProcess(node['object']) || (isNode(node['object']) && node['object']['type'] === 'MetaProperty');
}

function isProcess(value: unknown): boolean {
  if (!isNode(value)) return false;
  if (value['type'] === 'Identifier') return value['name'] === 'process';
  return value['type'] === 'MemberExpression' && isNode(value['property']) && value['property']['name'] === 'process';
}

/** Reads one file's text as the rules see it. */
export function readModule(path: string, text: string): SourceModule {
  const { program, errors } = parseSync(path, text, { lang: 'ts' });
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const root: unknown = program;
  if (!isNode(root)) throw new Error(`${path}: the parser gave no tree`);
  const nodes = [...walk(root)];
  const specifiers = nodes.map(importedBy).filter((specifier) => specifier !== undefined);
  const imports = specifiers.map((specifier) =>
    specifier.startsWith('.')
      ? normalize(join(dirname(path), specifier))
          .split(sep)
          .join('/')
      : specifier,
  );
  return {
    path,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    firstLine: text.slice(0, text.indexOf('\n')),
    imports: [...new Set(imports)],
    readsEnvironment:
      nodes.some(isEnvironmentRead) || imports.some((name) => ['process', 'node:process'].includes(name)),
    onlyReexports: program.body.every((statement) => isNode(statement) && isReexport(statement)),
  };
}

function isReexport(statement: Node): boolean {
  if (statement['type'] === 'ExportAllDeclaration') return true;
  return statement['type'] === 'ExportNamedDeclaration' && isNode(statement['source']);
}

/** Every TypeScript file under a folder. */
export function readModules(folder: string): SourceModule[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => readModule(path, readFileSync(join(folder, path), 'utf8')));
}
