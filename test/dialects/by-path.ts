import type { Size } from '../../src/grammar/index.ts';
import { covering, limited, type System } from './system.ts';

function fitted({ width, height }: Size, source: Size): Size {
  const factor = Math.min((width || Infinity) / source.width, (height || Infinity) / source.height);
  return { width: Math.round(source.width * factor), height: Math.round(source.height * factor) };
}

/** A box that is larger than the picture is made smaller, and keeps its shape. */
function clamped(box: Size, source: Size): Size {
  const factor = Math.min(1, source.width / box.width, source.height / box.height);
  return { width: Math.round(box.width * factor), height: Math.round(box.height * factor) };
}

function byIpx(target: string, source: Size): Size | undefined {
  const [, written = ''] = /^\/(?:_ipx\/)?([^/]+)\//.exec(target) ?? [];
  const options = new Map(
    decodeURIComponent(written)
      .split(/[,&]/)
      .map((part) => [part.split('_', 1)[0] ?? '', part.slice(part.indexOf('_') + 1)] as const),
  );
  if (options.has('trim') || options.has('rotate') || options.has('extract') || options.has('extend')) return undefined;
  const [width, height] = (options.get('s') ?? options.get('resize') ?? '').split('x').map(Number);
  const box = { width: Number(options.get('w') ?? width ?? 0), height: Number(options.get('h') ?? height ?? 0) };
  const fit = options.get('fit') ?? 'cover';
  const isEnlarged = options.has('enlarge');
  if (box.width === 0 && box.height === 0) return source;
  if (box.width === 0 || box.height === 0) return isEnlarged ? fitted(box, source) : limited(box, source);
  if (fit === 'cover' || fit === 'fill') return isEnlarged ? box : clamped(box, source);
  if (fit === 'contain') return box;
  return fit === 'inside' ? limited(box, source) : undefined;
}

function byCloudflare(target: string, source: Size): Size | undefined {
  const options = new Map(
    (/([a-z]+=[^/]*)/.exec(target)?.[1] ?? '').split(',').map((part) => part.split('=', 2) as [string, string]),
  );
  const number = (long: string, short: string) => Number(options.get(long) ?? options.get(short) ?? 0);
  if (options.has('trim') || options.get('format') === 'json') return undefined;
  const dpr = Number(options.get('dpr') ?? 1);
  const turned = /^(?:90|270)$/.test(options.get('rotate') ?? '');
  const upright = turned ? { width: source.height, height: source.width } : source;
  const box = { width: number('width', 'w') * dpr, height: number('height', 'h') * dpr };
  const fit = options.get('fit') ?? 'scale-down';
  if (box.width === 0 && box.height === 0) return upright;
  const isBox = box.width > 0 && box.height > 0;
  if (isBox && ['cover', 'pad', 'squeeze'].includes(fit)) return box;
  if (isBox && fit === 'crop') return covering(box, upright);
  if (isBox && fit === 'aspect-crop') return clamped(box, upright);
  return fit === 'scale-down' || fit === 'crop' ? limited(box, upright) : fitted(box, upright);
}

/** Programs whose options stand in the path. */
export const byPath: readonly System[] = [
  {
    name: 'ipx',
    lists: ['ipx', 'nuxt:ipx', 'nuxt-e2e:ipx'],
    file: {},
    leastShare: 0.95,
    // Without a prefix some of its words are fovea's own; and medians, equalised tiles, eroded lines and lightness, which are not drawn.
    isBeyond: (target) => !target.startsWith('/_ipx') && !/^\/(?:s_\d+x\d+|[wh]_\d+\/)/.test(target),
    sizeOf: byIpx,
  },
  {
    name: 'cloudflare',
    lists: ['cloudflare', 'nuxt:cloudflare', 'unpic:cloudflare', 'unpic-demo:cloudflare', 'unpic:cloudflare_images'],
    file: { sources: { 'https://example.com/': '' } },
    leastShare: 0.95,
    // What is kept at a host of its own.
    isBeyond: (target) => !target.startsWith('/cdn-cgi/'),
    sizeOf: byCloudflare,
  },
];
