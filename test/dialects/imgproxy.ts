import type { Size } from '../../src/grammar/index.ts';
import { type ImgproxySizing, imgproxySize } from './imgproxy-geometry.ts';
import type { System } from './system.ts';

/** Options of the paid version: those that are drawn all the same count where they are answered. */
const paid =
  /^(?:ra|op|bd|dd|ba|dt|gr|pbl|ush|wmt|wmsh|wms|wmr|wmu|st|stl|aq|avifo|jpgo|pngo|webpo|cp|icc|vt[sakt]|vta|vtt|pgs?|da|fiu|bga|background_alpha|a|br|co|sa|mc|col|car|crop_ar|dpi|ph|hs):/;
/** Only where a setting lets URLs say them. */
const ofTheServer = /^(?:msr|msfs|maf|mafr|mrd):/;
/** What its own tests ask for to be refused. */
const wrong =
  /%[sd]|bad_format|:re\/|^\/bh:|exp:1609448400|\/plain\/(?:http:|local:\/\/\/)?$|\/plain\/example\.com|@svg$/;

const optionsOf = (target: string) =>
  target
    .slice(1)
    .split(/\/(?=plain\/|enc\/)/, 1)[0]
    ?.split('/') ?? [];

function isBeyond(target: string): boolean {
  const options = optionsOf(target);
  const needsDetector = options.some((option) => /^g:objw?:|^wm:[^:]*:ch/.test(option));
  return wrong.test(target) || needsDetector || options.some((option) => paid.test(option) || ofTheServer.test(option));
}

const isOn = (text: string | undefined) => /^(?:1|t|true)$/.test(text ?? '');
const whole = (text: string | undefined) => Number(text || 0);

/** Each option as imgproxy documents it, in so far as it has to do with the size. */
const readers: Readonly<Record<string, (args: readonly string[]) => Partial<ImgproxySizing>>> = {
  rs: ([type = '', ...size]) => ({ ...(type !== '' && { type: type as 'fit' }), ...readSize(size) }),
  s: readSize,
  rt: ([type]) => ({ type: type as 'fit' }),
  w: ([width]) => ({ width: whole(width) }),
  h: ([height]) => ({ height: whole(height) }),
  mw: ([width]) => ({ minWidth: whole(width) }),
  mh: ([height]) => ({ minHeight: whole(height) }),
  z: ([zoom]) => ({ zoom: Number(zoom) }),
  dpr: ([dpr]) => ({ dpr: Number(dpr) }),
  el: ([enlarge]) => ({ enlarge: isOn(enlarge) }),
  ex: ([extend]) => ({ extend: isOn(extend) }),
  exar: ([extend]) => ({ extendRatio: isOn(extend) }),
  c: ([width, height]) => ({ crop: { width: whole(width), height: whole(height) } }),
  rot: ([turn]) => ({ turn: Number(turn) }),
  pd: (args) => {
    const [top, right = top, bottom = top, left = right] = args.map((arg) => whole(arg));
    return { padding: [top ?? 0, right ?? 0, bottom ?? 0, left ?? 0] };
  },
};

const longNames: Readonly<Record<string, string>> = {
  resize: 'rs',
  size: 's',
  resizing_type: 'rt',
  width: 'w',
  height: 'h',
  enlarge: 'el',
  crop: 'c',
  rotate: 'rot',
  padding: 'pd',
};

function readSize([width = '', height = '', enlarge = '', extend = '']: readonly string[]): Partial<ImgproxySizing> {
  return {
    ...(width !== '' && { width: whole(width) }),
    ...(height !== '' && { height: whole(height) }),
    ...(enlarge !== '' && { enlarge: isOn(enlarge) }),
    ...(extend !== '' && { extend: isOn(extend) }),
  };
}

function sizeOf(target: string, source: Size): Size | undefined {
  const options = optionsOf(target).map((option) => option.split(':'));
  // What is cut away, and what a preset of ours says, is not to be read from the URL.
  if (options.some(([name = '']) => ['t', 'trim', 'pr', 'preset', 'crop_ar', 'car'].includes(name))) return undefined;
  if (options.some(([name = '', first]) => ['raw', 'skp'].includes(name) && first !== 'f')) return source;
  const read = options.map(([name = '', ...args]) => readers[longNames[name] ?? name]?.(args) ?? {});
  return imgproxySize(Object.assign({}, ...read), source);
}

const hosts = ['http://images.dev/', 'http://example.com/', 'https://example.com/', 'https://mars.nasa.gov/'];

export const imgproxy: System = {
  name: 'imgproxy',
  lists: ['imgproxy', 'nuxt:imgproxy', 'nuxt-e2e:imgproxy'],
  file: {
    dialects: [{ name: 'imgproxy', watermark: 'logo.png' }],
    presets: { default: 'c_limit,w_300', test1: 'c_limit,w_200', test2: 'e_grayscale' },
    sources: {
      'local:///': '',
      'https://m.media-amazon.com/': '',
      'https://test.hosting.com/': '',
      ...Object.fromEntries(hosts.map((host) => [host, ''])),
    },
  },
  leastShare: 0.92,
  isBeyond,
  sizeOf,
};
