import type { Size } from '../../src/grammar/index.ts';
import type { System } from './system.ts';

type Asked = URLSearchParams;

/** A number that it can read; 0 for any other. */
function sideOf(asked: Asked, name: string, all: number): number {
  const text = asked.get(name) ?? '';
  if (/^\d+%(?:25)?$/.test(text)) return Math.round((Number.parseInt(text, 10) / 100) * all);
  return /^\d+$/.test(text) ? Number(text) : 0;
}

/** The shrink of each side, as its thumbnail does it. */
function shrunk(asked: Asked, { width, height }: Size): Size {
  const dpr = Number(asked.get('dpr') ?? 1);
  const [w, h] = [sideOf(asked, 'w', width) * dpr, sideOf(asked, 'h', height) * dpr];
  const fit = asked.get('fit') ?? 'inside';
  let [across, down] = [w > 0 ? width / w : 0, h > 0 ? height / h : 0];
  if (fit === 'fill') [across, down] = [across || 1, down || 1];
  else if (across > 0 && down > 0) {
    across = down = fit === 'cover' || fit === 'outside' ? Math.min(across, down) : Math.max(across, down);
  } else across = down = across || down || 1;
  if (asked.has('we') && asked.get('we') !== 'false') [across, down] = [Math.max(1, across), Math.max(1, down)];
  const size = { width: Math.round(width / across), height: Math.round(height / down) };
  if (fit === 'cover')
    return { width: Math.min(w || size.width, size.width), height: Math.min(h || size.height, size.height) };
  return size;
}

function cropped(asked: Asked, { width, height }: Size): Size {
  const old = (asked.get('crop') ?? '').split(',');
  const [cw, ch, cx, cy] = old.length === 4 ? old : ['cw', 'ch', 'cx', 'cy'].map((name) => asked.get(name) ?? '');
  const options = new URLSearchParams({ cw: cw ?? '', ch: ch ?? '', cx: cx ?? '', cy: cy ?? '' });
  const along = (offset: string, length: string, all: number) => {
    const from = sideOf(options, offset, all);
    const start = from < all ? from : 0;
    const wanted = sideOf(options, length, all);
    return wanted > 0 && wanted < all - start ? wanted : all - start;
  };
  return { width: along('cx', 'cw', width), height: along('cy', 'ch', height) };
}

function sizeOf(target: string, source: Size): Size | undefined {
  const asked = new URLSearchParams((target.split('?')[1] ?? '').replace(/%(?![0-9a-f]{2})/gi, '%25'));
  if (asked.has('trim') || asked.has('mtrim') || asked.get('output') === 'json') return undefined;
  const turn = Number(asked.get('ro') ?? 0);
  if (turn % 90 !== 0) return undefined;
  const upright = turn % 180 === 0 ? source : { width: source.height, height: source.width };
  const sized = cropped(asked, shrunk(asked, upright));
  if (asked.get('fit') !== 'contain') return sized;
  return { width: sideOf(asked, 'w', 0) || sized.width, height: sideOf(asked, 'h', 0) || sized.height };
}

/** More pixels than it makes itself, and a cut that begins outside of this picture. */
const beyond = /w=10000000|cx=(?:2405|290)&|cx=34&cy=63|cy=1985/;

export const weserv: System = {
  name: 'weserv',
  lists: ['weserv', 'nuxt:weserv', 'nuxt-e2e:weserv', 'unpic:wsrv'],
  file: {
    dialects: ['weserv'],
    sources: Object.fromEntries(
      ['wsrv.nl', 'images.dev', 'example.com', 'picsum.photos', 'my-website.com', 'old.example'].map((host) => [
        `https://${host}/`,
        '',
      ]),
    ),
  },
  leastShare: 0.9,
  isBeyond: (target) => !target.includes('url=') || beyond.test(target),
  sizeOf,
};
