import { createRequire } from 'node:module';
import * as newest from '@cloudinary-util/url-loader';
import { createNextLoader } from '../../../src/url/index.ts';
import { effects, picture, quarters, type Row, refused, spot, upright } from '../row.ts';

type Construct = (settings: { options: object; config: object; analytics?: false }) => string;

// next-cloudinary 6.19.3 comes with a url-loader of its own, which is what its components print with.
const ofNext = createRequire(createRequire(import.meta.url).resolve('next-cloudinary/package.json'));
const inNext: { constructCloudinaryUrl: Construct } = ofNext('@cloudinary-util/url-loader');

const config = { cloud: { cloudName: 'demo' } };
const print = (options: object): string =>
  inNext.constructCloudinaryUrl({ options: { src: 'sample', ...options }, config, analytics: false });
const printNewest = (options: object): string =>
  (newest.constructCloudinaryUrl as Construct)({ options: { src: 'sample', ...options }, config, analytics: false });

const webp = { format: 'webp' };
const { red, green } = quarters;

const byNextCloudinary: readonly Row[] = [
  picture('next-cloudinary', print({ width: 480, height: 300 }), 480, 320, { ...webp, spots: upright }),
  picture('next-cloudinary, fill', print({ width: 300, height: 300, crop: 'fill' }), 300, 300, webp),
  picture('next-cloudinary, thumb', print({ width: 300, height: 200, crop: 'thumb', gravity: 'face' }), 300, 200, webp),
  picture('next-cloudinary, pad', print({ width: 300, height: 300, crop: 'pad', background: 'magenta' }), 300, 300, {
    ...webp,
    spots: [spot(0.5, 0.02, [255, 0, 255])],
  }),
  picture(
    'next-cloudinary, crop of the source',
    print({
      width: 200,
      height: 200,
      crop: { type: 'crop', width: 250, height: 250, gravity: 'north_west', source: true },
    }),
    200,
    200,
    {
      ...webp,
      spots: [spot(0.3, 0.3, red)],
    },
  ),
  picture('next-cloudinary, dpr', print({ width: 120, dpr: 2 }), 240, 160, webp),
  picture('next-cloudinary, effects', print({ width: 240, blur: 500, sepia: true }), 240, 160, {
    ...webp,
    isAsMeant: effects.isBrown,
  }),
  picture('next-cloudinary, grayscale', print({ width: 240, grayscale: true }), 240, 160, {
    ...webp,
    spots: [spot(0.25, 0.25, [127, 127, 127])],
  }),
  picture('next-cloudinary, angle', print({ width: 240, angle: 90 }), 240, 360, webp),
  picture('next-cloudinary, opacity', print({ width: 240, opacity: 50 }), 240, 160, {
    ...webp,
    spots: [spot(0.25, 0.25, [...red, 128])],
  }),
  picture('next-cloudinary, radius', print({ width: 240, effects: [{ radius: 'max' }] }), 240, 160, webp),
  picture('next-cloudinary, format and quality', print({ width: 241, format: 'png', quality: 80 }), 241, 161, {
    format: 'png',
  }),
  picture('next-cloudinary, default', print({ width: 241, format: 'default', quality: 'default' }), 241, 161),
  picture('next-cloudinary, named', print({ width: 90, namedTransformations: ['thumb'] }), 90, 90, webp),
  picture(
    'next-cloudinary, a default picture',
    print({ src: 'missing', width: 60, defaultImage: 'avatar.png' }),
    50,
    50,
    webp,
  ),
  picture('next-cloudinary, a suffix', print({ width: 242, seoSuffix: 'abc' }), 242, 161, webp),
  picture(
    'next-cloudinary, raw transformations',
    print({ width: 243, rawTransformations: ['e_grayscale', 'a_180'] }),
    243,
    162,
    webp,
  ),
  picture('next-cloudinary, a folder', print({ src: 'folder/sample', width: 244 }), 244, 163, webp),
  picture(
    'next-cloudinary, an overlay',
    print({
      width: 600,
      overlays: [{ publicId: 'folder/logo', width: 100, position: { x: 50, y: 50, gravity: 'north_west' } }],
    }),
    600,
    400,
    {
      ...webp,
      spots: [spot(0.16, 0.25, [255, 0, 255]), spot(0.03, 0.05, red), spot(0.75, 0.25, green)],
    },
  ),
  picture('next-cloudinary, an underlay', print({ src: 'logo', width: 64, underlay: 'sample' }), 64, 64, webp),
  picture(
    'next-cloudinary, text',
    print({
      width: 600,
      overlays: [
        {
          text: { text: 'Hi, there/you', fontFamily: 'DejaVu Sans', fontSize: 60, fontWeight: 'bold', color: 'white' },
          position: { gravity: 'south' },
        },
      ],
    }),
    600,
    400,
    { ...webp, spots: upright.slice(0, 2), isAsMeant: effects.hasText(0.7) },
  ),
  picture(
    'next-cloudinary, a remote picture',
    print({ src: 'REMOTE/sample.jpg', deliveryType: 'fetch', width: 245 }),
    245,
    163,
    webp,
  ),
  refused(
    'next-cloudinary, background removal',
    print({ width: 240, removeBackground: true }),
    /background_removal.* not supported/,
  ),
  refused(
    'next-cloudinary, generative fill',
    print({ width: 240, height: 240, fillBackground: true }),
    /gen_fill.* not supported/,
  ),
  refused('next-cloudinary, enhance', print({ width: 240, enhance: true }), /enhance.* not supported/),
];

const byUrlLoader: readonly Row[] = [
  picture('url-loader', printNewest({ width: 480, height: 300 }), 480, 320, webp),
  picture('url-loader, fill', printNewest({ width: 301, height: 301, crop: 'fill' }), 301, 301, webp),
  picture('url-loader, dpr', printNewest({ width: 121, dpr: 2 }), 242, 161, webp),
  picture(
    'url-loader, sanitized text',
    printNewest({ width: 600, overlays: [{ text: { text: 'a & b', fontFamily: 'DejaVu Sans', fontSize: 40 } }] }),
    600,
    400,
    { ...webp, isAsMeant: effects.hasText(0.35) },
  ),
  picture(
    'url-loader, an og image',
    printNewest({ width: 1200, height: 627, crop: { type: 'fill', gravity: 'center', source: true }, format: 'jpg' }),
    1200,
    627,
  ),
];

const loader = createNextLoader();

const byNext: readonly Row[] = [
  // As next 16 itself prints them with its default loader.
  picture('next/image', '/_next/image?url=%2Ffolder%2Fsample.jpg&w=128&q=75', 128, 85, webp),
  picture('next/image, larger than the picture', '/_next/image?url=%2Fsample.jpg&w=3840&q=75', 600, 400, webp),
  ...[16, 96, 384, 640].map((width) =>
    picture(
      `our loader for next/image, ${width}`,
      loader({ src: '/folder/sample.jpg', width }),
      Math.min(width, 600),
      Math.min(Math.round((width * 2) / 3), 400),
      webp,
    ),
  ),
];

/** What next-cloudinary 6.19.3, url-loader 6.3.1 and next/image print. */
export const rows: readonly Row[] = [...byNextCloudinary, ...byUrlLoader, ...byNext];
