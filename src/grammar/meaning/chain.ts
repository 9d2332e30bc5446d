import { Failure } from '../../failure.ts';
import { type CropMode, isPadding } from '../parameters/crop.ts';
import type { BlendMode } from '../parameters/effects.ts';
import { sortOutputFlags } from '../parameters/flags.ts';
import type { LayerSource } from '../parameters/layer-source.ts';
import { output } from '../parameters/rows/output.ts';
import {
  type ComponentValues,
  type ParameterName,
  parameterNames,
  parameters,
  type Written,
} from '../parameters/table.ts';
import { buildComponent, hasWidthOrHeight, isEmpty, nonZero } from './component.ts';
import { type ChainItem, type Fork, isFork, type Nested, nested, withoutForks } from './marks.ts';
import { present } from './present.ts';
import { scaleStep } from './scale.ts';
import type { Component, DeliveryHints, Layer, RequestedStep, Transform } from './transform.ts';

// biome-ignore format: a list
const cuttingModes: readonly CropMode[] = ['fill', 'lfill', 'fill_down', 'oriented', 'loriented', 'crop', 'thumb', 'auto', 'fill_pad', 'auto_pad'];

/** Layers are fetched and rendered one by one, so their number is bounded. */
const maxLayers = 10;

/** A layer that is open: what follows works on it until `fl_layer_apply`. */
interface OpenLayer {
  readonly source: LayerSource;
  readonly position: Layer['position'];
  readonly steps: Component[];
  /** Placement written beside `l_`, used where `fl_layer_apply` has none of its own. */
  readonly placement: Written;
  relative: boolean;
  tiled: boolean;
  blend: BlendMode | undefined;
}

/** The transformation that a list of components spells. */
export function buildTransform(items: readonly ChainItem[], defaultCrop: CropMode): Transform {
  const list = nested(items);
  checkForks(list);
  return {
    steps: buildSteps(list, defaultCrop),
    ...collectOutput(list.flatMap((item) => (isFork(item) ? [] : [item]))),
  };
}

/** What counts for the whole picture is said where it is said for all pictures; and layers are counted, whichever are drawn. */
function checkForks(list: readonly Nested[]): void {
  const written = withoutForks(list);
  const layers = written.filter(({ overlay, underlay }) => overlay !== undefined || underlay !== undefined).length;
  if (layers > maxLayers) throw new Failure('invalid', `At most ${maxLayers} layers are taken, got ${layers}.`);
  const forks = list.filter(isFork);
  const output = withoutForks(forks).flatMap(outputNames)[0];
  if (output === undefined) return;
  const { key } = parameters[output];
  throw new Failure('invalid', `${key}_ counts for the whole picture: write it before if_ or after if_end.`);
}

function outputNames(written: Written): readonly ParameterName[] {
  return parameterNames.filter((name) => {
    if (written[name] === undefined || !Object.hasOwn(output, name)) return false;
    if (name === 'dpr') return !hasWidthOrHeight(written);
    return name !== 'flags' || written.flags?.attachment !== undefined || written.flags?.output.length !== 0;
  });
}

function buildSteps(list: readonly Nested[], defaultCrop: CropMode): readonly RequestedStep[] {
  const isClosed = findClosedLayers(list);
  const steps: RequestedStep[] = [];
  const open: OpenLayer[] = [];
  list.forEach((item, index) => {
    if (isFork(item)) addStep({ steps, open }, forkedStep(item, defaultCrop));
    else addComponent({ steps, open }, item, { defaultCrop, staysOpen: isClosed[index] === true });
  });
  return steps;
}

/** Steps so far, and the layers that are open. */
interface Chain {
  readonly steps: RequestedStep[];
  readonly open: OpenLayer[];
}

function addStep({ steps, open }: Chain, bare: RequestedStep): void {
  const layer = open.at(-1);
  const step = withGround(bare, layer?.steps ?? steps);
  if (isEmpty(step)) return;
  if (layer === undefined) steps.push(step);
  // A layer has no place for what is not decided yet: hints do not reach layers.
  else layer.steps.push(scaleStep(step, undefined));
}

function addComponent(chain: Chain, written: Written, { defaultCrop, staysOpen }: LayerOpening): void {
  const { open } = chain;
  const source = written.overlay ?? written.underlay;
  if (source !== undefined) {
    open.push(openLayer(written, source, { defaultCrop, staysOpen }));
    if (!staysOpen) addStep(chain, { layer: placedLayer(open.pop(), written) });
    return;
  }
  const layer = open.at(-1);
  if (layer !== undefined) rememberFlags(layer, written);
  if (written.flags?.component.includes('layer_apply') !== true) {
    addStep(chain, buildComponent(written, { defaultCrop, isLayer: layer !== undefined }));
    return;
  }
  const { gravity, x, y, ...work } = written;
  addStep(chain, buildComponent(work, { defaultCrop, isLayer: true }));
  addStep(chain, { layer: placedLayer(open.pop(), written) });
}

function forkedStep({ when, met, unmet }: Fork, defaultCrop: CropMode): RequestedStep {
  const choice = { when, met: buildSteps(met, defaultCrop), unmet: buildSteps(unmet, defaultCrop) };
  return choice.met.length + choice.unmet.length === 0 ? {} : { choice };
}

/** A background in a component of its own also colours the padding after it: next-cloudinary writes the two apart. */
function withGround(step: RequestedStep, before: readonly RequestedStep[]): RequestedStep {
  if (step.background !== undefined || !isPadding(step.crop)) return step;
  const ground = before.findLast(({ background }) => background !== undefined);
  if (ground?.background === undefined || Object.keys(ground).length > 1) return step;
  return { ...step, background: ground.background };
}

/**
 * Which layers have an `fl_layer_apply` of their own. One that has none is applied where it stands when its component
 * says where to put it or nothing follows; else it was forgotten.
 */
function findClosedLayers(list: readonly Nested[]): readonly boolean[] {
  const closed = list.map(() => false);
  const waiting: number[] = [];
  list.forEach((item, index) => {
    const written = writtenIn(item);
    const applies = written.flags?.component.includes('layer_apply') === true;
    const isLayer = written.overlay !== undefined || written.underlay !== undefined;
    if (isLayer && !applies) waiting.push(index);
    if (!applies || isLayer) return;
    const opened = waiting.pop();
    if (opened === undefined) return;
    closed[opened] = true;
    if (list.slice(opened, index).some(isFork)) {
      throw new Failure('invalid', 'A condition (if_) has no place within a layer: its size is not asked for.');
    }
  });
  for (const index of waiting) {
    const { gravity, x, y } = writtenIn(list[index] ?? {});
    const isPlaced = gravity !== undefined || x !== undefined || y !== undefined;
    if (isPlaced || list.slice(index + 1).every((item) => !isFork(item) && isDelivery(item))) continue;
    throw new Failure('invalid', 'A layer (l_ or u_) is not closed: end it with a component fl_layer_apply.');
  }
  return closed;
}

/** A condition places no layer that stands outside of it. */
function writtenIn(item: Nested): Written {
  return isFork(item) ? {} : item;
}

function isDelivery(written: Written): boolean {
  return Object.keys(written).every((name) => Object.hasOwn(output, name));
}

interface LayerOpening {
  readonly defaultCrop: CropMode;
  /** An `fl_layer_apply` of its own follows. */
  readonly staysOpen: boolean;
}

function openLayer(written: Written, source: LayerSource, { defaultCrop, staysOpen }: LayerOpening): OpenLayer {
  const { overlay, underlay, gravity, x, y, ...work } = written;
  const isCut = work.crop !== undefined && cuttingModes.includes(work.crop);
  // Beside a cut they belong to the cut, if there is another component to place the layer by.
  const belongsToCut = isCut && (staysOpen || gravity?.kind === 'face' || gravity?.kind === 'auto');
  const placement = present({ gravity, x, y });
  const step = buildComponent({ ...work, ...(belongsToCut ? placement : {}) }, { defaultCrop, isLayer: true });
  const layer: OpenLayer = {
    source: source.kind === 'text' ? { ...source, ...present({ colour: written.colour }) } : source,
    position: overlay === undefined ? 'under' : 'over',
    steps: isEmpty(step) ? [] : [scaleStep(step, undefined)],
    placement: belongsToCut ? {} : placement,
    relative: false,
    tiled: false,
    blend: undefined,
  };
  rememberFlags(layer, written);
  return layer;
}

function rememberFlags(layer: OpenLayer, written: Written): void {
  if (written.flags?.component.includes('relative') === true) layer.relative = true;
  if (written.flags?.component.includes('tiled') === true) layer.tiled = true;
  if (written.effect !== undefined && 'blend' in written.effect) layer.blend = written.effect.blend;
}

/** The finished layer, placed by the component that applies it. */
function placedLayer(layer: OpenLayer | undefined, applying: Written): Layer {
  if (layer === undefined) throw new Failure('invalid', 'fl_layer_apply has no layer (l_ or u_) before it.');
  const isOwn = applying.overlay !== undefined || applying.underlay !== undefined;
  const placement = isOwn ? layer.placement : { ...layer.placement, ...present(pickPlacement(applying)) };
  const { gravity } = placement;
  if (gravity?.kind === 'auto') {
    throw new Failure('invalid', 'g_auto cannot place a layer: use a compass point, xy_center or a face gravity.');
  }
  return present({
    source: layer.source,
    position: layer.position,
    steps: layer.steps.filter((step) => !isEmpty(step)),
    gravity: gravity?.kind === 'compass' && gravity.point === 'center' ? undefined : gravity,
    x: nonZero(placement.x),
    y: nonZero(placement.y),
    blend: layer.blend,
    relative: layer.relative ? true : undefined,
    tiled: layer.tiled ? true : undefined,
    noOverflow: applying.flags?.component.includes('no_overflow') === true ? true : undefined,
  });
}

function pickPlacement({ gravity, x, y }: Written): { [Key in 'gravity' | 'x' | 'y']: Written[Key] | undefined } {
  return { gravity, x, y };
}

/** What the whole chain is delivered as: of each, the last one written counts; flags add up. */
function collectOutput(components: readonly Written[]): Omit<Transform, 'steps'> {
  const last = <Name extends keyof ComponentValues>(name: Name) =>
    components.findLast((written) => written[name] !== undefined)?.[name];
  const flags = components.flatMap((written) => written.flags?.output ?? []);
  const attachment = components.findLast((written) => written.flags?.attachment !== undefined)?.flags?.attachment;
  const alone = components.filter((written) => written.dpr !== undefined && !hasWidthOrHeight(written));
  const delivery: DeliveryHints = present({ attachment, defaultImage: last('defaultImage') });
  return {
    ...present({
      format: last('format'),
      quality: last('quality'),
      dpr: alone.at(-1)?.dpr,
      page: last('page'),
      density: last('density'),
      maxBytes: last('maxBytes'),
      colourSpace: last('colourSpace'),
    }),
    flags: sortOutputFlags(flags),
    delivery,
  };
}
