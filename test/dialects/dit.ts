import type { Size } from '../../src/grammar/index.ts';
import { covering, type System } from './system.ts';

interface Asked {
  readonly crop?: Size | undefined;
  readonly box?: { readonly width: number; readonly height: number; readonly fit: string; readonly isBounded: boolean };
  readonly ratio?: number;
  readonly turn?: number;
}

/** What sharp makes of a box. */
function sized({ crop, box, ratio = 1, turn = 0 }: Asked, source: Size): Size {
  const cut = crop ?? source;
  const picture = turn % 180 === 0 ? cut : { width: cut.height, height: cut.width };
  if (box === undefined || (box.width === 0 && box.height === 0)) {
    return { width: Math.round(picture.width * ratio), height: Math.round(picture.height * ratio) };
  }
  const [across, down] = [box.width / picture.width, box.height / picture.height];
  const isBox = across > 0 && down > 0;
  if (isBox && box.isBounded && box.fit === 'cover') return covering(box, picture);
  if (isBox && ['cover', 'contain', 'fill'].includes(box.fit)) return { width: box.width, height: box.height };
  const given = [across, down].filter((factor) => factor > 0);
  const factor = box.fit === 'outside' ? Math.max(...given) : Math.min(...given);
  const kept = box.isBounded ? Math.min(1, factor) : factor;
  return { width: Math.round(picture.width * kept), height: Math.round(picture.height * kept) };
}

function byJson(text: string, source: Size): Size | undefined {
  const { edits = {} } = JSON.parse(text) as { edits?: Record<string, Record<string, unknown>> };
  if (['smartCrop', 'roundCrop', 'trim', 'extend', 'extract'].some((name) => name in edits)) return undefined;
  const { width, height, fit, withoutEnlargement } = edits['resize'] ?? {};
  const box = {
    width: Math.round(Number(width ?? 0)),
    height: Math.round(Number(height ?? 0)),
    fit: String(fit ?? 'cover'),
    isBounded: withoutEnlargement === true,
  };
  const { width: across, height: down } = edits['crop'] ?? {};
  const crop = across === undefined ? undefined : { width: Number(across), height: Number(down) };
  return sized({ box, crop, turn: Number(edits['rotate'] ?? 0) }, source);
}

function byWords(target: string, source: Size): Size | undefined {
  if (target.includes('smart_crop')) return undefined;
  const [, left, top, right, bottom] = /\/(\d+)x(\d+):(\d+)x(\d+)\//.exec(target) ?? [];
  const crop =
    left === undefined ? undefined : { width: Number(right) - Number(left), height: Number(bottom) - Number(top) };
  const [, width, height] = /\/(\d+)x(\d+)\//.exec(target) ?? [];
  const isFitted = target.includes('fit-in') || target.includes('upscale()');
  const fit = isFitted
    ? 'inside'
    : target.includes('stretch()')
      ? 'fill'
      : target.includes('fill(')
        ? 'contain'
        : 'cover';
  const [, ratio] = /proportion\(([\d.]+)\)/.exec(target) ?? [];
  const [, turn] = /rotate\((\d+)\)/.exec(target) ?? [];
  const box = {
    width: Number(width ?? 0),
    height: Number(height ?? 0),
    fit,
    isBounded: target.includes('no_upscale()'),
  };
  return sized({ crop, box, ratio: Number(ratio ?? 1), turn: Number(turn ?? 0) }, source);
}

function byQuery(target: string, source: Size): Size {
  const asked = new URLSearchParams(target.split('?')[1]);
  const number = (name: string) => Number(asked.get(name) ?? asked.get(`resize.${name}`) ?? 0);
  const fit = asked.get('fit') ?? asked.get('resize.fit') ?? 'cover';
  const isBounded = asked.get('resize.withoutEnlargement') === 'true';
  const box = { width: number('width'), height: number('height'), fit, isBounded };
  return sized({ box, turn: number('rotate') }, source);
}

/** What no edit of its own is, and what a detector sees beside the largest face. */
const beyond = /"wrongFilter"|smart_crop\([^)]*\d/;

export const dit: System = {
  name: 'dit',
  lists: ['dit'],
  file: {
    dialects: ['dit'],
    sources: {
      ...Object.fromEntries(
        [
          'bucket-name-here',
          'validBucket',
          'elasticbeanstalk-us-east-2-066784885518',
          'test',
          'source-bucket',
          'bucket',
        ]
          .concat('test-bucket', 'some-test-bucket')
          .map((bucket) => [`s3://${bucket.toLowerCase()}/`, '']),
      ),
      'https://upload.wikimedia.org/': '',
    },
  },
  leastShare: 0.97,
  isBeyond: (target) => beyond.test(textOf(target)),
  sizeOf: (target, source) => {
    const text = textOf(target);
    if (text.startsWith('{')) return byJson(text, source);
    return target.includes('?') ? byQuery(target, source) : byWords(target, source);
  },
};

/** Of JSON in base64 the JSON, and of anything else what it is. */
function textOf(target: string): string {
  if (!target.startsWith('/eyJ')) return target;
  return Buffer.from(target.split('?')[0]?.slice(1) ?? '', 'base64').toString('utf8');
}
