import { chain, component, layerOf, refuse } from '../dialect.ts';
import { type Filter, numberOf } from './filters.ts';
import type { LayerContext } from './layers.ts';
import { layerKey, placeOf } from './layers.ts';
import type { PathRules } from './path.ts';
import { readPath } from './path.ts';
import { drawnBy, type Program } from './read.ts';

const blends: readonly string[] = ['multiply', 'screen', 'overlay'];
const wholeSide = /^(?:f|full)$/;

/** What the path of a layer is read by. */
interface NestedRules extends LayerContext {
  readonly path: PathRules;
  readonly nested: Program;
}

/** `image(path,x,y,transparency,blend)`: a picture that is made by a path of its own, over this one. */
export function imageLaid(filter: Filter, rules: NestedRules): readonly string[] {
  const { program, options } = rules;
  const [path = '', x, y, , blend = 'normal'] = filter.args;
  if (blend !== 'normal' && blend !== '' && !blends.includes(blend)) {
    throw refuse(program, filter.text, `layers are mixed by ${blends.join(', ')} or normal`);
  }
  const segments = path.replace(/^\/+/, '').split('/');
  const [relative, rest] = relativeSize(segments, filter, program);
  const [ask, picture] = readPath(rest, rules.path);
  const clear = numberOf(filter, program, { index: 3, min: 0, max: 100, standard: 0 });
  return chain(
    layerOf(layerKey(picture, filter, rules)),
    relative,
    ...drawnBy(ask, rules.nested, options),
    blends.includes(blend) ? `e_${blend}` : undefined,
    clear === 0 ? undefined : `o_${Math.round(100 - clear)}`,
    component({ fl: 'layer_apply.no_overflow', ...placeOf(filter, program, [x, y]) }),
  );
}

/** `fxf`, `fullx0` …: as wide or as high as the picture beneath. The component, and what is left of the path. */
function relativeSize(
  segments: readonly string[],
  filter: Filter,
  program: string,
): readonly [size: string | undefined, rest: readonly string[]] {
  const isFitIn = segments[0] === 'fit-in';
  const [size = '', ...rest] = isFitIn ? segments.slice(1) : segments;
  const [, width, height] = /^(f(?:ull)?(?:-\d+)?|\d*)x(f(?:ull)?(?:-\d+)?|\d*)$/.exec(size) ?? [];
  if (width === undefined || height === undefined || !/f/.test(size)) return [undefined, segments];
  const sides = [width, height].map((side) => (wholeSide.test(side) ? '1.0' : undefined));
  if ([width, height].some((side) => !wholeSide.test(side) && !/^0?$/.test(side))) {
    throw refuse(program, filter.text, 'a side is all of the picture beneath, or follows the other');
  }
  const c = isFitIn ? 'fit' : sides.includes(undefined) ? 'scale' : 'fill';
  return [component({ c, fl: 'relative', w: sides[0], h: sides[1] }), rest];
}
