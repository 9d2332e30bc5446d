// Long because it is the reference: every parameter, mode, effect and flag with a URL of its own, and the page made of them.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type CropMode,
  cropModes,
  dialectNames,
  type EffectName,
  effectNames,
  effectRules,
  ignoredFlags,
  type OutputFlag,
  outputFlags,
  type ParameterName,
  parameterNames,
  parameters,
} from '../../src/grammar/index.ts';
import { componentFlags, deliveryFlags } from '../../src/grammar/parameters/flags.ts';
import { policiesChapter } from './policies.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Where the page is. */
export const pagePath = `${root}/src/grammar/REFERENCE.md`;
/** Where its pictures are, relative to the root. */
export const picturesFolder = '.github/reference';

export function readPage(): string {
  return readFileSync(pagePath, 'utf8');
}

/** What the examples of `t_` are about. */
export const presets = { card: 'c_fill,g_auto,w_160,h_100' };

/** One URL of the page, and the picture that it gives. */
export interface Worked {
  readonly name: string;
  /** The transformation, its picture included. */
  readonly url: string;
  /** What the page says it shows; has to stand in the URL. */
  readonly shows: string;
}

const id = 'seeding.jpg';
const ditPath = Buffer.from(
  `{"key":"${id}","edits":{"resize":{"width":128,"height":128,"fit":"cover"},"toFormat":"webp"}}`,
).toString('base64');
/** Where there has to be a face. */
const portrait = 'astronaut.jpg';

/** Where a parameter's own example has something to do, if not in a step of its own behind a size. */
const worked: Readonly<Partial<Record<ParameterName, string>>> = {
  aspectRatio: `/ar_16:9,c_fill,w_160/${id}`,
  background: `/b_rgb:ff0000,c_pad,h_120,w_160/${id}`,
  colour: `/c_scale,w_160/co_rgb:ff0000,e_colorize:40/${id}`,
  colourSpace: `/c_scale,cs_srgb,w_160/${id}`,
  crop: `/c_fill,h_120,w_160/${id}`,
  defaultImage: `/c_fill,d_seeding.jpg,h_90,w_160/missing.jpg`,
  boundedDpr: `/c_lfill,h_60,ldpr_2.0,w_80/${id}`,
  equalTrim: `/c_scale,w_160/c_lpad,h_110,w_200/e_trim:10,te_both/${id}`,
  mask: `/c_fill,f_webp,h_120,msk_heart,w_160/${id}`,
  maxBytes: `/c_scale,mb_3000,w_160/${id}`,
  minHeight: `/c_limit,mh_120,w_60/${id}`,
  minWidth: `/c_limit,h_60,mw_160/${id}`,
  density: `/c_scale,dn_150,w_160/${id}`,
  dpr: `/c_scale,dpr_2.0,w_80/${id}`,
  flags: `/c_scale,fl_progressive.lossy,w_160/${id}`,
  format: `/c_scale,f_auto,w_160/${id}`,
  gravity: `/c_crop,g_north_west,h_600,w_800/c_scale,w_160/${id}`,
  height: `/c_scale,h_90/${id}`,
  opacity: `/c_scale,f_webp,o_50,w_160/${id}`,
  overlay: `/c_scale,w_160/l_seeding.jpg/c_fill,h_40,w_40/fl_layer_apply,g_south_east/${id}`,
  page: `/c_scale,pg_1,w_160/${id}`,
  presets: `/t_card/${id}`,
  quality: `/c_scale,q_auto,w_160/${id}`,
  radius: `/c_scale,f_webp,r_20,w_160/${id}`,
  underlay: `/c_scale,w_100/u_seeding.jpg/c_fill,h_100,w_160/e_grayscale/fl_layer_apply/${id}`,
  width: `/c_scale,w_160/${id}`,
  x: `/c_crop,g_west,h_600,w_800,x_400/c_scale,w_160/${id}`,
  y: `/c_crop,g_north,h_400,w_800,y_500/c_scale,w_160/${id}`,
  zoom: `/c_thumb,g_face,h_100,w_160,z_0.7/${portrait}`,
};

const modes: { readonly [Mode in CropMode]: readonly [size: string, says: string] } = {
  scale: ['h_120,w_120', 'exactly this size; both sides given, it distorts. The standard mode after `/image/upload/`.'],
  lscale: ['h_120,w_120', 'as scale, and as much smaller in both as either side would be larger than it was'],
  fit: ['h_120,w_120', 'inside the box, as large as fits'],
  limit: ['h_120,w_120', 'as fit, and never larger than it was'],
  mfit: ['h_1500,w_2600', 'as fit, and only ever larger'],
  fill: ['h_120,w_120', 'fills the box and cuts what is over. The standard mode of the short form.'],
  lfill: ['h_120,w_120', 'as fill, and never larger than it was'],
  fill_down: ['h_120,w_120', 'as lfill, and a smaller picture is cut to the shape of the box'],
  oriented: ['h_120,w_120', 'as fill where the box is as wide or as tall as the picture is, else as fit'],
  loriented: ['h_120,w_120', 'as oriented, and never larger than it was'],
  outside: ['h_120,w_120', 'scales until it covers the box, and cuts nothing'],
  loutside: ['h_120,w_120', 'as outside, and never larger than it was'],
  pad: ['b_rgb:e8e2d4,h_120,w_120', 'as fit, on a canvas of exactly this size'],
  lpad: ['b_rgb:e8e2d4,h_120,w_120', 'as limit, on a canvas of exactly this size'],
  mpad: ['b_rgb:e8e2d4,h_120,w_120', 'as mfit, on a canvas of exactly this size when it was smaller'],
  crop: ['h_120,w_120', 'cuts this much out and scales nothing; a box larger than the picture is made smaller'],
  thumb: [
    'g_face,h_120,w_120',
    'as fill, and as near to a face as `z_` says; without a size, the face as large as it is',
  ],
  auto: ['h_120,w_120', 'as fill, around what matters most'],
  fill_pad: [
    'b_rgb:e8e2d4,h_120,w_160',
    'as fill around what matters most, or where more than a third of the picture would be cut off, as pad',
  ],
  auto_pad: ['b_rgb:e8e2d4,h_60,w_160', 'the same'],
};

/** Modes whose own result is too large to show: what follows them. */
const afterMode: Readonly<Partial<Record<CropMode, string>>> = { mfit: '/c_scale,w_160', mpad: '/c_scale,w_160' };

type KnownFlag = OutputFlag | (typeof componentFlags | typeof deliveryFlags)[number];

const flagMeanings: Readonly<Record<KnownFlag, string>> = {
  animated: 'keeps an animation animated, which happens anyway',
  any_format: 'lets `q_auto` choose a palette for PNG',
  apng: 'asks for an animated PNG',
  awebp: 'asks for an animated WebP',
  describe:
    'answers with JSON that describes the original, in place of the picture: colours, placeholders, words in the file',
  draw_errors: 'a failure is drawn as the message that says why, where a page asks for a picture',
  force_icc: 'adds a profile that says what the colours are',
  hdr: 'under f_auto sends originals with a gain map (Ultra HDR) as JPEG, which keeps it; others are as without',
  force_strip: 'leaves out all metadata and profiles',
  getinfo: 'answers with JSON about the picture before and after, and the faces in it, in place of the picture',
  ignore_aspect_ratio: 'with one side of `c_scale`: the other stays as it was',
  keep_attribution: 'keeps who made it and who has rights to it, from EXIF, IPTC and XMP',
  keep_iptc: 'the same',
  layer_apply: 'ends a layer and places it by `g_`, `x_` and `y_`',
  lossy: 'lets PNG and GIF lose a little',
  no_overflow: 'a layer does not enlarge the picture',
  png8: 'PNG with a palette',
  png24: 'PNG without alpha',
  png32: 'PNG with alpha',
  preserve_transparency: 'refuses to flatten alpha into a format that has none',
  progressive: 'progressive JPEG, interlaced PNG',
  'progressive:none': 'a baseline JPEG',
  'progressive:semi': 'progressive JPEG',
  'progressive:steep': 'progressive JPEG',
  relative: 'sizes of a layer are shares of the picture beneath',
  strip_profile: 'leaves out the colour profile',
  tiled: 'repeats a layer over the whole picture',
};

/** Strengths that show in a small picture, where the standard one would not. */
const strengths: Readonly<Partial<Record<EffectName, string>>> = {
  contrast: 'contrast:50',
  gamma: 'gamma:80',
  blur: 'blur:200',
  pixelate: 'pixelate:10',
  brightness: 'brightness:40',
  vignette: 'vignette:80',
  colorize: 'colorize:40',
  red: 'red:60',
  green: 'green:-60',
  blue: 'blue:60',
  blur_region: 'blur_region:300,h_60,w_80,x_40,y_20',
  pixelate_region: 'pixelate_region:8,h_60,w_80,x_40,y_20',
  replace_color: 'replace_color:rgb:c04000:60',
  tint: 'tint:80:navy:orange:white',
  brightness_hsb: 'brightness_hsb:40',
  recolor: 'recolor:0.3:0.7:0:0.2:0.6:0.2:0:0.3:0.7',
  outline: 'outline:inner:8',
  gradient_fade: 'gradient_fade,f_webp',
  shear: 'shear:20:0,f_webp',
  make_transparent: 'make_transparent:20,f_webp',
};

export const parametersWorked: readonly Worked[] = parameterNames.map((name) => ({
  name: `parameter-${parameters[name].key}`,
  url: worked[name] ?? `/c_scale,w_160/${parameters[name].example}/${id}`,
  // Layers, presets and substitutes of the example have names of their own.
  shows:
    {
      overlay: 'l_',
      presets: 't_',
      defaultImage: 'd_',
      underlay: 'u_',
      page: 'pg_',
      width: 'w_',
      height: 'h_',
      x: 'x_',
      y: 'y_',
    }[name as string] ?? parameters[name].example,
}));

export const modesWorked: readonly Worked[] = cropModes.map((mode) => ({
  name: `mode-${mode}`,
  url: `/c_${mode},${modes[mode][0]}${afterMode[mode] ?? ''}/${mode === 'thumb' ? portrait : id}`,
  shows: `c_${mode}`,
}));

export const effectsWorked: readonly Worked[] = effectNames.map((name) => {
  const qualifier = effectRules[name].colour === 'qualifier' ? 'co_rgb:c04000,' : '';
  return {
    name: `effect-${name}`,
    url: `/c_scale,w_160/${qualifier}e_${strengths[name] ?? name}/${name.endsWith('_faces') ? portrait : id}`,
    shows: `e_${name}`,
  };
});

/** Every URL of the page that has a picture. */
export const allWorked: readonly Worked[] = [...parametersWorked, ...modesWorked, ...effectsWorked];

/** The picture of a worked URL: its extension is the format that the URL gives. */
export function pictureOf({ name, url }: Worked): string {
  const format = /f_auto/.test(url) ? 'webp' : (/f_(webp|png)/.exec(url)?.[1] ?? 'jpg');
  return `${picturesFolder}/${name}.${format}`;
}

function shown(one: Worked): string {
  return `[\`${one.url}\`](#) ![](../../${pictureOf(one)})`.replace('[`', '`').replace('`](#)', '`');
}

function find(list: readonly Worked[], name: string): Worked {
  const found = list.find((one) => one.name === name);
  if (found === undefined) throw new Error(`the reference has no example for ${name}`);
  return found;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

function parametersTable(): string {
  const rows = parameterNames
    .map((name) => parameters[name])
    .map(({ key, doc, range }) => [`\`${key}_\``, doc, range, shown(find(parametersWorked, `parameter-${key}`))]);
  return table(['parameter', 'what it does', 'what it takes', 'for instance'], rows);
}

function modesTable(): string {
  const rows = cropModes.map((mode) => [`\`c_${mode}\``, modes[mode][1], shown(find(modesWorked, `mode-${mode}`))]);
  return table(['mode', 'result', 'for instance'], rows);
}

function effectsTable(): string {
  const rows = effectNames.map((name) => {
    const { doc, amount, colour, modes, second } = effectRules[name];
    const strength = amount === undefined ? '' : `${amount.min} to ${amount.max}, else ${amount.standard}`;
    const colours = {
      value: '; a colour after a second `:`',
      several: '; colours after a second `:`',
      first: '; the new colour comes before it, the old one after',
      qualifier: '; colour by `co_`',
    };
    const words = modes === undefined ? '' : `${modes.join(', ')}${strength === '' ? '' : '; '}`;
    const more = second === undefined ? '' : `; a second from ${second.min} to ${second.max}, else ${second.standard}`;
    const takes = `${words}${strength}${more}${colour === undefined ? '' : colours[colour]}`;
    return [`\`e_${name}\``, doc, takes, shown(find(effectsWorked, `effect-${name}`))];
  });
  return table(['effect', 'what it does', 'strength', 'for instance'], rows);
}

function flagsTable(): string {
  const rows = [...outputFlags, ...componentFlags, ...deliveryFlags]
    .sort()
    .map((flag) => [`\`fl_${flag}\``, flagMeanings[flag]]);
  return table(
    ['flag', 'what it does'],
    [['`fl_attachment[:name]`', 'makes the answer a download, under this name'], ...rows],
  );
}

/** The whole page. */
export function writePage(): string {
  return `<!-- Made by \`npm run docs\` from the table of parameters (grammar/parameters/); a test holds it to them. -->
# What a URL may say

\`/<step>/<step>/…/<name>\`: parameters of one step are joined by commas, in any order; each step works on the result of
the one before. Every URL below is answered by a fovea that has the sample photographs, and the presets that some name; the
picture beside it is its answer. What is not listed here is refused with 400 and a message that names it; what is taken and has no effect is
listed at the end.

## Parameters

${parametersTable()}

A size is a number of pixels, a share of the picture when it has a decimal point (\`w_0.5\`; \`w_1.0\` is all of it, \`w_1\` is one
pixel), or arithmetic from left to right with \`iw\`, \`ih\`, \`iar\` (the original) and \`w\`, \`h\`, \`ar\` (the picture so far):
\`add\`, \`sub\`, \`mul\`, \`div\`, \`mod\`, \`pow\`.

## Faces

Faces are looked for once in each original, by the server itself, and of an animation in its first frame. \`g_face\` is the largest,
\`g_faces\` all of them together; where there is none, north counts, or what \`:center\` or \`:auto\` says. \`c_fill\`, \`c_lfill\`, \`c_auto\`
and \`c_crop\` bring it to the middle, as far as the edges let them; \`c_thumb\` comes so near that the head fills the picture (\`z_2\`:
twice as near, \`z_0.5\`: half); \`c_crop\` and \`c_thumb\` without a width and a height cut the head out as large as it is, in the ratio of
\`ar_\`. A layer placed by \`g_face\` lies on it. \`x_\` and \`y_\` move none of these cuts.

\`g_auto\` (\`auto:subject\`) looks for edges, skin and strong colours, and for faces. \`auto:face\` and \`auto:faces\` put those before
everything else, \`auto:no_faces\` keeps away from them; \`auto:classic\` goes without, and lays what it finds at a third of the picture,
but for \`auto:classic:thirds_0\`. A focal point that people have kept with the original (\`fovea focus\`) goes before all of them.

\`e_blur_faces\` and \`e_pixelate_faces\` hide every face that is found, small ones too, at least so far that nobody is recognised; where nobody could
look, no picture is sent. They hide no other face, and of an animation none that moves away: look at what you publish.

## Conditions

\`/if_w_gt_500/…/if_else/…/if_end/\`: of the steps between, those happen that the picture meets, as it is there. A condition that has its step beside it
(\`if_w_gt_500,c_scale,w_100/if_else,e_sepia\`) is about that step alone, unless an \`if_end\` follows. Conditions compare by \`eq\`, \`ne\`, \`lt\`, \`gt\`, \`lte\`, \`gte\` the quantities of sizes
(\`w\`, \`h\`, \`ar\`, \`iw\`, \`ih\`, \`iar\`), \`cp\` and \`pc\` (the page and how many there are), \`fc\` (faces in the original), numbers, ratios (\`3:4\`), arithmetic of these, and texts
(\`$style_!round!/if_$style_eq_!round!\`); \`and\` binds before \`or\`. They may stand in each other and in presets, not within a layer. Refused are \`tags\`, \`ctx:\` and \`md:\`, which Cloudinary
keeps with an original and fovea does not, \`ils\`, \`tar\`, \`px\`, \`py\`, durations, and what counts for the whole picture (\`f_\`, \`q_\` …), which stands before or behind. After \`e_trim\`, a layer
that may reach over the edge or a cut as large as a face, \`w\`, \`h\` and \`ar\` are not known. A variable has what a branch gives it within that branch.

## Modes

\`S\` is the picture before the step. One side alone is followed by the other in proportion, in every mode but \`crop\`.

${modesTable()}

## Effects

${effectsTable()}

Layers are mixed with \`e_multiply\`, \`e_screen\` or \`e_overlay\` in the layer's own steps.

## Flags

${flagsTable()}

## Without a signature

${policiesChapter()}

## The rest of the URL

| piece | what it is |
|---|---|
| \`/s--SIGNATURE--/\` | the signature, 8 or 32 characters, first in the short form and after \`upload\` in the long one |
| \`/x-SECONDS/\` | right behind a signature, and signed with what follows: seconds since 1970 after which the URL is answered 410 (a minute of grace for clocks that disagree). No answer may be kept longer |
| \`/v1/\` | ends the transformation: what follows is the name, whatever it looks like. Any number; it changes the URL and nothing else |
| \`/_/\` | no transformation |
| \`name.webp\` | the extension asks for a format when no \`f_\` does; the original is looked for under the whole name, without the extension, and with others |
| \`/image/upload/\`, \`/image/private/\`, \`/image/authenticated/\`, \`/iu/\`, \`/images/…/suffix\` | the long forms |
| \`/image/fetch/…/https://host/path\` | a picture on a host that the configuration names in \`fetchHosts\`; never another |
| \`$width_300\`, \`$half_iw_div_2\`, \`$name_!text!\` | a variable, put in where parameters after it say \`$width\`, also those of presets, and in texts \`$(name)\`: a number (\`_to_i\` without its fraction), arithmetic that comes first in a size, or a text. Whole numbers are worked out at once. Two URLs that come to the same are one picture |
| \`w_9%2Ch_9\`, \`w_9,\` and \`folder%2Fname\` | after \`/image/<delivery>/\`, an escaped comma between parameters, one at the end, and escaped slashes in the name are read as what they were meant for; signatures are of the text as written |
| \`/images/…\`, \`/image/…\`, \`/video/…\`, \`/v3/…\` | where it cannot be read as a long form or a version, or finds nothing so, the whole path is looked for as a name |
| \`?query\` | ignored, unless the configuration turns a query dialect on |

## Other programs' dialects

Read where \`dialects\` of the configuration names them: ${dialectNames.map((name) => `\`${name}\``).join(', ')}. \`ipx\`, \`cloudflare\`
and \`next\` are on unless \`spellings\` says otherwise. What one of them names (\`https://old.example/a.jpg\`, \`s3://bucket/a.jpg\`) lies where
\`sources\` says, and with a secret in \`dialectSecrets\` its URLs need their own signature.

| dialect | for instance | as here |
|---|---|---|
| \`ipx\` | \`/_ipx/s_128x128,f_webp/${id}\` | \`/c_fill_down,w_128,h_128,f_webp/${id}\` |
| \`cloudflare\` | \`/cdn-cgi/image/width=128,height=128,fit=cover,f=auto/${id}\` | \`/c_fill,w_128,h_128,f_auto/${id}\` |
| \`next\` | \`/_next/image?url=%2F${id}&w=128&q=75\` | \`/c_limit,w_128,q_75,f_auto/${id}\` |
| \`vercel\` | \`/_vercel/image?url=%2F${id}&w=128&q=75\` | \`/c_limit,w_128,q_75,f_auto/${id}\` |
| \`netlify\` | \`/.netlify/images?url=/${id}&w=128&h=128&fit=cover\` | \`/c_lfill,w_128,h_128,f_auto/${id}\` |
| \`amplify\` | \`/_amplify/image?url=%2F${id}&w=128&q=75\` | \`/c_limit,w_128,q_75,f_auto/${id}\` |
| \`imgproxy\` | \`/unsafe/rs:fill:128:128/plain/${id}@webp\` | \`/c_lfill,w_128,h_128,f_webp/${id}\` |
| \`thumbor\` | \`/unsafe/fit-in/128x128/filters:format(webp)/${id}\` | \`/c_limit,w_128,h_128/f_webp/${id}\` |
| \`imagor\` | \`/IGEn3TxngivD0jy4uuiZim2bdUCvhcnVi1Nm0xGy/stretch/128x128/filters:format(webp)/${id}\` | \`/c_scale,w_128,h_128/f_webp/${id}\` |
| \`imagekit\` | \`/${id}?tr=w-128,h-128,c-maintain_ratio\` | \`/c_fill,w_128,h_128/${id}\` |
| \`query\` | \`/${id}?w=128&h=128&fit=crop&fm=webp&q=80\` | \`/c_fill,w_128,h_128,f_webp,q_80/${id}\` |
| \`imgix\` | \`/${id}?w=128&h=128&fit=crop&auto=format\` | \`/c_fill,w_128,h_128/f_auto/${id}\` |
| \`sanity\` | \`/images/p/d/a-300x200.jpg?w=128&h=128&fit=crop\` | \`/c_fill,w_128,h_128/v1/images/p/d/a-300x200.jpg\` |
| \`storyblok\` | \`/f/1/${id}/m/128x128/smart\` | \`/c_fill,w_128,h_128,g_auto/f_auto/f/1/${id}\` |
| \`supabase\` | \`/storage/v1/render/image/public/b/${id}?width=128&height=128\` | \`/c_lfill,w_128,h_128/f_auto/b/${id}\` |
| \`shopify\` | \`/a_128x128_crop_center.jpg\` | \`/c_lfill,w_128,h_128/a.jpg\` |
| \`contentful\` | \`/${id}?w=128&h=128&fit=fill&f=face\` | \`/c_fill,w_128,h_128,g_face:center/${id}\` |
| \`directus\` | \`/${id}?width=128&height=128&withoutEnlargement=true\` | \`/c_lfill,w_128,h_128/${id}\` |
| \`photon\` | \`/${id}?resize=128,128\` | \`/c_lfill,w_128,h_128/${id}\` |
| \`bunny\` | \`/${id}?width=128&aspect_ratio=1:1\` | \`/c_crop,ar_1:1/c_limit,w_128/${id}\` |
| \`fastly\` | \`/${id}?width=128&height=128&fit=crop\` | \`/c_lfill,w_128,h_128/${id}\` |
| \`glide\` | \`/${id}?w=128&h=128&fit=crop\` | \`/c_fill,w_128,h_128/${id}\` |
| \`gumlet\` | \`/${id}?w=128&h=128&mode=crop&format=auto\` | \`/c_fill,w_128,h_128/f_auto/${id}\` |
| \`sirv\` | \`/${id}?w=128&h=128&scale.option=fill\` | \`/c_fill,w_128,h_128/f_auto/${id}\` |
| \`dit\` | \`/${ditPath}\` | \`/c_fill,w_128,h_128/f_webp/${id}\` |
| \`weserv\` | \`/?url=old.example/${id}&w=128&h=128&fit=cover&output=webp\` | \`/c_fill,w_128,h_128/f_webp,pg_1/${id}\` |

### imgproxy

Every option of its free version is drawn or refused by name, and of the paid one what can be drawn: \`background_alpha\`, \`adjust\`, \`brightness\`,
\`contrast\`, \`saturation\`, \`monochrome\` in grey, \`colorize\`, \`crop_aspect_ratio\`, \`dpi\`, \`page\`, \`disable_animation\`, \`watermark_url\`, \`watermark_size\`,
\`watermark_rotate\`, \`blur_detections\` and gravity \`obj\` of faces, \`fallback_image_url\` (pictures of our own), encrypted sources and pipelines parted by \`-\`. It is known by options before
\`plain/\`, \`enc/\` or a source in base64; a key that looks so is reached by \`/v1/\`. The signature in the first place counts where
\`dialectSecrets\` has a key, and is anything without one, such as the dash that builders write. Sizes are those of imgproxy, a pixel more or less. What differs:

- \`blur\` and \`sharpen\` are deviations there: \`e_blur\` of 40 times as much, less 12, has the same deviation, and \`e_sharpen\` of 100 times as much.
- \`trim\` takes distances of 0 to 255, which become per cent; \`contrast\` and \`saturation\` are factors, which become per cent more or less, up to 2.
- \`preset\` names presets of ours, drawn before the other options; \`skip_processing\` goes by the extension of the source.
- Padding is multiplied by all of \`dpr\`, also where the picture has too few pixels for it.
- Without \`format\` a picture keeps its own; \`f_auto\` in a preset negotiates.
- Refused: \`strip_metadata:0\` (metadata is always left out), \`enforce_thumbnail\`, limits of the server (\`max_src_resolution\` …), \`extend\` beside a \`dpr\` and no \`enlarge\` unless
  the picture is fitted, and \`min-width\` with \`width\` beside such a \`dpr\`.

### thumbor

Read are all words of a path (\`meta\`, \`trim\`, crops in pixels and shares, \`fit-in\` with \`adaptive-\` and \`full-\`, sizes with \`orig\` and mirrored ones,
\`left\` … \`smart\`) and its filters, in the order in which they are written, behind \`unsafe\` or a signature (28 characters). What begins so and is not imgproxy's
is taken for thumbor's; a key that looks so is reached by \`/v1/\`. The picture is a URL, or what \`https://\` would make of it, if \`sources\` know it, else a key. What differs:

- \`blur\` goes by its deviation (the radius, where it has none), \`sharpen\` by its amount, 100 times as much for us; \`trim\` takes distances of 0 to 442, which become per cent.
- \`fill(auto)\` takes the predominant colour, where thumbor takes the mean, and what is transparent is filled, too. \`smart\` is \`g_auto\`.
- \`meta\` answers as \`fl_getinfo\` does. Cache headers are fovea's own: \`max_age\` changes nothing. Metadata is left out, and \`strip_exif\` says so.
- Refused: \`debug\`, \`adaptive-full-fit-in\` of a box that is no square, \`fill\` beside such an \`adaptive-\`, \`no_upscale\` beside a crop or \`stretch\`, \`convolution\`, \`equalize\`, \`noise\`,
  \`rgb\`, \`gifv\`, \`autojpg\`, \`red_eye\`, elliptic \`round_corner\`, a \`watermark\` repeated along one side only, and turns that are no quarter turns.

### imagor

As thumbor's, with \`stretch\`, padding (\`10x20:30x40\`, which \`fill\` colours), pictures in base64 (\`b64:\`) and these filters: \`attachment\`, \`crop\`, \`expire\`, \`hue\`, \`image\` with a path of its own
(\`fxf\`: as large as the picture beneath), \`label\`, \`max_frames(1)\`, \`modulate\`, \`orient\`, \`page\`, \`palette\`, \`raw\`, \`redact\`, \`text\`, \`trim\`. A filter without arguments changes nothing where it needs one. Signatures are
HMAC-SHA1, or what \`hash\` says (\`sha256\`, \`sha512\`), cut to \`truncate\` characters. thumbor and imagor cannot be told apart by a URL: one of them, or one below a prefix. What differs:

- \`no_upscale\` of a box never makes a picture larger; imagor does where one side of it is smaller. \`full-fit-in\` does not enlarge without \`upscale\`.
- \`redact_oval\` hides faces as \`redact\` does, by \`e_blur_faces\` (40 for each pixel of deviation) or \`e_pixelate_faces\`. \`modulate\` and \`hue\` turn colours as ours do. \`fill(auto)\` is \`b_auto\`.
- \`compression\` and \`preview\` change nothing that is seen.
- Refused: \`color:\` pictures, \`rgb\`, \`lossless\`, \`bitdepth\`, \`dpi\`, \`to_colorspace\`, \`draw_detections\`, \`avgcolor\`, \`blurhash\`, \`thumbhash\`, videos, other blends than \`multiply\`, \`screen\` and \`overlay\`, \`text\` that wraps,
  \`f-50\` of a side, padding without \`fill\`, colours in \`redact\`.

### dit

AWS' Dynamic Image Transformation (Serverless Image Handler): JSON in base64 and thumbor's words before a key (\`/fit-in/300x200/filters:blur(7)/a.jpg\`, also with \`s3:bucket/\` and \`filters-…\`) of version 7, and
queries of both (\`?width=300&format=webp\`, \`?resize.width=300&resize.fit=cover\`), whose edits come in the place of the path's. \`bucket\` is \`s3://bucket/\` in \`sources\`. Edits go by sharp's names and in its order: \`trim\`, \`crop\`,
\`extract\`, \`smartCrop\` (\`g_face\`), \`rotate\`, \`flip\`, \`flop\`, \`resize\` (without \`fit\` the box is covered; also \`ratio\`), \`flatten\`, \`negate\`, \`grayscale\`, \`extend\`, \`threshold\`, \`blur\`, \`modulate\`, \`sharpen\`,
\`normalize\` (\`e_auto_contrast\`), \`tint\` (\`e_tint:100\`), \`overlayWith\`, \`watermark\` of version 8, \`roundCrop\`, \`animated\`, \`toFormat\`, and \`quality\` and \`progressive\` of encoders. \`headers\` and efforts change nothing.
\`signature\` is HMAC-SHA256 in hexadecimal of the path and the rest of the query, decoded and sorted; of a query with \`%26\` in a part it is none, since that reads as another one. \`expires\` ends the URL. What differs:

- \`blur\` and \`sharpen\` are as imgproxy's; \`strip_exif\` and \`strip_icc\` leave the orientation unapplied, as there.
- \`brightness\`, \`contrast\` and \`saturation\` in \`filters:\` are drawn as thumbor draws them, where the handler passes over them. Names of a query that it does not know say nothing.
- A key that begins as such words do is reached by \`/v1/\`. \`unsafe/\` is thumbor's, where that is read too.
- Refused: \`smartCrop\` of another face than the largest or with padding, \`contentModeration\`, \`convolve\`, \`gamma\`, \`median\`, \`linear\`, \`recomb\`, \`clahe\` and other edits, \`kernel\`, \`withoutEnlargement\` beside \`fill\`,
  one of \`left\` and \`top\` alone, \`watermark\` beside \`resize\`, TIFF and HEIF.

### weserv

\`/?url=old.example/a.jpg&w=300\`, as wsrv.nl has it: every option that is documented, in the order in which it works, and older names. A source begins with its host, or with a scheme, and \`sources\` or \`fetchHosts\` know it.
Values that it cannot read say nothing, as there, and of a name that is written twice the first counts. One frame is sent unless \`n=-1\`. Masks are \`msk_\`, \`mtrim\` cuts to them, and without \`output\` a JPEG that becomes
transparent is sent as PNG. \`default\` is one of our own pictures. Amplify's URLs may be at the root, too: one of the two, or one below a prefix. What differs:

- \`bri\` multiplies as \`e_brightness\` does (weserv adds), \`con\`, \`sat\`, \`hue\`, \`gam\` (2 at most), \`sharp\` and \`tint\` are ours; \`sharpf\`, \`sharpj\`, \`l\`, \`af\`, \`fsol\` and \`maxage\` change nothing.
- A cut that begins outside of the picture is refused; there it begins at the edge.
- Refused: \`filt=duotone\`, \`output=tiff\`, \`encoding\`, \`loop\`, \`delay\`, \`ll\`, \`n\` above 1, \`page\` below 0, \`we\` beside \`fit=fill\`, \`a=focal\` beside \`we\` or with \`fit=contain\`, cuts beside \`fit=contain\`, and in pixels from a place in per cent.

### imgix

Every option that imgix documents is drawn or refused by name; what it does not know says nothing. \`fit\` is \`clip\` unless the URL says otherwise, sides from above 0 to 1
are shares, \`dpr\` multiplies pixels, names with \`64\` behind them are in base64, and colours begin with what is opaque of them (\`AARRGGBB\`). Its path may be a whole URL, which
\`sources\` or \`fetchHosts\` know. With \`dialectSecrets\` a URL with options needs its \`s\` (MD5), and \`expires\` ends it. What differs:

- \`blur\`, \`bri\`, \`con\`, \`sat\`, \`vib\` and \`sepia\` are the numbers of ours; \`sharp\` and \`usm\` ten times as much, \`usmrad\` is as wide as ours, \`gam\` reaches from -50; \`auto=enhance\` is \`e_improve\`.
- \`monochrome\` is grey, tinted; \`trim\` has one tolerance for \`auto\`; \`facepad\` is the inverse of \`z_\`, \`faceindex\` is 1, and \`face-blur\` 20 times as much in \`e_blur_faces\`.
- \`fit=max\`, \`min\` and \`fillmax\` never enlarge; \`pad\` and \`border\` lie within the width and height that are asked for.
- \`auto=format\` beside \`fm\` negotiates; \`ch=width\` takes the width that a browser hints at, and other hints nothing.
- Refused: \`fit=clamp\`, \`blend\`, \`duotone\`, \`exp\`, \`high\`, \`shad\`, \`htn\`, \`nr\`, \`border-radius\`, \`colorquant\`, \`lossless\`, masks of pictures, marks with a query, texts with outlines, boxes or shadows,
  palettes and other answers that are no picture, videos, what a model would draw, and \`rot\` other than by 180, which turns within the frame (\`orient\` turns it along).

### ImageKit

Read are \`tr=\` in the query and \`tr:…\` as the first part of a path or the second, steps parted by \`:\`, layers of pictures and texts, and \`n-…\`, which names presets of ours. Both sides without \`c\` are
filled; \`cw\`, \`ch\` and \`iw\`, \`ih\` of its arithmetic are those of the picture. With \`dialectSecrets\` (the private key) such URLs need \`ik-s\`, HMAC-SHA1 of what follows the endpoint, which \`prefix\` names
(\`{"name": "imagekit", "prefix": "demo/"}\`); \`ik-t\` ends them. What differs:

- \`bl\` is a radius there: \`e_blur\` of 20 times as much, less 12; \`e-sharpen\` is ten times as much, \`e-usm\` goes by its amount alone, \`e-contrast\` is \`e_auto_contrast\`.
- \`fo-face\` looks where \`g_auto\` does without a face; \`z\` beside it is \`z_\` of \`c_thumb\`. Fonts go by their names. Without \`f\` a picture keeps its format.
- Refused: effects that need a model, \`e-shadow\`, \`e-gradient\`, \`e-distort\`, objects as focus, \`cr\`, \`lo\` but for PNG, \`md-true\`, blocks of one colour, layers in layers, \`lm\` but \`multiply\`, boxes of texts, and all of videos.

### How near they come

Mean difference of a channel, of 255, from what sharp draws by the program's own numbers, on photographs of 400 pixels: \`blur\` by a deviation, \`negate\`, \`grayscale\` and \`sharpen\` by a deviation of 1 0; saturation 1; \`blur\` and \`sharpen\`
without a number (\`e_blur:28\`, \`e_sharpen:30\`) 1 to 2; thresholds 2; \`normalize\` 2 to 3; brightness as a factor 3; \`tint\` 4 to 7; \`sharpen\` by a deviation of 2 5 to 7; hues 7; sepia 11 to 14. weserv's \`bri\` of -30 takes 76 from each channel,
where \`e_brightness:-30\` takes 30 per cent: 32 to 38.

### Others

What a program documents is drawn or refused by name; what it does not know says nothing. \`shopify\`, \`contentful\`, \`directus\`, \`photon\`, \`bunny\`, \`fastly\`, \`glide\`, \`gumlet\`, \`sirv\`, \`imgix\`, \`dit\` and \`query\` all
read the query of a key, so that only one of them may be named without a \`prefix\`.

- \`ipx\`: without \`enlarge\` a box that is larger than the picture is made smaller and keeps its shape; within \`inside\` and \`contain\` the picture then stays as large as it is. \`trim\` and \`threshold\` are of 255, \`modulate\`, \`brightness\`,
  \`saturation\` and \`hue\` are \`e_brightness\`, \`e_saturation\` and \`e_hue\`, \`tint\` \`e_tint:100\`, \`normalize\` \`e_improve\`. \`median\`, \`gamma\`, \`clahe\`, \`linear\`, \`dilate\`, \`erode\`, \`unflatten\`, \`lightness\` and other kernels are refused.
- \`cloudflare\`: also \`/cdn-cgi/imagedelivery/<account>/<key>/\` with options, \`public\` or a preset of ours at the end. \`zoom\` of a face is \`z_\` from 0.2 to 1, \`gamma\` from 0.5 to 2.5, \`blur\` eight times as much, \`format=json\` \`fl_getinfo\`. \`segment\`,
  \`metadata=keep\` and places in shares beside \`fit=pad\` are refused.
- \`sanity\`: options as in imgix, for files whose names say their sizes, with a name for readers behind them or without.
- \`storyblok\`: cuts, sizes, \`fit-in\`, \`smart\` (\`g_auto\`) and filters behind \`/m/\`; \`blur\` goes by its deviation; \`focal\` is refused, since a focus is kept with the picture. Formats are negotiated.
- \`supabase\`: \`render/image/public\` and \`authenticated\`, and \`object/\` for the originals; a bucket is what \`sources\` say of \`s3://<bucket>/\`, or a folder. Nothing is enlarged; \`sign\` and \`download\` are refused. Formats are negotiated.
- \`shopify\`: the query, and names such as \`a_300x200_crop_center@2x.progressive.jpg.webp\`. Nothing is enlarged.
- \`contentful\`: without \`fit\` a picture fits and is not enlarged; \`fit=thumb\` fills; a face is no place for padding.
- \`directus\`: sharp's ways of fitting, \`cover\` by itself; \`key\` names a preset of ours; \`transforms\` and focal points are refused.
- \`photon\`: WordPress' \`w\`, \`h\`, \`crop\`, \`resize\`, \`fit\`, \`lb\` and filters. Nothing is enlarged. One size and one cut before it are taken; brightness of 255 is 100 here.
- \`bunny\`: a cut before the size, which lies within both sides; nothing is enlarged without \`upscaling=resampling\`. \`class\` names a preset of ours, \`face_crop\` is \`g_faces:center\` and takes a size, \`blur\` ten times as much, \`sharpen\` \`e_sharpen\`;
  a \`crop\` of one number is refused.
- \`fastly\`: both sides without \`fit\` stretch; nothing is enlarged without \`enable=upscale\`. \`sharpen\` goes by its amount alone, \`blur\` by pixels. Overlays, montages, \`trim-color\`, \`viewbox\`, video, WebP without loss, a canvas with a place and
  offsets other than 0, 50 and 100 are refused.
- \`glide\`: fits and enlarges without \`fit\`; \`or\` turns counter-clockwise, \`p\` names presets of ours. \`blur\` is 20 times as much, \`sharp\` 10 times, \`gam\` from 0.5 to 2.5. Marks, \`trim\` and a zoom behind \`crop-x-y\` are refused; its signatures are not read.
- \`gumlet\`: imgix' options, with \`mode\`, \`format\`, \`compress\` and long names; \`extract\`, overlays and texts are refused.
- \`sirv\`: scales, cuts, lays on a canvas and turns, in this order; formats are negotiated unless one is named. \`profile\` names a preset of ours, \`crop.type\` is \`trim\` or \`face\`. \`blur\` is 20 times as much, \`sharpen\` 10 times. Texts, watermarks,
  frames, tones, levels and vignettes are refused.

## Taken, and without effect

- Flags: ${ignoredFlags.map((flag) => `\`${flag}\``).join(', ')}.
- What follows \`auto:\` in \`g_auto:…\` and is not listed under *Faces*, in \`w_auto:…\` and \`f_auto:image|animated|video\`; \`q_auto:sensitive\` and \`q_jpegmini\` are \`q_auto:good\`.
- \`g_body\`, \`g_ocr_text\`, \`g_adv_…\` look where \`g_auto\` or \`g_face\` look, and so do things (\`g_cat\`, \`g_bottle:…\`), which nothing finds here. \`c_imagga_…\` is \`c_auto\`.
- \`p_\`, \`qmax_\` after a quality, \`antialias_…\` and \`hinting_…\` among the styles of a text. \`q_jpegmini\` with a level is \`q_auto:good\`.
- \`b_\` beside nothing that is padded or transparent, \`co_\` beside nothing that has a colour, \`z_\` without a face or focal point.
- Query strings, and in \`cloudflare\`: \`compression\`, \`onerror\`, \`slow-connection-quality\`, \`origin-auth\`, \`anim=true\`.
`;
}
