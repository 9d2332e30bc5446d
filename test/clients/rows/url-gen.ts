import { Cloudinary, Transformation } from '@cloudinary/url-gen';
import * as adjust from '@cloudinary/url-gen/actions/adjust';
import { solid } from '@cloudinary/url-gen/actions/border';
import { dpr, format, quality } from '@cloudinary/url-gen/actions/delivery';
import * as effect from '@cloudinary/url-gen/actions/effect';
import { name } from '@cloudinary/url-gen/actions/namedTransformation';
import { source as overlaySource } from '@cloudinary/url-gen/actions/overlay';
import * as resize from '@cloudinary/url-gen/actions/resize';
import { byAngle, mode } from '@cloudinary/url-gen/actions/rotate';
import { byRadius, max } from '@cloudinary/url-gen/actions/roundCorners';
import { face } from '@cloudinary/url-gen/qualifiers/focusOn';
import { autoGravity, compass, focusOn } from '@cloudinary/url-gen/qualifiers/gravity';
import { Position } from '@cloudinary/url-gen/qualifiers/position';
import { horizontalFlip } from '@cloudinary/url-gen/qualifiers/rotationMode';
import { image, text } from '@cloudinary/url-gen/qualifiers/source';
import { TextStyle } from '@cloudinary/url-gen/qualifiers/textStyle';
import { effects, picture, quarters, type Row, refused, spot, upright } from '../row.ts';

const { red, green, blue, yellow } = quarters;

const account = new Cloudinary({ cloud: { cloudName: 'demo' }, url: { analytics: false } });
const own = new Cloudinary({
  cloud: { cloudName: 'demo' },
  url: { analytics: false, privateCdn: true, secureDistribution: 'img.example.com' },
});
const of = (id = 'folder/sample.jpg') => account.image(id);
const [width, height] = [128, 128];
const size = <Action extends { width(value: number): Action; height(value: number): Action }>(action: Action) =>
  action.width(width).height(height);

const sizes: readonly Row[] = [
  picture('scale', of().resize(size(resize.scale())).toURL(), 128, 128, { spots: upright }),
  picture('fit', of().resize(size(resize.fit())).toURL(), 128, 85),
  picture('limitFit', of().resize(size(resize.limitFit())).toURL(), 128, 85),
  picture('minimumFit', of().resize(size(resize.minimumFit())).toURL(), 600, 400),
  picture('fill', of().resize(size(resize.fill())).toURL(), 128, 128, { spots: upright }),
  picture('limitFill', of().resize(size(resize.limitFill())).toURL(), 128, 128),
  picture('pad', of().resize(size(resize.pad())).toURL(), 128, 128, { spots: [spot(0.5, 0.02, [255, 255, 255])] }),
  picture('limitPad', of().resize(size(resize.limitPad())).toURL(), 128, 128),
  picture('minimumPad', of().resize(size(resize.minimumPad())).toURL(), 600, 400),
  picture(
    'crop',
    of()
      .resize(size(resize.crop()).gravity(compass('north_east')))
      .toURL(),
    128,
    128,
    {
      spots: [spot(0.5, 0.5, green)],
    },
  ),
  picture(
    'thumbnail',
    of()
      .resize(size(resize.thumbnail()).gravity(focusOn(face())).zoom(0.7))
      .toURL(),
    128,
    128,
  ),
  picture('auto', of().resize(size(resize.auto()).gravity(autoGravity())).toURL(), 128, 128),
  picture('automatic gravity', of().resize(size(resize.fill()).gravity(autoGravity())).toURL(), 128, 128),
  picture('relative', of().resize(resize.scale().width(0.5).relative()).toURL(), 300, 200),
  picture('ratio', of().resize(resize.fill().width(320).aspectRatio('16:9')).toURL(), 320, 180),
  picture('one side', of().resize(resize.scale().width(150)).toURL(), 150, 100),
  picture('crop at a point', of().resize(resize.crop().width(100).height(100).x(450).y(250)).toURL(), 100, 100, {
    spots: [spot(0.5, 0.5, blue)],
  }),
  picture('fillPad', of().resize(size(resize.fillPad()).gravity(autoGravity())).toURL(), 128, 128),
  picture('autoPad', of().resize(size(resize.autoPad()).gravity(autoGravity())).toURL(), 128, 128),
];

const looks: readonly Row[] = [
  picture('blur', of().effect(effect.blur(300)).toURL(), 600, 400, { isAsMeant: effects.hasSoftEdges }),
  picture('grayscale', of().effect(effect.grayscale()).toURL(), 600, 400, {
    spots: [spot(0.25, 0.25, [127, 127, 127])],
  }),
  picture('sepia', of().effect(effect.sepia(80)).toURL(), 600, 400, { isAsMeant: effects.isBrown }),
  picture('negate', of().effect(effect.negate()).toURL(), 600, 400, { spots: [spot(0.75, 0.75, [255, 255, 0])] }),
  picture('pixelate', of().effect(effect.pixelate(40)).toURL(), 600, 400, { spots: upright }),
  picture('vignette', of().effect(effect.vignette(60)).toURL(), 600, 400, { isAsMeant: effects.hasDarkCorners }),
  picture('black and white', of().effect(effect.blackwhite(50)).toURL(), 600, 400),
  picture('colorize', of().effect(effect.colorize(100).color('#00ffff')).toURL(), 600, 400, {
    spots: [spot(0.25, 0.25, [0, 255, 255])],
  }),
  picture('brightness', of().adjust(adjust.brightness(-80)).toURL(), 600, 400, { isAsMeant: effects.isDarker }),
  picture('saturation', of().adjust(adjust.saturation(-100)).toURL(), 600, 400, { isAsMeant: effects.isGrey }),
  picture('hue', of().adjust(adjust.hue(40)).toURL(), 600, 400, { isAsMeant: effects.isOfAnotherHue }),
  picture('sharpen', of().adjust(adjust.sharpen(200)).toURL(), 600, 400, { spots: upright }),
  picture('opacity', of().adjust(adjust.opacity(50)).delivery(format('png')).toURL(), 600, 400, {
    format: 'png',
    spots: [spot(0.25, 0.25, [...red, 128])],
  }),
  picture('angle', of().rotate(byAngle(90)).toURL(), 400, 600, { spots: [spot(0.25, 0.25, yellow)] }),
  picture('flip', of().rotate(mode(horizontalFlip())).toURL(), 600, 400, { spots: [spot(0.25, 0.25, green)] }),
  picture('corners', of().roundCorners(byRadius(80)).toURL(), 600, 400, {
    spots: [spot(0.005, 0.005, [255, 255, 255])],
  }),
  picture('round', of().roundCorners(max()).delivery(format('webp')).toURL(), 600, 400, {
    format: 'webp',
    spots: [spot(0.01, 0.01, [0, 0, 0, 0])],
  }),
  picture('border', of().border(solid(10, 'black')).toURL(), 620, 420, { spots: [spot(0.005, 0.005, [0, 0, 0])] }),
  refused('background removal', of().effect(effect.backgroundRemoval()).toURL(), /background_removal.* not supported/),
  picture('oil paint', of().effect(effect.oilPaint(50)).toURL(), 600, 400),
];

const outputs: readonly Row[] = [
  picture(
    'delivery in steps of its own',
    of().resize(resize.scale(100)).delivery(format('auto')).delivery(quality('auto')).toURL(),
    100,
    67,
    { format: 'webp' },
  ),
  picture('dpr in a step of its own', of().resize(resize.scale(100)).delivery(dpr(2)).toURL(), 200, 133),
  picture('lossy', of().delivery(format('auto').lossy()).toURL(), 600, 400, { format: 'webp' }),
  picture('quality with chroma', of().delivery(quality(80).chromaSubSampling(420)).toURL(), 600, 400),
  picture('progressive', of().delivery(format('jpg').progressive()).toURL(), 600, 400),
  picture('a named transformation', of().namedTransformation(name('thumb')).toURL(), 100, 100),
  picture('a host of one’s own', own.image('sample').resize(resize.scale(99)).toURL(), 99, 66),
  picture('no version', own.image('sample').setVersion('12').resize(resize.scale(98)).toURL(), 98, 65),
  picture('a suffix', of('folder/sample.jpg').resize(resize.scale(97)).setSuffix('seo').toURL(), 97, 65),
  picture(
    'with analytics',
    new Cloudinary({ cloud: { cloudName: 'demo' } }).image('sample').resize(resize.scale(96)).toURL(),
    96,
    64,
  ),
];

const layers: readonly Row[] = [
  picture(
    'overlay',
    of()
      .overlay(
        overlaySource(image('folder/logo')).position(
          new Position().gravity(compass('south_east')).offsetX(5).offsetY(5),
        ),
      )
      .toURL(),
    600,
    400,
    { spots: [spot(0.94, 0.9, [255, 0, 255]), spot(0.75, 0.6, blue)] },
  ),
  picture(
    'overlay with its own steps',
    of()
      .overlay(overlaySource(image('logo').transformation(new Transformation().resize(resize.scale(200)))))
      .toURL(),
    600,
    400,
    { spots: [spot(0.5, 0.5, [255, 0, 255]), spot(0.36, 0.3, [255, 0, 255])] },
  ),
  picture(
    'text',
    of()
      .overlay(
        overlaySource(
          text('Hi, there/you 100%', new TextStyle('DejaVu Sans', 30).fontWeight('bold')).textColor('#ff0000'),
        ),
      )
      .toURL(),
    600,
    400,
    { isAsMeant: effects.hasText(0.35) },
  ),
];

/** What @cloudinary/url-gen 1.22.0 prints. */
export const rows: readonly Row[] = [...sizes, ...looks, ...outputs, ...layers];
