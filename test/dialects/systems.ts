import type { Size } from '../../src/grammar/index.ts';
import { byPath } from './by-path.ts';
import { cloudinary } from './cloudinary.ts';
import { dit } from './dit.ts';
import { imagekit } from './imagekit.ts';
import { imgix } from './imgix.ts';
import { imgproxy } from './imgproxy.ts';
import { moreQueries } from './more-queries.ts';
import { queries } from './queries.ts';
import { covering, limited, type System } from './system.ts';
import { imagor, thumbor } from './thumbor.ts';
import { weserv } from './weserv.ts';

const paramsOf = (target: string) => new URLSearchParams(target.split('?')[1] ?? '');
const numberOf = (params: URLSearchParams, ...names: readonly string[]) =>
  Number(names.map((name) => params.get(name)).find((value) => value !== null) ?? 0);

/** A width alone, and never larger than the original: what Next.js and Vercel draw. */
function byWidth(target: string, source: Size): Size {
  return limited({ width: numberOf(paramsOf(target), 'w'), height: 0 }, source);
}

/** sharp's words for how a picture meets a box. */
function bySharp(target: string, source: Size): Size {
  const params = paramsOf(target);
  const box = { width: numberOf(params, 'w', 'width'), height: numberOf(params, 'h', 'height') };
  if (box.width === 0 || box.height === 0) return limited(box, source);
  return params.get('fit') === 'contain' ? box : covering(box, source);
}

function byNetlify(target: string, source: Size): Size {
  const params = paramsOf(target);
  const box = { width: numberOf(params, 'w'), height: numberOf(params, 'h') };
  if (box.width === 0 || box.height === 0) return limited(box, source);
  if (params.get('fit') === 'fill') return box;
  return params.get('fit') === 'cover' ? covering(box, source) : limited(box, source);
}

const sources = { 'https://example.net/': '' };
const hasNoPicture = (target: string) => target === '/';

/** In the order of the report. */
export const systems: readonly System[] = [
  {
    name: 'vercel',
    lists: ['vercel', 'nuxt:vercel', 'unpic:vercel', 'unpic-demo:vercel'],
    file: { dialects: ['vercel'], sources },
    leastShare: 1,
    isBeyond: hasNoPicture,
    sizeOf: byWidth,
  },
  {
    name: 'netlify',
    lists: ['netlify', 'nuxt:netlifyImageCdn', 'nuxt-e2e:netlifyImageCdn', 'unpic:netlify', 'unpic-demo:netlify'],
    file: { dialects: ['netlify'], sources },
    leastShare: 1,
    isBeyond: hasNoPicture,
    sizeOf: byNetlify,
  },
  {
    name: 'amplify',
    lists: ['amplify', 'nuxt:awsAmplify', 'nuxt-e2e:awsAmplify'],
    file: { dialects: ['amplify'], sources },
    leastShare: 1,
    isBeyond: hasNoPicture,
    sizeOf: bySharp,
  },
  {
    name: 'next',
    lists: ['next', 'unpic:nextjs', 'unpic-demo:nextjs'],
    file: { sources },
    leastShare: 1,
    // Next.js itself refuses one without a width.
    isBeyond: (target) => hasNoPicture(target) || (target.startsWith('/_next/image') && !/[?&]w=/.test(target)),
    sizeOf: byWidth,
  },
  cloudinary,
  imgproxy,
  thumbor,
  imagor,
  dit,
  weserv,
  imgix,
  imagekit,
  ...byPath,
  ...queries,
  ...moreQueries,
];
