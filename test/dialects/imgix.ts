import type { Size } from '../../src/grammar/index.ts';
import { limited, type System } from './system.ts';

const paramsOf = (target: string) => new URLSearchParams(target.split('?')[1] ?? '');

/** What its documents say of each way of fitting; undefined for what the content decides. */
function sizeOf(target: string, source: Size): Size | undefined {
  const params = paramsOf(target);
  const number = (name: string) => Number(params.get(name) ?? 0);
  if (['facearea'].includes(params.get('fit') ?? '') || params.has('trim')) return undefined;
  const [, , rectWidth = 0, rectHeight = 0] = (params.get('rect') ?? '').split(',').map(Number);
  const area = { width: rectWidth || source.width, height: rectHeight || source.height };
  const across = (value: number, all: number) => {
    if (value === 0) return 0;
    return Math.min(8192, Math.round(value <= 1 ? value * all : value * (number('dpr') || 1)));
  };
  const border = 2 * (number('pad') + Number((params.get('border') ?? '0').split(',')[0]));
  const less = (side: number) => (side === 0 ? 0 : side - border);
  const box = { width: less(across(number('w'), area.width)), height: less(across(number('h'), area.height)) };
  const inner = fitted(params, box, area);
  return { width: inner.width + border, height: inner.height + border };
}

function fitted(params: URLSearchParams, asked: Size, area: Size): Size {
  const fit = params.get('fit') ?? 'clip';
  const [over = 0, under = 1] = (params.get('ar') ?? '').split(':').map(Number);
  const box = fit === 'crop' && over > 0 ? shaped(over / under, asked, area) : asked;
  if (box.width === 0 && box.height === 0) return area;
  const isOneSided = box.width === 0 || box.height === 0;
  const isBounded = ['max', 'min', 'fillmax'].includes(fit);
  if (!isOneSided && ['crop', 'scale', 'fill', 'fillmax'].includes(fit)) return box;
  if (!isOneSided && fit === 'min') {
    const factor = Math.min(1, area.width / box.width, area.height / box.height);
    return { width: Math.round(box.width * factor), height: Math.round(box.height * factor) };
  }
  if (isBounded) return limited(box, area);
  const factor = Math.min((box.width || Infinity) / area.width, (box.height || Infinity) / area.height);
  return { width: Math.round(area.width * factor), height: Math.round(area.height * factor) };
}

function shaped(ratio: number, { width, height }: Size, area: Size): Size {
  if (width > 0 && height > 0) return { width, height };
  if (width > 0) return { width, height: Math.round(width / ratio) };
  if (height > 0) return { width: Math.round(height * ratio), height };
  return area.width / area.height > ratio
    ? { width: Math.round(area.height * ratio), height: area.height }
    : { width: area.width, height: Math.round(area.width / ratio) };
}

export const imgix: System = {
  name: 'imgix',
  lists: ['imgix', 'nuxt-e2e:imgix', 'nuxt-e2e:unsplash', 'nuxt:prismic', 'nuxt:prismicUnsplash'],
  file: { dialects: ['imgix'], sources: { 'http://sdk-test.imgix.net/': '' } },
  leastShare: 0.95,
  // More pixels than are made of a picture of this shape.
  isBeyond: (target) => target === '/' || /[?&]w=8192&/.test(target),
  sizeOf,
};
