import type { Size } from '../../src/grammar/index.ts';
import { imgix } from './imgix.ts';
import { covering, limited, type System } from './system.ts';

const optionsOf = (target: string) => new URLSearchParams(target.split('?')[1] ?? '');

/** The sides that two options give; 0 for none. */
function boxOf(target: string, width: string, height: string): Size {
  const options = optionsOf(target);
  return { width: Number(options.get(width) ?? 0), height: Number(options.get(height) ?? 0) };
}

const isOneSided = ({ width, height }: Size) => width === 0 || height === 0;

/** As large as fits into the box, made larger too. */
function fitted(box: Size, source: Size): Size {
  if (box.width === 0 && box.height === 0) return source;
  const factor = Math.min((box.width || Infinity) / source.width, (box.height || Infinity) / source.height);
  return { width: Math.round(source.width * factor), height: Math.round(source.height * factor) };
}

function byContentful(target: string, source: Size): Size {
  const box = boxOf(target, 'w', 'h');
  const fit = optionsOf(target).get('fit');
  if (fit === null) return limited(box, source);
  return isOneSided(box) ? fitted(box, source) : box;
}

function byDirectus(target: string, source: Size): Size {
  const box = boxOf(target, 'width', 'height');
  const isBounded = optionsOf(target).get('withoutEnlargement') === 'true';
  if (isOneSided(box)) return isBounded ? limited(box, source) : fitted(box, source);
  return isBounded ? covering(box, source) : box;
}

function byShopify(target: string, source: Size): Size | undefined {
  const [, width, height, place, scale] =
    /_(\d*)x(\d*)(?:_crop_([a-z]+))?(?:@(\d)x)?\.[a-z]+(?:\?|$)/.exec(target) ?? [];
  // Words for boxes, and regions, are not worked out here.
  if (/_grande|crop=region/.test(target)) return undefined;
  const named = { width: Number(width ?? 0) * Number(scale ?? 1), height: Number(height ?? 0) * Number(scale ?? 1) };
  const box = width === undefined ? boxOf(target, 'width', 'height') : named;
  if (isOneSided(box)) return limited(box, source);
  if (optionsOf(target).has('pad_color')) return box;
  return place !== undefined || optionsOf(target).has('crop') ? covering(box, source) : limited(box, source);
}

function byStoryblok(target: string, source: Size): Size | undefined {
  const [, ops] = /\/m\/(.*)$/.exec(target) ?? [];
  if (ops === undefined) return source;
  const [, width = '0', height = '0'] = /(?:^|\/)-?(\d*)x-?(\d*)/.exec(ops) ?? [];
  const box = { width: Number(width), height: Number(height) };
  if (isOneSided(box)) return fitted(box, source);
  return ops.includes('fit-in') && !ops.includes('fill(') ? fitted(box, source) : box;
}

function bySupabase(target: string, source: Size): Size {
  const box = boxOf(target, 'width', 'height');
  return isOneSided(box) || optionsOf(target).get('resize') === 'contain'
    ? limited(box, source)
    : covering(box, source);
}

function byPhoton(target: string, source: Size): Size | undefined {
  const options = optionsOf(target);
  if (options.get('crop')?.includes(',') === true) return undefined;
  const [name = '', pair] =
    ['resize', 'fit'].map((one) => [one, options.get(one)] as const).find(([, two]) => two) ?? [];
  const [width = 0, height = 0] = (pair ?? '').split(',').map(Number);
  const box = pair ? { width, height } : boxOf(target, 'w', 'h');
  return name === 'resize' || options.get('crop') === '1' ? covering(box, source) : limited(box, source);
}

const hasNoPicture = (target: string) => /^\/?(?:\?|$)/.test(target);

/** Programs whose options stand in the query, or behind the name of a picture. */
export const queries: readonly System[] = [
  {
    name: 'sanity',
    lists: ['sanity', 'nuxt:sanity', 'nuxt-e2e:sanity'],
    file: { dialects: ['sanity'] },
    leastShare: 0.95,
    // Where its documents cut a name short; rectangles and a focus that no picture of this size has.
    isBeyond: (target) => /%E2%80%A6|media-libraries|rect=(?:71$|200,|720,)|fp-x=10/.test(target),
    sizeOf: imgix.sizeOf,
  },
  {
    name: 'storyblok',
    lists: ['storyblok', 'nuxt:storyblok', 'nuxt-e2e:storyblok', 'unpic:storyblok', 'unpic-demo:storyblok'],
    file: { dialects: ['storyblok'] },
    leastShare: 0.95,
    // Words that it does not know itself, and the way of its second version.
    isBeyond: (target) => /fit-contain|^\/200x0\/filters/.test(target),
    sizeOf: byStoryblok,
  },
  {
    name: 'supabase',
    lists: ['supabase', 'nuxt:supabase', 'nuxt-e2e:supabase'],
    file: { dialects: ['supabase'] },
    leastShare: 0.95,
    isBeyond: (target) => target.includes('/image/sign/'),
    sizeOf: bySupabase,
  },
  {
    name: 'shopify',
    lists: ['shopify', 'nuxt:shopify', 'nuxt-e2e:shopify', 'unpic:shopify', 'unpic-demo:shopify'],
    file: { dialects: ['shopify'] },
    leastShare: 0.95,
    isBeyond: hasNoPicture,
    sizeOf: byShopify,
  },
  {
    name: 'contentful',
    lists: ['contentful', 'nuxt:contentful', 'nuxt-e2e:contentful', 'unpic:contentful'],
    file: { dialects: ['contentful'] },
    leastShare: 0.95,
    isBeyond: (target) => hasNoPicture(target) || /[wh]=4000/.test(target),
    sizeOf: byContentful,
  },
  {
    name: 'directus',
    lists: ['directus', 'nuxt:directus', 'nuxt-e2e:directus'],
    file: { dialects: ['directus'] },
    leastShare: 0.95,
    isBeyond: hasNoPicture,
    sizeOf: byDirectus,
  },
  {
    name: 'photon',
    lists: ['photon', 'unpic-demo:wordpress'],
    file: { dialects: ['photon'] },
    leastShare: 0.95,
    isBeyond: hasNoPicture,
    sizeOf: byPhoton,
  },
];
