import { isFailure } from '../../../../failure.ts';
import { type Association, type AvifMeta, primaryItem, readMeta } from '../../../containers/avif-items.ts';
import { isUnknown, partsOf } from '../../../containers/avif-parts.ts';
import { createBoxCount, find, wholeFile } from '../../../containers/iso-boxes.ts';
import { withItemsSaying } from './avif-meta.ts';
import { isTurn, otherTurns } from './avif-turns.ts';

/**
 * The same AVIF, saying of its parts what the decoder reads as it is meant: turns, and properties that are essential to
 * items which are not shown. Undefined where there is nothing to say otherwise.
 */
export function plainAvif(bytes: Buffer): Buffer | undefined {
  try {
    const boxes = createBoxCount();
    const box = find(bytes, wholeFile(bytes), 'meta', boxes);
    return box && rewritten(readMeta(bytes, box, boxes));
  } catch (error) {
    // The file ends too early, or has more parts than are looked at: that is the decoder's to say.
    if (error instanceof RangeError || isFailure(error)) return undefined;
    throw error;
  }
}

function rewritten(avif: AvifMeta): Buffer | undefined {
  const shown = primaryItem(avif);
  if (shown === undefined) return undefined;
  const items = otherTurns(avif, shown);
  const associations = withoutForeign(avif, shown);
  if (items.size === 0 && associations === undefined) return undefined;
  return withItemsSaying(associations === undefined ? avif : { ...avif, associations }, { isOfKind: isTurn, items });
}

/**
 * The decoder refuses a whole file for what it does not know of one item, though that is none that is shown. Undefined where
 * there is none.
 */
function withoutForeign(avif: AvifMeta, shown: number): AvifMeta['associations'] | undefined {
  const isForeign = (one: Association) => isUnknown(avif, one);
  const items = [...avif.associations].filter(([, own]) => own.some(isForeign));
  if (items.length === 0) return undefined;
  const parts = partsOf(avif, shown).all;
  const others = items.filter(([item]) => !parts.has(item));
  if (others.length === 0) return undefined;
  return new Map([
    ...avif.associations,
    ...others.map(([item, own]) => [item, own.filter((one) => !isForeign(one))] as const),
  ]);
}
