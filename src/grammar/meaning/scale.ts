import { Failure } from '../../failure.ts';
import type { Length } from '../parameters/lengths.ts';
import type { Radius } from '../parameters/looks.ts';
import { maxInteger } from '../parameters/values.ts';
import { inBranches } from './branches.ts';
import { isEmpty, tidy } from './component.ts';
import type { Choice, Component, Layer, RequestedStep } from './transform.ts';

/**
 * The component with its dpr folded into its sizes. Its own dpr counts; else that of the chain, which does not reach
 * `c_crop`, whose sizes are pixels of the source. Without hints `auto` is 1 and an automatic width is none.
 */
export function scaleStep(step: RequestedStep, chainDpr: number | 'auto' | undefined): Component {
  const { choice, ...plain } = step;
  return choice === undefined ? scalePlain(plain, chainDpr) : scaleChoice(choice, chainDpr);
}

/** Nothing, where nothing is left of its branches. */
function scaleChoice(choice: Choice<RequestedStep>, chainDpr: number | 'auto' | undefined): Component {
  const scaled = inBranches(choice, (steps) =>
    steps.map((step) => scaleStep(step, chainDpr)).filter((step) => !isEmpty(step)),
  );
  return scaled.met.length + scaled.unmet.length === 0 ? {} : { choice: scaled };
}

function scalePlain(step: Omit<RequestedStep, 'choice'>, chainDpr: number | 'auto' | undefined): Component {
  const { dpr: ownDpr, autoWidth, layer } = step;
  const dpr = ownDpr ?? (step.crop === 'crop' ? undefined : chainDpr);
  const factor = dpr === undefined || dpr === 'auto' ? 1 : dpr;
  // Tidied when it was built: most steps of most requests.
  if (factor === 1 && ownDpr === undefined && autoWidth === undefined && layer === undefined) return step;
  const { dpr: _dpr, autoWidth: _autoWidth, layer: _layer, ...component } = step;
  const scaled = factor === 1 ? component : scaleComponent(component, factor);
  const chainFactor = chainDpr === undefined || chainDpr === 'auto' ? 1 : chainDpr;
  return tidy(layer === undefined ? scaled : { ...scaled, layer: scaleLayer(layer, chainFactor) });
}

function scaleComponent(component: Component, factor: number): Component {
  const { width, height, minWidth, minHeight, x, y, radius, border } = component;
  return {
    ...component,
    ...(width && { width: scaleLength(width, factor, 1) }),
    ...(height && { height: scaleLength(height, factor, 1) }),
    ...(minWidth !== undefined && { minWidth: Math.max(1, scalePixels(minWidth, factor)) }),
    ...(minHeight !== undefined && { minHeight: Math.max(1, scalePixels(minHeight, factor)) }),
    ...(x && { x: scaleLength(x, factor, 0) }),
    ...(y && { y: scaleLength(y, factor, 0) }),
    ...(radius && { radius: scaleRadius(radius, factor) }),
    ...(border && { border: { ...border, width: scalePixels(border.width, factor) } }),
  };
}

function scaleLayer(layer: Layer, factor: number): Layer {
  if (factor === 1) return layer;
  const { source, steps, x, y } = layer;
  return {
    ...layer,
    source: source.kind === 'text' ? { ...source, size: Math.max(1, scalePixels(source.size, factor)) } : source,
    steps: steps.map((step) => scaleStep(step, factor)),
    ...(x && { x: scaleLength(x, factor, 0) }),
    ...(y && { y: scaleLength(y, factor, 0) }),
  };
}

function scaleLength(length: Length, factor: number, least: 0 | 1): Length {
  if (length.unit !== 'pixels') return length;
  const value = scalePixels(length.value, factor);
  return { unit: 'pixels', value: least === 1 ? Math.max(1, value) : value };
}

function scaleRadius(radius: Radius, factor: number): Radius {
  if (radius.kind === 'max') return radius;
  const [topLeft, topRight, bottomRight, bottomLeft] = radius.corners;
  const scale = (corner: number) => scalePixels(corner, factor);
  return { kind: 'corners', corners: [scale(topLeft), scale(topRight), scale(bottomRight), scale(bottomLeft)] };
}

function scalePixels(pixels: number, factor: number): number {
  const value = Math.round(pixels * factor) + 0;
  if (Math.abs(value) <= maxInteger) return value;
  throw new Failure('invalid', `dpr ${factor} makes ${pixels} pixels ${value}; at most ${maxInteger} are taken.`);
}
