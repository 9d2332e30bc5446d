import type { Size } from '../../src/grammar/index.ts';
import { limited, type System } from './system.ts';

const stepsOf = (target: string) => {
  const written = /^\/(?:[^/]+\/)?tr:([^/]+)\//.exec(target)?.[1] ?? /[?&]tr=([^&]*)/.exec(target)?.[1] ?? '';
  // What is laid over a picture leaves its size.
  return decodeURIComponent(written)
    .replace(/l-(?:image|text),.*?l-end/g, '')
    .split(':');
};

/** What its documents say of one step; undefined where the content decides. */
function stepSize(step: string, source: Size): Size | undefined {
  const parts = new Map(step.split(',').map((part) => [part.split('-', 1)[0] ?? '', part.replace(/^[^-]*-/, '')]));
  if (parts.has('t')) return undefined;
  const dpr = Number(parts.get('dpr') ?? 1);
  const side = (name: 'w' | 'h', all: number) => {
    const text = parts.get(name) ?? '0';
    const [, factor] = /^i[wh]_mul_(.*)$/.exec(text) ?? [];
    const [, divisor] = /^i[wh]_div_(.*)$/.exec(text) ?? [];
    if (factor !== undefined || divisor !== undefined)
      return Math.round((all * Number(factor ?? 1)) / Number(divisor ?? 1));
    return Number(text) < 1 ? Math.round(Number(text) * all) : Number(text) * dpr;
  };
  const [over = 0, under = 1] = (parts.get('ar') ?? '').split(/[-_]/).map(Number);
  let box = { width: side('w', source.width), height: side('h', source.height) };
  if (over > 0 && box.width > 0) box = { width: box.width, height: Math.round((box.width * under) / over) };
  const sized = fitted(parts, box, source);
  const turned = /^(?:90|270)$/.test(parts.get('rt') ?? '') ? { width: sized.height, height: sized.width } : sized;
  const border = 2 * Number(/^(\d+)[_-]/.exec(parts.get('b') ?? '')?.[1] ?? 0);
  return { width: turned.width + border, height: turned.height + border };
}

function fitted(parts: ReadonlyMap<string, string>, box: Size, source: Size): Size {
  const [crop = '', mode = ''] = [parts.get('c'), parts.get('cm')];
  if (box.width === 0 && box.height === 0) return source;
  if (mode === 'extract') {
    return {
      width: Math.min(box.width || source.width, source.width),
      height: Math.min(box.height || source.height, source.height),
    };
  }
  if (crop === 'at_max') return limited(box, source);
  const isOneSided = box.width === 0 || box.height === 0;
  if (!isOneSided && !crop.startsWith('at_')) return box;
  const factors = [(box.width || Infinity) / source.width, (box.height || Infinity) / source.height];
  const factor = crop === 'at_least' && !isOneSided ? Math.max(...factors) : Math.min(...factors);
  return { width: Math.round(source.width * factor), height: Math.round(source.height * factor) };
}

/** What a model, a video or an account's own font draws; and what its tests have for no transformation of its own. */
const beyond =
  /e-(?:bg|removedotbg|dropshadow|upscale|retouch|genvar|changebg|edit)|vc-|\.ttf|rndm_trnsf|something-new|test-token|tr=test-|r-10_max/;

export const imagekit: System = {
  name: 'imagekit',
  lists: ['imagekit', 'nuxt:imagekit', 'unpic:imagekit'],
  file: { dialects: ['imagekit'], presets: { media_library_thumbnail: 'c_fill,w_100,h_100' } },
  leastShare: 0.85,
  isBeyond: (target) => target === '/' || beyond.test(target),
  sizeOf: (target, source) => {
    // A preset of ours is not to be read from the URL.
    if (/tr:n-/.test(target)) return undefined;
    return stepsOf(target).reduce<Size | undefined>((size, step) => size && stepSize(step, size), source);
  },
};
