import { parseSync } from 'vite';

/** A function of the source, whatever its form: a declaration, an arrow, a method. */
export interface SourceFunction {
  readonly path: string;
  /** `make`, or `(none)` where it has no name of its own. */
  readonly name: string;
  readonly firstLine: number;
  /** From its first line to its last, with what lies within. */
  readonly lines: number;
  /** A declaration within another function: a step that has no address from outside. */
  readonly isInner: boolean;
  /** The names in its parameters and its body, as often as they stand there, in order; none of comments and texts. */
  readonly names: readonly string[];
}

type Node = Readonly<Record<string, unknown>> & { readonly type: string };

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

const forms: readonly string[] = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'];

const nameOf = (named: unknown) => (isNode(named) && typeof named['name'] === 'string' ? named['name'] : undefined);

/** Each function below a node, with the name that what it stands in gives it. */
function* below(node: Node, within: number, given?: string): Generator<{ node: Node; name: string; within: number }> {
  const isFunction = forms.includes(node.type) && isNode(node['body']);
  if (isFunction) yield { node, name: nameOf(node['id']) ?? given ?? '(none)', within };
  // `const make = () => …` and `make() { … }` are called as what holds them.
  const holder = nameOf(node.type === 'VariableDeclarator' ? node['id'] : node['key']);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) yield* below(child, within + (isFunction ? 1 : 0), holder);
    }
  }
}

/** Every name below a node, by where it stands. */
function* namesIn(node: Node): Generator<readonly [offset: number, name: string]> {
  const name = node.type === 'Identifier' ? nameOf(node) : undefined;
  if (name !== undefined) yield [Number(node['start']), name];
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* namesIn(child);
  }
}

function inOrder(node: Node): string[] {
  // A function is not called by being declared.
  const names = [...namesIn(node)].sort(([one], [other]) => one - other).map(([, name]) => name);
  return node['id'] === null || node['id'] === undefined ? names : names.slice(1);
}

/** Every function of one file, in the order in which they begin. */
export function readFunctions(path: string, text: string): SourceFunction[] {
  const { program, errors } = parseSync(path, text, { lang: 'ts' });
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const root: unknown = program;
  if (!isNode(root)) throw new Error(`${path}: the parser gave no tree`);
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  return [...below(root, 0)].map(({ node, name, within }) => {
    const [start, end] = [Number(node['start']), Number(node['end'])];
    const firstLine = lineOf(start);
    return {
      ...{ path, name, firstLine, lines: lineOf(end) - firstLine + 1, names: inOrder(node) },
      isInner: within > 0 && node.type === 'FunctionDeclaration',
    };
  });
}
