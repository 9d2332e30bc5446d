import type { Steps } from '../../turns.ts';
import type { Box, Size } from '../containers/facts.ts';
import { gifCanvas, walkGifBlocks } from '../containers/gif-blocks.ts';
import { broken, type Header, pictureSize, upToNow } from '../containers/header.ts';
import { showsHole } from './hole.ts';

/** Walks the blocks, without unpacking any, to count frames and to learn how they lie. */
export function* inspectGif(bytes: Buffer): Steps<Header> {
  const { screen, frames, isPadded } = yield* walkGifBlocks(bytes);
  const [first] = frames;
  if (first === undefined) throw broken('gif', 'it has no frame');
  const { width, height } = gifCanvas(screen, first.box);
  const stored = pictureSize('gif', width, height);
  const needsNothing = !isSizedByDecoder(screen, first.box, stored) || showsHole(frames, stored);
  const isCut = frames.at(-1)?.isClosed === false;
  return {
    ...upToNow,
    stored,
    frames: frames.length,
    hasPalette: true,
    hasAlpha: frames.some(({ isTransparent }) => isTransparent) || needsNothing,
    // Zeros between blocks end the decoder; of a cut it says nothing where there are several frames.
    isLaidHere: needsNothing || isPadded || isCut,
  };
}

/** Screens that old programs wrote whatever the picture was. */
const doubtedScreens = ['640x480', '640x512', '800x600', '1024x768', '1280x1024', '1600x1200'];
const largestTrustedSide = 2_048;

/** libnsgif goes by the first frame alone where it doubts the screen. */
function isSizedByDecoder({ width, height }: Size, first: Box, canvas: Size): boolean {
  const isUsual = doubtedScreens.includes(`${width}x${height}`);
  const isDoubted = isUsual || Math.min(width, height) === 0 || Math.max(width, height) > largestTrustedSide;
  const reach = gifCanvas({ width: 1, height: 1 }, first);
  return !isDoubted || (reach.width === canvas.width && reach.height === canvas.height);
}
