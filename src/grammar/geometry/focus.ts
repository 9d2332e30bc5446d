import type { Component, ResolvedTransform } from '../meaning/transform.ts';
import type { Point } from '../parameters/gravity.ts';
import { layoutStep } from './layout-chain.ts';
import type { Size } from './resolve-length.ts';
import { placeShadow } from './shadow.ts';
import { resolveTurn, turnedBounds } from './turns.ts';

/**
 * The transformation with a picture's focal point filled in wherever `g_custom` asks for it, and in place of what
 * `g_auto` or `g_face` would find: people know better. The point is followed
 * through every component; once its place can no longer be told (after a cut by content, a trim, a shear, or a layer that may
 * enlarge the canvas) the fallback counts.
 */
export function withFocus(transform: ResolvedTransform, original: Size, focus: Point | undefined): ResolvedTransform {
  if (focus === undefined || !transform.steps.some(looksForPoint)) return transform;
  let point: Point | undefined = focus;
  let size = original;
  const steps = transform.steps.map((step) => {
    const looking: Component = point === undefined ? step : lookingAt(step, afterTurn(point, step, size));
    const next = point === undefined ? undefined : afterStep(point, looking, { size, original });
    size = layoutStep(looking, size, { original }).size;
    point = next;
    return looking;
  });
  return { ...transform, steps };
}

function looksForPoint({ gravity }: Component): boolean {
  if (gravity?.kind === 'auto') return gravity.faces !== 'no_faces';
  return gravity?.kind === 'custom' || gravity?.kind === 'face';
}

function lookingAt(step: Component, at: Point): Component {
  return looksForPoint(step) ? { ...step, gravity: { kind: 'custom', fallback: 'center', at } } : step;
}

/** Turned clockwise round the middle, then flipped. */
function afterTurn({ x, y }: Point, step: Component, size: Size): Point {
  const turn = resolveTurn(step, size);
  const turned = turnedBounds(size, turn.degrees);
  const radians = (turn.degrees * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(radians), Math.sin(radians)];
  const [right, down] = [(x - 0.5) * size.width, (y - 0.5) * size.height];
  const across = (right * cosine - down * sine) / turned.width + 0.5;
  const along = (right * sine + down * cosine) / turned.height + 0.5;
  return inside({ x: turn.flipHorizontal ? 1 - across : across, y: turn.flipVertical ? 1 - along : along });
}

function afterStep(
  point: Point,
  step: Component,
  { size, original }: { readonly size: Size; readonly original: Size },
): Point | undefined {
  if (step.effect?.name === 'trim' || step.effect?.name === 'shear' || step.layer !== undefined) return undefined;
  const { placement } = layoutStep(step, size, { original });
  const { scaled, cut, canvas } = placement;
  if (cut?.auto === true) return undefined;
  const turned = afterTurn(point, step, size);
  let at = { left: turned.x * scaled.width - (cut?.left ?? 0), top: turned.y * scaled.height - (cut?.top ?? 0) };
  let frame: Size = cut ?? scaled;
  const move = (by: { readonly left: number; readonly top: number }, to: Size) => {
    at = { left: at.left + by.left, top: at.top + by.top };
    frame = to;
  };
  if (canvas !== undefined) move(canvas, canvas);
  const thickness = step.border?.width ?? 0;
  move(
    { left: thickness, top: thickness },
    { width: frame.width + 2 * thickness, height: frame.height + 2 * thickness },
  );
  const shadow = placeShadow(step, frame, original);
  if (shadow !== undefined) move(shadow.canvas, shadow.canvas);
  return inside({ x: at.left / frame.width, y: at.top / frame.height });
}

function inside({ x, y }: Point): Point {
  return { x: Math.min(1, Math.max(0, x)), y: Math.min(1, Math.max(0, y)) };
}
