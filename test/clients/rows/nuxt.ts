import { effects, picture, quarters, type Row, refused, spot, upright } from '../row.ts';

interface Provider {
  getImage(
    src: string,
    settings: { modifiers: Record<string, unknown>; baseURL?: string },
    context: unknown,
  ): { readonly url: string };
}

// By path: the package offers its providers to Nuxt alone.
async function load(name: string): Promise<Provider> {
  const module: { default: () => Provider } = await import(
    `../node_modules/@nuxt/image/dist/runtime/providers/${name}.js`
  );
  return module.default();
}

const [cloudinary, ipx, cloudflare, imgix, imagekit, bunny] = await Promise.all(
  ['cloudinary', 'ipx', 'cloudflare', 'imgix', 'imagekit', 'bunny'].map(load),
);

function print(
  provider: Provider | undefined,
  src: string,
  modifiers: Record<string, unknown>,
  baseURL?: string,
): string {
  const context = { options: { nuxt: { baseURL: '/' } } };
  const settings = { modifiers: { ...modifiers }, ...(baseURL !== undefined && { baseURL }) };
  return provider?.getImage(src, settings, context).url ?? '';
}

const long = 'https://img.example.com/image/upload/';
const webp = { format: 'webp' };
const box = { width: 128, height: 128 };
const fitted = (fit: string) => print(cloudinary, '/folder/sample.jpg', { ...box, fit }, long);

const byCloudinary: readonly Row[] = [
  picture('cloudinary', print(cloudinary, '/folder/sample.jpg', box, long), 128, 128, webp),
  picture('cloudinary, cover', fitted('cover'), 128, 128, { ...webp, spots: upright }),
  picture('cloudinary, contain', fitted('contain'), 128, 128, webp),
  picture('cloudinary, fill', fitted('fill'), 128, 128, webp),
  picture('cloudinary, inside', fitted('inside'), 128, 128, { ...webp, spots: [spot(0.25, 0.3, quarters.red)] }),
  picture('cloudinary, outside', fitted('outside'), 128, 128, webp),
  picture('cloudinary, minCover', fitted('minCover'), 600, 400, webp),
  picture('cloudinary, minInside', fitted('minInside'), 600, 400, webp),
  picture('cloudinary, thumbnail', fitted('thumbnail'), 128, 128, webp),
  picture('cloudinary, cropping', fitted('cropping'), 128, 128, webp),
  picture('cloudinary, coverLimit', fitted('coverLimit'), 128, 85, webp),
  picture(
    'cloudinary, background',
    print(cloudinary, '/sample.jpg', { ...box, fit: 'inside', background: '#ff00ff', format: 'jpg' }, long),
    128,
    128,
    {
      spots: [spot(0.5, 0.02, [255, 0, 255])],
    },
  ),
  picture(
    'cloudinary, gravity',
    print(cloudinary, '/sample.jpg', { ...box, fit: 'thumbnail', gravity: 'faceCenter' }, long),
    128,
    128,
    webp,
  ),
  picture('cloudinary, blur', print(cloudinary, '/sample.jpg', { blur: 200 }, long), 600, 400, {
    ...webp,
    isAsMeant: effects.hasSoftEdges,
  }),
  picture('cloudinary, rotate', print(cloudinary, '/sample.jpg', { rotate: 90 }, long), 400, 600, webp),
  picture('cloudinary, corners', print(cloudinary, '/sample.jpg', { roundCorner: 'max' }, long), 600, 400, webp),
  picture(
    'cloudinary, effect',
    print(cloudinary, '/sample.jpg', { effect: 'grayscale', format: 'jpg' }, long),
    600,
    400,
    {
      spots: [spot(0.25, 0.25, [127, 127, 127])],
    },
  ),
  picture(
    'cloudinary, quality and dpr',
    print(cloudinary, '/sample.jpg', { width: 64, quality: 50, dpr: 2 }, long),
    128,
    85,
    webp,
  ),
  picture(
    'cloudinary, a folder in the base',
    print(cloudinary, '/sample.jpg', { width: 100 }, `${long}folder`),
    100,
    67,
    webp,
  ),
  picture(
    'cloudinary, the short form',
    print(cloudinary, '/folder/sample.jpg', box, 'https://img.example.com'),
    128,
    128,
    webp,
  ),
  picture(
    'cloudinary, a remote picture',
    print(cloudinary, 'REMOTE/sample.jpg', { width: 128 }, 'https://img.example.com/image/fetch/'),
    128,
    85,
    webp,
  ),
  refused(
    'cloudinary, a condition',
    print(cloudinary, '/sample.jpg', { customFunc: 'wasm:x' }, long),
    /functions .* not supported/,
  ),
];

const byOthers: readonly Row[] = [
  picture(
    'ipx',
    print(ipx, '/folder/sample.jpg', { ...box, fit: 'cover', format: 'webp', quality: 80 }),
    128,
    128,
    webp,
  ),
  picture('ipx, width', print(ipx, '/folder/sample.jpg', { width: 140 }), 140, 93),
  picture('ipx, nothing', print(ipx, '/folder/sample.jpg', {}), 600, 400),
  picture('ipx, contain', print(ipx, '/sample.jpg', { ...box, fit: 'contain', background: '#ff00ff' }), 128, 128, {
    spots: [spot(0.5, 0.02, [255, 0, 255])],
  }),
  picture('ipx, inside', print(ipx, '/sample.jpg', { ...box, fit: 'inside' }), 128, 85),
  picture('ipx, effects', print(ipx, '/sample.jpg', { width: 100, grayscale: true, blur: 3 }), 100, 67, {
    spots: [spot(0.25, 0.25, [127, 127, 127])],
  }),
  picture('ipx, position', print(ipx, '/sample.jpg', { width: 90, height: 180, position: 'left' }), 90, 180, {
    spots: [spot(0.5, 0.2, quarters.red)],
  }),
  picture('ipx, rotate', print(ipx, '/sample.jpg', { rotate: 90 }), 400, 600),
  picture(
    'ipx at the root',
    print(
      ipx,
      '/folder/sample.jpg',
      { width: 120, height: 60, fit: 'cover', format: 'webp' },
      'https://img.example.com',
    ),
    120,
    60,
    webp,
  ),
  picture(
    'cloudflare',
    print(cloudflare, '/folder/sample.jpg', { ...box, fit: 'cover', format: 'webp', quality: 80 }),
    128,
    128,
    webp,
  ),
  picture('cloudflare, contain', print(cloudflare, '/sample.jpg', { ...box, fit: 'contain' }), 128, 85),
  picture('cloudflare, fill', print(cloudflare, '/sample.jpg', { ...box, fit: 'fill' }), 128, 85),
  picture('cloudflare, inside', print(cloudflare, '/sample.jpg', { ...box, fit: 'inside' }), 128, 128),
  picture('cloudflare, outside', print(cloudflare, '/sample.jpg', { ...box, fit: 'outside' }), 128, 128),
  picture('cloudflare, dpr', print(cloudflare, '/sample.jpg', { width: 70, dpr: 2 }), 140, 93),
  picture(
    'imgix',
    print(imgix, '/folder/sample.jpg', { ...box, fit: 'cover', format: 'webp', quality: 80 }),
    128,
    128,
    webp,
  ),
  picture('imgix, contain', print(imgix, '/sample.jpg', { ...box, fit: 'contain' }), 128, 128),
  picture('imgix, inside', print(imgix, '/sample.jpg', { ...box, fit: 'inside' }), 128, 85),
  picture('imgix, auto', print(imgix, '/sample.jpg', { width: 141, auto: 'format,compress' }), 141, 94, webp),
  refused(
    'imgix, text',
    print(imgix, '/sample.jpg', { width: 141, textString: 'Hello' }),
    /txt of the query is not supported/,
  ),
  picture(
    'imagekit',
    print(imagekit, '/folder/sample.jpg', { ...box, fit: 'cover', format: 'webp', quality: 80 }),
    128,
    128,
    webp,
  ),
  picture('imagekit, contain', print(imagekit, '/sample.jpg', { ...box, fit: 'contain' }), 128, 128),
  picture('imagekit, inside', print(imagekit, '/sample.jpg', { ...box, fit: 'inside' }), 128, 85),
  picture('imagekit, outside', print(imagekit, '/sample.jpg', { ...box, fit: 'outside' }), 192, 128),
  picture('bunny', print(bunny, '/folder/sample.jpg', { width: 142, height: 80, quality: 70 }, '/'), 142, 80),
];

/** What the providers of @nuxt/image 2.1.0 print. */
export const rows: readonly Row[] = [...byCloudinary, ...byOthers];
