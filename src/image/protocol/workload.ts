import type { Component, Layer, LayerSource, ResolvedTransform } from '../../grammar/index.ts';
import { layoutStep, placeLayer } from '../../grammar/index.ts';
import type { Facts, Size } from '../formats/facts.ts';

/** One component at work: the sizes it goes through, in pixels. */
export interface Task {
  readonly step: Component;
  readonly before: Size;
  readonly turned: Size;
  readonly after: Size;
}

/** A layer as it is drawn before it is put on its base. */
export interface LayerWork {
  /** Undefined for text. */
  readonly facts: Facts | undefined;
  /** The picture of the layer, or the room that its letters may take. */
  readonly opened: Size;
  readonly tasks: readonly Task[];
}

/** Everything that a transform draws, known before anything is: the chain, and every layer of it and of its layers. */
export interface Workload {
  readonly start: Size;
  readonly tasks: readonly Task[];
  readonly layers: readonly LayerWork[];
  readonly output: Size;
}

type FactsById = ReadonlyMap<string, Facts>;

/** Walks a chain with its layers, which enlarge the canvas, and those that they have themselves. */
export function workloadOf(
  { steps }: Pick<ResolvedTransform, 'steps'>,
  start: Size,
  layers: FactsById = new Map(),
): Workload {
  const found: LayerWork[] = [];
  const tasks = walk(steps, { start, shares: undefined, layers, found });
  return { start, tasks, layers: found, output: tasks.at(-1)?.after ?? start };
}

interface Walk {
  readonly start: Size;
  /** What shares of sizes are of, in a layer with `fl_relative`. */
  readonly shares: Size | undefined;
  readonly layers: FactsById;
  /** Layers met on the way. */
  readonly found: LayerWork[];
}

function walk(steps: readonly Component[], way: Walk): readonly Task[] {
  const tasks: Task[] = [];
  for (const step of steps) {
    const before = tasks.at(-1)?.after ?? way.start;
    const { turned, size } = layoutStep(step, before, way.start, way.shares);
    tasks.push({ step, before, turned, after: step.layer === undefined ? size : under(step.layer, size, way) });
  }
  return tasks;
}

/** The canvas once the layer lies on it. */
function under(layer: Layer, base: Size, way: Walk): Size {
  const facts = layer.source.kind === 'image' ? way.layers.get(layer.source.id) : undefined;
  const opened = layer.source.kind === 'text' ? roomOf(layer.source) : (facts?.size ?? base);
  const tasks = walk(layer.steps, { ...way, start: opened, shares: layer.relative === true ? base : undefined });
  way.found.push({ facts, opened, tasks });
  return placeLayer(layer, base, tasks.at(-1)?.after ?? opened).canvas ?? base;
}

type Text = Extract<LayerSource, { kind: 'text' }>;

/** Ems that a letter may be wide, and a line high: emoji and scripts with marks above and below included. */
const letterEms = 1.3;
const lineEms = 2;

/** Room that no text with these letters needs more of. Spacing counts for each letter and each line, as it is drawn. */
export function roomOf({ text, size, styles }: Pick<Text, 'text' | 'size' | 'styles'>): Size {
  const lines = text.split('\n');
  const longest = lines.reduce((most, line) => Math.max(most, Array.from(line).length), 1);
  return {
    width: Math.ceil(longest * (letterEms * size + Math.max(0, spacingOf(styles, 'letter')))),
    height: Math.ceil(lines.length * (lineEms * size + Math.max(0, spacingOf(styles, 'line')))),
  };
}

/** Pixels between letters or lines that a text's styles ask for. */
export function spacingOf(styles: readonly string[], what: 'letter' | 'line'): number {
  const beginning = `${what}_spacing_`;
  return Number(styles.find((style) => style.startsWith(beginning))?.slice(beginning.length) ?? 0);
}
