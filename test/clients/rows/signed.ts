// What the URL builders of other image servers print and sign for each of their usual options, and what that has to give.
import ImageKit from '@imagekit/nodejs';
import ImgixClient from '@imgix/js-core';
import { generateImageUrl } from '@imgproxy/imgproxy-node';
import Thumbor from 'thumbor-js-url-builder';
import { effects, picture, quarters, type Row, spot, upright } from '../row.ts';

const { red, green, blue, yellow } = quarters;

/** What each of them signs with, as `dialectSecrets` has it. */
export const secrets = {
  imgproxy: [
    {
      key: '943b421c9eb07c830af81030552c86009268de4e532ba2ee2eab8247c6da0881',
      salt: '520f986b998545b4785e0defbc4f3c12',
    },
  ],
  thumbor: [{ key: 'the security key' }],
  imgix: [{ key: 'the token of a source' }],
  imagekit: [{ key: 'the private key' }],
};

type ImgproxyOptions = NonNullable<Parameters<typeof generateImageUrl>[0]['options']>;
/** What is imported is the class, and its types say otherwise. */
const Imgix = ImgixClient as unknown as typeof ImgixClient.default;

function imgproxy(
  options: ImgproxyOptions,
  displayAs: 'base64' | 'plain' = 'base64',
  value = 'https://pictures.example/sample.jpg',
) {
  const [{ key = '', salt = '' } = {}] = secrets.imgproxy;
  return generateImageUrl({ endpoint: 'https://ip.example', url: { value, displayAs }, options, key, salt });
}

const byImgproxy: readonly Row[] = [
  picture('fill', imgproxy({ resizing_type: 'fill', width: 128, height: 128 }), 128, 128, { spots: upright }),
  picture('fit', imgproxy({ resizing_type: 'fit', width: 128, height: 128 }), 128, 85),
  picture('force', imgproxy({ resizing_type: 'force', width: 100, height: 120 }), 100, 120, { spots: upright }),
  picture('resize, plain', imgproxy({ resize: { resizing_type: 'fit', width: 90 } }, 'plain'), 90, 60),
  picture('of a bucket', imgproxy({ width: 60 }, 'plain', 's3://bucket/folder/sample.jpg'), 60, 40),
  picture('format', imgproxy({ width: 61, format: 'png' }), 61, 41, { format: 'png' }),
  picture('dpr', imgproxy({ width: 50, dpr: 2 }), 100, 67),
  picture('enlarge', imgproxy({ width: 900, enlarge: 1 }), 900, 600),
  picture('not enlarged', imgproxy({ width: 900 }), 600, 400),
  picture('crop', imgproxy({ crop: { width: 100, height: 90, gravity: { type: 'soea' } } }), 100, 90, {
    spots: [spot(0.5, 0.5, blue)],
  }),
  picture('gravity', imgproxy({ resizing_type: 'fill', width: 90, height: 180, gravity: { type: 'we' } }), 90, 180, {
    spots: [spot(0.5, 0.25, red), spot(0.5, 0.75, yellow)],
  }),
  picture('rotate', imgproxy({ width: 60, rotate: 90 }), 60, 90, { spots: [spot(0.25, 0.25, yellow)] }),
  picture('quality', imgproxy({ width: 62, quality: 50 }), 62, 41),
];

function thumbor(build: (url: Thumbor) => Thumbor, path = 'pictures.example/sample.jpg') {
  const url = new Thumbor(secrets.thumbor[0]?.key ?? '', 'https://th.example').setImagePath(path);
  return build(url).buildUrl();
}

const byThumbor: readonly Row[] = [
  picture(
    'resize',
    thumbor((url) => url.resize(128, 128)),
    128,
    128,
    { spots: upright },
  ),
  picture(
    'width alone',
    thumbor((url) => url.resize(90, 0)),
    90,
    60,
  ),
  picture(
    'fit in',
    thumbor((url) => url.fitIn(128, 128)),
    128,
    85,
  ),
  picture(
    'of a whole URL',
    thumbor((url) => url.resize(60, 60), 'https://pictures.example/sample.jpg'),
    60,
    60,
  ),
  picture(
    'smart',
    thumbor((url) => url.resize(60, 120).smartCrop(true)),
    60,
    120,
  ),
  picture(
    'aligned',
    thumbor((url) => url.resize(90, 180).halign('left')),
    90,
    180,
    {
      spots: [spot(0.5, 0.25, red), spot(0.5, 0.75, yellow)],
    },
  ),
  picture(
    'cropped',
    thumbor((url) => url.crop(300, 0, 600, 200).resize(90, 60)),
    90,
    60,
    { spots: [spot(0.5, 0.5, green)] },
  ),
  picture(
    'flipped',
    thumbor((url) => url.resize(60, 40).flipHorizontally()),
    60,
    40,
    { spots: [spot(0.25, 0.25, green)] },
  ),
  picture(
    'format',
    thumbor((url) => url.resize(63, 42).filter('format(webp)')),
    63,
    42,
    { format: 'webp' },
  ),
  picture(
    'grayscale',
    thumbor((url) => url.resize(60, 40).filter('grayscale()')),
    60,
    40,
    { isAsMeant: effects.isGrey },
  ),
];

function imgix(params: Record<string, string | number | boolean>, path = '/sample.jpg') {
  const client = new Imgix({ domain: 'ix.example', secureURLToken: secrets.imgix[0]?.key ?? '' });
  return client.buildURL(path, params);
}

const byImgix: readonly Row[] = [
  picture('width', imgix({ w: 90 }), 90, 60),
  picture('clip', imgix({ w: 128, h: 128 }), 128, 85),
  picture('crop', imgix({ w: 128, h: 128, fit: 'crop' }), 128, 128, { spots: upright }),
  picture('crop to a side', imgix({ w: 90, h: 180, fit: 'crop', crop: 'left' }), 90, 180, {
    spots: [spot(0.5, 0.25, red), spot(0.5, 0.75, yellow)],
  }),
  picture('fill', imgix({ w: 120, h: 120, fit: 'fill', 'fill-color': 'ff00ff' }), 120, 120, {
    spots: [spot(0.5, 0.05, [255, 0, 255])],
  }),
  picture('rect', imgix({ rect: '300,0,300,200', w: 60 }), 60, 40, { spots: [spot(0.5, 0.5, green)] }),
  picture('format and quality', imgix({ w: 64, fm: 'webp', q: 60 }), 64, 43, { format: 'webp' }),
  picture('auto', imgix({ w: 65, auto: 'format,compress' }), 65, 43, { format: 'webp' }),
  picture('dpr', imgix({ w: 50, dpr: 2 }), 100, 67),
  picture('a name with signs', imgix({ w: 60 }, '/a,b&c d.jpg'), 60, 40),
];

function imagekit(transformation: readonly object[], more: object = {}) {
  const client = new ImageKit({ privateKey: secrets.imagekit[0]?.key ?? '' });
  return client.helper.buildSrc({
    ...{ urlEndpoint: 'https://ik.example', src: '/sample.jpg', signed: true },
    transformation: [...transformation],
    ...more,
  });
}

const byImageKit: readonly Row[] = [
  picture('width', imagekit([{ width: 90 }]), 90, 60),
  picture('box', imagekit([{ width: 128, height: 128 }]), 128, 128, { spots: upright }),
  picture('at max', imagekit([{ width: 128, height: 128, crop: 'at_max' }]), 128, 85),
  picture('forced', imagekit([{ width: 100, height: 120, crop: 'force' }]), 100, 120, { spots: upright }),
  picture(
    'in the path, which ends',
    imagekit([{ width: 60, height: 60 }], { transformationPosition: 'path', expiresIn: 3600 }),
    60,
    60,
  ),
  picture('in a chain', imagekit([{ width: 60, height: 40 }, { rotation: 90 }]), 40, 60, {
    spots: [spot(0.25, 0.25, yellow)],
  }),
  picture('format and quality', imagekit([{ width: 64, format: 'webp', quality: 60 }]), 64, 43, { format: 'webp' }),
  picture('padded', imagekit([{ width: 120, height: 120, cropMode: 'pad_resize', background: 'FF00FF' }]), 120, 120, {
    spots: [spot(0.5, 0.05, [255, 0, 255])],
  }),
];

export const clients: Readonly<Record<string, readonly Row[]>> = {
  '@imgproxy/imgproxy-node 1.1.0': byImgproxy,
  'thumbor-js-url-builder 2.2.0': byThumbor,
  '@imgix/js-core 3.8.0': byImgix,
  '@imagekit/nodejs 7.11.0': byImageKit,
};
