import type { Component, Effect } from '../../../../grammar/index.ts';
import { cut, firstFrame, pictureOf, rasterOf, settled } from '../../picture/picture.ts';
import { type Shown, seenWithin } from '../shown.ts';

/**
 * 0–100: how far (in per cent of a channel) a pixel of the edge may be from the colour that is cut away. `equal` sides lose
 * what the one of them loses that has less to lose.
 */
export async function trim({ picture, faces }: Shown, effect: Effect, equal: Component['equalTrim']): Promise<Shown> {
  const ready = await settled(picture);
  const { width, height } = ready.size;
  // sharp has nothing to look at below three pixels.
  if (width < 3 || height < 3) return { picture: ready, faces };
  const first = ready.frames === 1 ? ready : await firstFrame(ready);
  const background = effect.colour === undefined ? {} : { background: `#${effect.colour}` };
  const { info } = await pictureOf(await rasterOf(first))
    .pipeline.trim({ threshold: (effect.amount ?? 0) * 2.55, ...background })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const [left, top] = [-(info.trimOffsetLeft ?? 0), -(info.trimOffsetTop ?? 0)];
  const [right, bottom] = [width - left - info.width, height - top - info.height];
  const sideways = equal === 'hor' || equal === 'both' ? Math.min(left, right) : undefined;
  const upright = equal === 'ver' || equal === 'both' ? Math.min(top, bottom) : undefined;
  const box = {
    left: sideways ?? left,
    top: upright ?? top,
    width: sideways === undefined ? info.width : width - 2 * sideways,
    height: upright === undefined ? info.height : height - 2 * upright,
  };
  return { picture: await cut(ready, box), faces: seenWithin(faces, box, ready.size) };
}
