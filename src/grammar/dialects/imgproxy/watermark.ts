import type { GrammarOptions } from '../../grammar-options.ts';
import { chain, component, layerOf, refuse } from '../dialect.ts';
import { decimal } from '../drawing.ts';
import { pictureAt } from '../source.ts';
import { program } from './options.ts';
import type { Wishes } from './wishes.ts';

/** The layer that a watermark comes to: ours lie over all that has been drawn, as theirs do. */
export function watermarked(wishes: Wishes, options: GrammarOptions): readonly string[] {
  const { watermark, dpr = 1 } = wishes;
  if (watermark === undefined || watermark.opacity === 0) return [];
  const { position, opacity, x, y } = watermark;
  const isTiled = position === 're';
  if (isTiled && (x !== 0 || y !== 0)) throw refuse(program, 'watermark', 'tiles lie side by side');
  return chain(
    layerOf(layerKey(wishes, options)),
    size(wishes),
    wishes.watermarkAngle ? component({ a: String(wishes.watermarkAngle) }) : undefined,
    opacity === 1 ? undefined : component({ o: String(Math.round(opacity * 100)) }),
    component({
      fl: `layer_apply${isTiled ? '.tiled' : '.no_overflow'}`,
      g: isTiled || position === 'center' ? undefined : position,
      x: isTiled ? undefined : offset(x, dpr),
      y: isTiled ? undefined : offset(y, dpr),
    }),
  );
}

/** Pixels, which a dpr multiplies, or a share of the picture. */
function offset(value: number, dpr: number): string | undefined {
  if (value === 0) return undefined;
  return Math.abs(value) < 1 ? decimal(value) : String(Math.round(value * dpr));
}

function size({ watermark, watermarkSize: [width, height] = [0, 0] }: Wishes): string | undefined {
  const scale = watermark?.scale ?? 0;
  if (scale > 0) return component({ c: 'fit', fl: 'relative', h: decimal(scale), w: decimal(scale) });
  const side = (value: number) => (value === 0 ? undefined : String(value));
  return width === 0 && height === 0 ? undefined : component({ c: 'fit', h: side(height), w: side(width) });
}

function layerKey({ watermarkSource }: Wishes, options: GrammarOptions): string {
  const picture = watermarkSource === undefined ? undefined : pictureAt(watermarkSource, 'key', options);
  if (picture !== undefined && 'key' in picture) return picture.key;
  if (picture !== undefined) throw refuse(program, 'watermark_url', 'the watermark is one of our own pictures');
  const { watermark } = options.imgproxy;
  if (watermark !== undefined) return watermark;
  throw refuse(program, 'watermark', 'name its picture: {"name": "imgproxy", "watermark": "logo.png"} in dialects');
}
