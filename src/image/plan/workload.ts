import type { Component, Layer, ResolvedTransform } from '../../grammar/index.ts';
import { layoutStep, placeLayer } from '../../grammar/index.ts';
import type { Facts, Size } from '../containers/facts.ts';
import { roomOf } from '../protocol/text-room.ts';
import { asDrawn } from '../protocol/vector-size.ts';

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

/** Parameters that decide which part of a picture is shown and how large, and do nothing else to its pixels. */
export const sizeKeys: ReadonlySet<string> = new Set<keyof Component>([
  'crop',
  'width',
  'height',
  'aspectRatio',
  'gravity',
  'x',
  'y',
  'zoom',
  'ignoreAspectRatio',
]);

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

interface StepsWalk {
  readonly start: Size;
  /** What shares of sizes are of, in a layer with `fl_relative`. */
  readonly shares: Size | undefined;
  readonly layers: FactsById;
  /** Layers met on the way. */
  readonly found: LayerWork[];
}

function walk(steps: readonly Component[], way: StepsWalk): readonly Task[] {
  const tasks: Task[] = [];
  for (const step of steps) {
    const before = tasks.at(-1)?.after ?? way.start;
    const { turned, size } = layoutStep(step, before, { original: way.start, shares: way.shares });
    tasks.push({ step, before, turned, after: step.layer === undefined ? size : under(step.layer, size, way) });
  }
  return tasks;
}

/** The canvas once the layer lies on it. */
function under(layer: Layer, base: Size, way: StepsWalk): Size {
  const shares = layer.relative === true ? base : undefined;
  const found = layer.source.kind === 'image' ? way.layers.get(layer.source.id) : undefined;
  const facts = found && asDrawn(found, { steps: layer.steps, shares });
  const opened = layer.source.kind === 'text' ? roomOf(layer.source) : (facts?.size ?? base);
  const tasks = walk(layer.steps, { ...way, start: opened, shares });
  way.found.push({ facts, opened, tasks });
  return placeLayer(layer, base, tasks.at(-1)?.after ?? opened).canvas ?? base;
}
