import { transformBaseImageProps } from '@unpic/core/base';
import { transformUrl } from 'unpic';
import { transform as bunny } from 'unpic/providers/bunny';
import { transform as cloudflare } from 'unpic/providers/cloudflare';
import { transform as imagekit } from 'unpic/providers/imagekit';
import { transform as imgix } from 'unpic/providers/imgix';
import { transform as ipx } from 'unpic/providers/ipx';
import { transform as supabase } from 'unpic/providers/keycdn';
import { transform as nextjs } from 'unpic/providers/nextjs';
import { createUnpicTransformer } from '../../../src/url/index.ts';
import { picture, type Row, refused, upright } from '../row.ts';

const host = 'https://img.example.com';

function cloudinary(path: string, operations: object): string {
  return transformUrl({ url: `${host}${path}`, provider: 'cloudinary', ...operations }) ?? '';
}

const byCloudinary: readonly Row[] = [
  picture('cloudinary', cloudinary('/image/upload/v1/folder/sample.jpg', { width: 128, height: 128 }), 128, 128, {
    format: 'webp',
    spots: upright,
  }),
  picture('cloudinary, width', cloudinary('/image/upload/sample.jpg', { width: 128 }), 128, 85, { format: 'webp' }),
  picture('cloudinary, never larger', cloudinary('/image/upload/sample.jpg', { width: 1280 }), 600, 400, {
    format: 'webp',
  }),
  picture('cloudinary, quality', cloudinary('/image/upload/sample.jpg', { width: 128, quality: 70 }), 128, 85, {
    format: 'webp',
  }),
  picture('cloudinary, format', cloudinary('/image/upload/sample.jpg', { width: 128, format: 'avif' }), 128, 85, {
    format: 'avif',
  }),
  picture(
    'cloudinary, options that were there',
    cloudinary('/image/upload/c_fill,w_50,h_60/sample.jpg', { width: 90 }),
    90,
    60,
    { format: 'webp' },
  ),
  picture(
    'cloudinary, steps that were there',
    cloudinary('/image/upload/c_fill,w_50/e_grayscale/sample.jpg', { width: 129 }),
    129,
    86,
    { format: 'webp' },
  ),
  picture(
    'cloudinary, an account',
    transformUrl({ url: 'https://res.cloudinary.com/demo/image/upload/sample.jpg', width: 127 }) ?? '',
    127,
    85,
    { format: 'webp' },
  ),
  refused(
    'cloudinary, a signature glued to the options',
    cloudinary('/image/upload/s--ab-d12_4--/sample.jpg', { width: 100 }),
    /signature/,
  ),
];

const byOthers: readonly Row[] = [
  picture(
    'ipx',
    ipx('/folder/sample.jpg', { width: 128, height: 128, quality: 80, format: 'webp' }, { baseURL: '/_ipx' }),
    128,
    128,
    { format: 'webp' },
  ),
  picture('ipx, width', ipx('/folder/sample.jpg', { width: 130, quality: 80 }, { baseURL: '/_ipx' }), 130, 87, {
    format: 'webp',
  }),
  picture(
    'ipx at the root',
    ipx('/folder/sample.jpg', { width: 120, height: 80, quality: 80, format: 'jpg' }, { baseURL: host }),
    120,
    80,
  ),
  picture('ipx, never larger', ipx('/sample.jpg', { width: 2000 }, { baseURL: '/_ipx' }), 600, 400, { format: 'webp' }),
  picture(
    'cloudflare',
    cloudflare('/folder/sample.jpg', { width: 128, height: 128 }, { domain: 'img.example.com' }),
    128,
    128,
    { format: 'webp' },
  ),
  picture(
    'cloudflare, width',
    cloudflare('/sample.jpg', { width: 131, quality: 60 }, { domain: 'img.example.com' }),
    131,
    87,
    { format: 'webp' },
  ),
  picture(
    'imgix',
    imgix(`${host}/folder/sample.jpg`, { width: 128, height: 128, format: 'webp', quality: 80 }),
    128,
    128,
    { format: 'webp' },
  ),
  picture('imgix, width', imgix(`${host}/sample.jpg`, { width: 132 }), 132, 88, { format: 'webp' }),
  picture(
    'imagekit',
    imagekit(`${host}/sample.jpg`, { width: 128, height: 96, format: 'webp', quality: 80 }),
    128,
    96,
    { format: 'webp' },
  ),
  picture('imagekit, width', imagekit(`${host}/sample.jpg`, { width: 133 }), 133, 89),
  picture('bunny', bunny(`${host}/sample.jpg`, { width: 134, height: 90, quality: 50 }), 134, 90),
  picture('keycdn', supabase(`${host}/sample.jpg`, { width: 135, height: 90, format: 'webp' }), 135, 90, {
    format: 'webp',
  }),
  picture('nextjs', nextjs('/folder/sample.jpg', { width: 640, quality: 75 }, { baseUrl: host }), 600, 400, {
    format: 'webp',
  }),
];

/** Every candidate that unpic's components ask of a transformer of ours. */
function byTransformer(): readonly Row[] {
  const transformer = createUnpicTransformer();
  const size = { width: 300, height: 200, layout: 'constrained' } as const;
  const { srcset } = transformBaseImageProps({ src: 'folder/sample.jpg', transformer, ...size });
  const candidates = String(srcset).split(',\n');
  return candidates.map((candidate) => {
    const [url = '', width = ''] = candidate.trim().split(' ');
    const pixels = Number.parseInt(width, 10);
    return picture(`our transformer, ${width}`, url, pixels, Math.round((pixels * 200) / 300), { format: 'webp' });
  });
}

/** What unpic 4.2.2 prints, and its components with a transformer of ours. */
export const rows: readonly Row[] = [...byCloudinary, ...byOthers, ...byTransformer()];
