import type { Box, Size } from '../containers/facts.ts';

/** What decides about holes in an animation. */
interface LaidFrame {
  /** On the canvas, beyond which it may reach. */
  readonly box: Box;
  readonly disposal: 'stays' | 'cleared' | 'undone';
  readonly isTransparent: boolean;
}

/**
 * Whether something is ever seen where the decoder has a colour and browsers have nothing: it clears with a colour behind
 * a frame that has no transparency, and where no frame has any there is no alpha, and nothing becomes black.
 */
export function showsHole(frames: readonly LaidFrame[], canvas: Size): boolean {
  let hole: Box | undefined = frames.some(({ isTransparent }) => isTransparent)
    ? undefined
    : { left: 0, top: 0, ...canvas };
  for (const { box, disposal, isTransparent } of frames) {
    const isFilled = hole === undefined || (!isTransparent && covers(box, hole, canvas));
    if (!isFilled) return true;
    if (disposal === 'stays') hole = undefined;
    else if (disposal === 'cleared') hole = isTransparent ? undefined : box;
  }
  return false;
}

/** As far as the canvas reaches. */
function covers(box: Box, hole: Box, canvas: Size): boolean {
  const right = Math.min(hole.left + hole.width, canvas.width);
  const bottom = Math.min(hole.top + hole.height, canvas.height);
  return (
    box.left <= hole.left && box.top <= hole.top && box.left + box.width >= right && box.top + box.height >= bottom
  );
}
