import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultGrammarOptions, type GrammarOptions, layoutSteps, type Size } from '../../../src/grammar/index.ts';
import { type ImgproxySizing, imgproxySize } from '../../dialects/imgproxy-geometry.ts';
import { resolveTarget } from '../../support/grammar.ts';

const options: GrammarOptions = { ...defaultGrammarOptions, dialects: ['imgproxy'], sources: { 'local:///': '' } };

const flag = (is: boolean | undefined) => (is === true ? 1 : 0);

function urlOf(sizing: ImgproxySizing): string {
  const { type = 'fit', width = 0, height = 0, minWidth = 0, minHeight = 0, zoom = 1, dpr = 1, padding } = sizing;
  return [
    '/unsafe',
    `rs:${type}:${width}:${height}:${flag(sizing.enlarge)}:${flag(sizing.extend)}`,
    `exar:${flag(sizing.extendRatio)}`,
    `mw:${minWidth}`,
    `mh:${minHeight}`,
    `z:${zoom}`,
    `dpr:${dpr}`,
    ...(sizing.crop === undefined ? [] : [`c:${sizing.crop.width}:${sizing.crop.height}`]),
    ...(sizing.turn === undefined ? [] : [`rot:${sizing.turn}`]),
    ...(padding === undefined ? [] : [`pd:${padding.join(':')}`]),
    'plain/local:///a.jpg',
  ].join('/');
}

/** The size that a URL comes to; undefined where it is refused. */
function sizeOf(url: string, source: Size): Size | undefined {
  let transform: ReturnType<typeof resolveTarget>;
  try {
    transform = resolveTarget(url, options);
  } catch {
    return undefined;
  }
  return layoutSteps(transform, source).at(-1)?.size ?? source;
}

const side = fc.integer({ min: 40, max: 900 });
const wish = fc.oneof(fc.constant(0), side);
const sizing: fc.Arbitrary<ImgproxySizing> = fc.record(
  {
    type: fc.constantFrom('fit', 'fill', 'fill-down', 'force', 'auto'),
    width: wish,
    height: wish,
    // Whole pixels at every dpr.
    minWidth: wish.map((least) => least * 2),
    minHeight: wish.map((least) => least * 2),
    zoom: fc.constantFrom(1, 0.5, 1.5, 2),
    dpr: fc.constantFrom(1, 1, 1.5, 2, 3),
    enlarge: fc.boolean(),
    extend: fc.boolean(),
    extendRatio: fc.boolean(),
    crop: fc.record({ width: fc.oneof(wish, fc.constant(0.5)), height: wish }),
    turn: fc.constantFrom(0, 90, 180, 270),
  },
  { requiredKeys: [] },
);

describe('imgproxy’s sizes', () => {
  it('are those that its documents say, or are refused', () => {
    let refused = 0;
    fc.assert(
      fc.property(sizing, fc.record({ width: side, height: side }), (wishes, source) => {
        const url = urlOf(wishes);
        const [ours, theirs] = [sizeOf(url, source), imgproxySize(wishes, source)];
        if (ours === undefined) {
          refused += 1;
          return;
        }
        // Half a pixel is rounded in one step there and in two here; a canvas of a shape makes more of it.
        const { width = 1, height = 1 } = wishes;
        const stretch =
          wishes.extendRatio === true && width > 0 && height > 0 ? Math.max(width / height, height / width) : 0;
        const told = `${url} ${JSON.stringify({ source, ours, theirs })}`;
        expect(Math.abs(ours.width - theirs.width), told).toBeLessThan(2 + stretch);
        expect(Math.abs(ours.height - theirs.height), told).toBeLessThan(2 + stretch);
      }),
      { numRuns: 1000 },
    );
    expect(refused).toBeLessThan(300);
  });
});
