// Long because it is one list: what the official Node client prints for each of its options, and what that has to give.
import { v2 as cloudinary } from 'cloudinary';
import { effects, picture, quarters, type Row, refused, spot, upright } from '../row.ts';

const { red, green, blue, yellow } = quarters;
const grey = (value: number) => [value, value, value];

function print(id: string, options: object = {}): string {
  cloudinary.config({ cloud_name: 'demo', api_secret: 'b', secure: true });
  return cloudinary.url(id, { urlAnalytics: false, ...options });
}

const sizes: readonly Row[] = [
  picture('plain', print('sample.jpg'), 600, 400, { spots: upright }),
  picture('with analytics', print('sample.jpg', { urlAnalytics: true, width: 100, crop: 'fit' }), 100, 67),
  picture('without mode', print('sample.jpg', { width: 128, height: 128 }), 128, 128, { spots: upright }),
  picture('scale', print('sample.jpg', { width: 128, crop: 'scale' }), 128, 85, { spots: upright }),
  picture('fit', print('sample.jpg', { width: 128, height: 128, crop: 'fit' }), 128, 85),
  picture('limit', print('sample.jpg', { width: 1000, height: 1000, crop: 'limit' }), 600, 400),
  picture('mfit', print('sample.jpg', { width: 900, height: 900, crop: 'mfit' }), 900, 600),
  picture('fill', print('sample.jpg', { width: 128, height: 128, crop: 'fill' }), 128, 128, { spots: upright }),
  picture('lfill', print('sample.jpg', { width: 500, height: 500, crop: 'lfill' }), 500, 400),
  picture('pad', print('sample.jpg', { width: 200, height: 200, crop: 'pad' }), 200, 200, {
    spots: [spot(0.5, 0.05, [255, 255, 255])],
  }),
  picture(
    'pad with colour',
    print('sample.jpg', { width: 200, height: 200, crop: 'pad', background: '#ff00ff' }),
    200,
    200,
    {
      spots: [spot(0.5, 0.05, [255, 0, 255])],
    },
  ),
  picture('lpad', print('sample.jpg', { width: 800, height: 800, crop: 'lpad' }), 800, 800),
  picture('mpad', print('sample.jpg', { width: 100, height: 100, crop: 'mpad' }), 600, 400),
  picture('crop', print('sample.jpg', { width: 100, height: 90, crop: 'crop', gravity: 'south_east' }), 100, 90, {
    spots: [spot(0.5, 0.5, blue)],
  }),
  picture('crop at a point', print('sample.jpg', { width: 100, height: 90, x: 10, y: 20, crop: 'crop' }), 100, 90, {
    spots: [spot(0.5, 0.5, red)],
  }),
  picture(
    'crop round a point',
    print('sample.jpg', { width: 100, height: 90, x: 450, y: 100, crop: 'crop', gravity: 'xy_center' }),
    100,
    90,
    {
      spots: [spot(0.5, 0.5, green)],
    },
  ),
  picture('thumb', print('sample.jpg', { width: 90, height: 90, crop: 'thumb', gravity: 'face' }), 90, 90),
  picture('auto', print('sample.jpg', { width: 90, height: 60, crop: 'auto', gravity: 'auto' }), 90, 60),
  picture('gravity west', print('sample.jpg', { width: 90, height: 180, crop: 'fill', gravity: 'west' }), 90, 180, {
    spots: [spot(0.5, 0.25, red), spot(0.5, 0.75, yellow)],
  }),
  picture('auto gravity', print('sample.jpg', { width: 90, height: 180, crop: 'fill', gravity: 'auto' }), 90, 180),
  picture(
    'auto gravity of a subject',
    print('sample.jpg', { width: 90, height: 180, crop: 'fill', gravity: 'auto:subject' }),
    90,
    180,
  ),
  picture('a share', print('sample.jpg', { width: 0.5, crop: 'scale' }), 300, 200),
  picture('arithmetic', print('sample.jpg', { width: 'iw / 2', crop: 'scale' }), 300, 200),
  picture('more arithmetic', print('sample.jpg', { width: 'iw / 2', height: 'ih * 0.5', crop: 'crop' }), 300, 200),
  picture('a ratio', print('sample.jpg', { width: 320, aspect_ratio: '16:9', crop: 'fill' }), 320, 180),
  picture('a ratio alone', print('sample.jpg', { aspect_ratio: '1:1', crop: 'crop' }), 400, 400),
  picture('dpr', print('sample.jpg', { width: 100, crop: 'scale', dpr: 2 }), 200, 133),
  picture('dpr with a fraction', print('sample.jpg', { width: 100, crop: 'scale', dpr: 1.5 }), 150, 100),
  picture('everything automatic', print('sample.jpg', { width: 'auto', dpr: 'auto', crop: 'scale' }), 600, 400),
  picture(
    'without proportions',
    print('sample.jpg', { width: 50, crop: 'scale', flags: 'ignore_aspect_ratio' }),
    50,
    400,
  ),
  picture(
    'a chain',
    print('sample.jpg', {
      transformation: [{ width: 400, height: 400, crop: 'crop' }, { radius: 'max' }, { width: 200, crop: 'scale' }],
    }),
    200,
    200,
    {
      spots: [spot(0.02, 0.02, [255, 255, 255]), spot(0.3, 0.3, red)],
    },
  ),
  picture(
    'an odd lone mode',
    print('sample.jpg', { transformation: [{ crop: 'scale' }, { crop: 'scale', width: 100 }] }),
    100,
    67,
  ),
];

const looks: readonly Row[] = [
  picture('angle 90', print('sample.jpg', { angle: 90 }), 400, 600, {
    spots: [spot(0.25, 0.25, yellow), spot(0.75, 0.25, red)],
  }),
  picture('angle 180', print('sample.jpg', { angle: 180 }), 600, 400, { spots: [spot(0.25, 0.25, blue)] }),
  picture('angle -90', print('sample.jpg', { angle: -90 }), 400, 600, { spots: [spot(0.25, 0.25, green)] }),
  picture('angle 45', print('sample.jpg', { angle: 45 }), 707, 707, { spots: [spot(0.02, 0.02, [255, 255, 255])] }),
  picture('hflip', print('sample.jpg', { angle: 'hflip' }), 600, 400, { spots: [spot(0.25, 0.25, green)] }),
  picture('vflip', print('sample.jpg', { angle: 'vflip' }), 600, 400, { spots: [spot(0.25, 0.25, yellow)] }),
  picture('two turns', print('sample.jpg', { angle: ['auto', 'hflip'] }), 600, 400, {
    spots: [spot(0.25, 0.25, green)],
  }),
  picture('radius', print('sample.jpg', { radius: 100, format: 'png' }), 600, 400, {
    format: 'png',
    spots: [spot(0.01, 0.01, [0, 0, 0, 0]), spot(0.25, 0.25, [...red, 255])],
  }),
  picture('radius by corner', print('sample.jpg', { radius: [100, 0, 0, 0], format: 'png' }), 600, 400, {
    format: 'png',
    spots: [spot(0.01, 0.01, [0, 0, 0, 0]), spot(0.99, 0.01, [...green, 255])],
  }),
  picture('border', print('sample.jpg', { border: '10px_solid_black' }), 620, 420, {
    spots: [spot(0.005, 0.005, grey(0))],
  }),
  picture('border of a colour', print('sample.jpg', { border: { width: 20, color: '#ff00ff' } }), 640, 440, {
    spots: [spot(0.01, 0.01, [255, 0, 255])],
  }),
  picture('opacity', print('sample.jpg', { opacity: 50, format: 'png' }), 600, 400, {
    format: 'png',
    spots: [spot(0.25, 0.25, [...red, 128])],
  }),
  picture('grayscale', print('sample.jpg', { effect: 'grayscale' }), 600, 400, {
    spots: [spot(0.25, 0.25, grey(127)), spot(0.75, 0.75, grey(76))],
  }),
  picture('blur', print('sample.jpg', { effect: 'blur:800' }), 600, 400, {
    // On the border between red and green.
    spots: [spot(0.5, 0.2, [127, 127, 0])],
  }),
  picture('negate', print('sample.jpg', { effect: 'negate' }), 600, 400, { spots: [spot(0.25, 0.25, [0, 255, 255])] }),
  picture('sharpen', print('sample.jpg', { effect: 'sharpen:400' }), 600, 400, { spots: upright }),
  picture('pixelate', print('sample.jpg', { effect: 'pixelate:50' }), 600, 400, { spots: upright }),
  picture('brightness', print('sample.jpg', { effect: 'brightness:-90' }), 600, 400, {
    spots: [spot(0.25, 0.25, grey(20))],
  }),
  picture('saturation', print('sample.jpg', { effect: 'saturation:-100' }), 600, 400, { isAsMeant: effects.isGrey }),
  picture('hue', print('sample.jpg', { effect: 'hue:66' }), 600, 400, { isAsMeant: effects.isOfAnotherHue }),
  picture('contrast', print('sample.jpg', { effect: 'contrast:50' }), 600, 400, { spots: upright }),
  picture('gamma', print('sample.jpg', { effect: 'gamma:50' }), 600, 400),
  picture('vibrance', print('sample.jpg', { effect: 'vibrance:50' }), 600, 400),
  picture('sepia', print('sample.jpg', { effect: 'sepia' }), 600, 400, { isAsMeant: effects.isBrown }),
  picture('black and white', print('sample.jpg', { effect: 'blackwhite' }), 600, 400, {
    spots: [spot(0.75, 0.75, grey(0)), spot(0.25, 0.75, grey(255))],
  }),
  picture('colorize', print('sample.jpg', { effect: 'colorize:100', color: '#ff00ff' }), 600, 400, {
    spots: [spot(0.25, 0.25, [255, 0, 255]), spot(0.75, 0.75, [255, 0, 255])],
  }),
  picture('tint', print('sample.jpg', { effect: 'tint:100:blue' }), 600, 400, { isAsMeant: effects.isOfAnotherHue }),
  picture('vignette', print('sample.jpg', { effect: 'vignette:100' }), 600, 400, { isAsMeant: effects.hasDarkCorners }),
  picture('improve', print('sample.jpg', { effect: 'improve' }), 600, 400),
  picture('auto contrast', print('sample.jpg', { effect: 'auto_contrast' }), 600, 400),
  picture('auto brightness', print('sample.jpg', { effect: 'auto_brightness' }), 600, 400),
  picture('auto color', print('sample.jpg', { effect: 'auto_color' }), 600, 400),
  picture('unsharp mask', print('sample.jpg', { effect: 'unsharp_mask:500' }), 600, 400, { spots: upright }),
  picture('trim', print('framed.png', { effect: 'trim' }), 80, 60, { format: 'png' }),
  refused('generative removal', print('sample.jpg', { effect: 'gen_remove:prompt_dog' }), /gen_remove.* not supported/),
  refused(
    'background removal',
    print('sample.jpg', { effect: 'background_removal' }),
    /background_removal.* not supported/,
  ),
  picture('cartoonify', print('sample.jpg', { effect: 'cartoonify' }), 600, 400),
  refused('displacing', print('sample.jpg', { effect: 'displace' }), /displace.* not supported yet/),
  refused('an effect that is none', print('sample.jpg', { effect: 'nosuch' }), /Invalid e_nosuch/),
];

const outputs: readonly Row[] = [
  picture('quality', print('sample.jpg', { quality: 40 }), 600, 400, { spots: upright }),
  picture(
    'quality auto',
    print('sample.jpg', { quality: 'auto', fetch_format: 'auto', width: 800, crop: 'limit' }),
    600,
    400,
    { format: 'webp' },
  ),
  picture('quality auto best', print('sample.jpg', { quality: 'auto:best' }), 600, 400),
  picture('quality with chroma', print('sample.jpg', { quality: '80:420' }), 600, 400),
  picture('format', print('sample', { format: 'png' }), 600, 400, { format: 'png' }),
  picture('format by extension', print('sample.webp'), 600, 400, { format: 'webp' }),
  picture('fetch format', print('sample.jpg', { fetch_format: 'avif', width: 90, crop: 'scale' }), 90, 60, {
    format: 'avif',
  }),
  picture('gif', print('sample.jpg', { fetch_format: 'gif', width: 90, crop: 'scale' }), 90, 60, { format: 'gif' }),
  picture('format auto', print('sample', { fetch_format: 'auto' }), 600, 400, { format: 'webp' }),
  picture('flags', print('sample.jpg', { flags: ['progressive', 'lossy'] }), 600, 400),
  picture('attachment', print('sample.jpg', { flags: 'attachment:pretty' }), 600, 400),
  picture('a default picture', print('missing.jpg', { default_image: 'avatar.png', width: 50, crop: 'fill' }), 50, 50, {
    format: 'jpeg',
  }),
  picture('a named transformation', print('sample.jpg', { transformation: 'thumb' }), 100, 100),
  picture('two names', print('sample.jpg', { transformation: ['thumb', 'bw'] }), 100, 100, {
    spots: [spot(0.2, 0.2, grey(127))],
  }),
  picture('a folder', print('folder/sample.jpg', { width: 100, crop: 'scale' }), 100, 67),
  picture('a version', print('sample.jpg', { version: 1234, width: 100, crop: 'scale' }), 100, 67),
  picture('an odd name', print('a,b&c d.jpg', { width: 100, crop: 'scale' }), 100, 67),
  picture(
    'a suffix',
    print('sample', { url_suffix: 'seo-name', width: 100, crop: 'scale', private_cdn: true }),
    100,
    67,
  ),
  picture(
    'the root path',
    print('sample', { use_root_path: true, width: 100, crop: 'scale', private_cdn: true }),
    100,
    67,
  ),
  picture('shortened', print('sample', { shorten: true, width: 100, crop: 'scale' }), 100, 67),
  picture(
    'a host of one’s own',
    print('sample.jpg', { private_cdn: true, secure_distribution: 'img.example.com', width: 100, crop: 'scale' }),
    100,
    67,
  ),
  picture('signed', print('sample.jpg', { sign_url: true, width: 111, crop: 'fill' }), 111, 74),
  picture(
    'signed at length',
    print('sample.jpg', { sign_url: true, long_url_signature: true, width: 112, crop: 'fill' }),
    112,
    75,
  ),
  picture(
    'signed by SHA-256',
    print('sample.jpg', { sign_url: true, signature_algorithm: 'sha256', width: 113, crop: 'fill' }),
    113,
    75,
  ),
  picture('signed, in a folder', print('folder/sample.jpg', { sign_url: true, width: 114, crop: 'fill' }), 114, 76),
  picture('signed, private', print('sample.jpg', { type: 'private', sign_url: true }), 600, 400),
  picture(
    'signed, authenticated',
    print('sample.jpg', { type: 'authenticated', sign_url: true, width: 115, crop: 'scale' }),
    115,
    77,
  ),
  picture('condition that is met', print('sample.jpg', { if: 'w > 500', width: 100, crop: 'scale' }), 100, 67),
  picture('condition that is not', print('sample.jpg', { if: 'w > 700', width: 100, crop: 'scale' }), 600, 400),
  picture('variable', print('sample.jpg', { variables: [['$w', '100']], width: '$w * 2', crop: 'scale' }), 200, 133),
  refused(
    'auto gravity with a mode that cuts nothing',
    print('sample.jpg', { width: 90, height: 90, crop: 'pad', gravity: 'auto' }),
    /Use auto gravity only with/,
  ),
  refused('liquid', print('sample.jpg', { width: 90, height: 90, crop: 'liquid' }), /liquid is not supported/),
];

const layers: readonly Row[] = [
  picture('overlay', print('sample.jpg', { overlay: 'logo', gravity: 'north_west' }), 600, 400, {
    spots: [spot(0.05, 0.07, [255, 0, 255]), spot(0.25, 0.25, red)],
  }),
  picture(
    'overlay with offsets',
    print('sample.jpg', { overlay: 'logo', gravity: 'south_east', x: 20, y: 10 }),
    600,
    400,
    {
      spots: [spot(0.91, 0.9, [255, 0, 255]), spot(0.99, 0.99, blue)],
    },
  ),
  picture(
    'overlay in three steps',
    print('sample.jpg', {
      transformation: [
        { overlay: 'folder:logo' },
        { flags: 'relative', width: 0.5 },
        { flags: 'layer_apply', gravity: 'center' },
      ],
    }),
    600,
    400,
    {
      spots: [spot(0.5, 0.5, [255, 0, 255]), spot(0.05, 0.05, red)],
    },
  ),
  picture(
    'underlay',
    print('logo.png', { underlay: 'sample', width: 600, height: 400, crop: 'pad', background: 'transparent' }),
    600,
    400,
    { format: 'png' },
  ),
  picture(
    'text',
    print('sample.jpg', {
      overlay: { font_family: 'DejaVu Sans', font_size: 40, text: 'Hi, there/you 100%' },
      color: '#000000',
    }),
    600,
    400,
    { spots: [spot(0.05, 0.05, red)], isAsMeant: effects.hasText(0.35) },
  ),
  refused(
    'overlay printed with a slash',
    print('sample.jpg', { overlay: 'folder/logo', width: 100, gravity: 'south_east' }),
    /is no parameter/,
  ),
];

/** What cloudinary 2.11.0 prints. */
export const rows: readonly Row[] = [...sizes, ...looks, ...outputs, ...layers];
