import type { Colour } from './colours.ts';

/** What an effect takes: its strength, and where a colour comes from. */
export interface EffectRule {
  readonly doc: string;
  readonly amount?: {
    readonly min: number;
    readonly max: number;
    readonly standard: number;
    readonly neutral?: number;
  };
  /**
   * `value`: an optional last part of the value; `several`: any number of them, each with a place or without; `first`: before the strength, and another may follow it; `qualifier`: `co_` of the same
   * component, grey when absent.
   */
  readonly colour?: 'value' | 'several' | 'first' | 'qualifier';
  /** Of `qualifier`, where it is not grey. */
  readonly standardColour?: Colour;
  /** What its value says at least, as an example. */
  readonly needs?: string;
  /** Words that may stand first, each of which makes it something else. */
  readonly modes?: readonly string[];
  /** Where none of them is written. */
  readonly standardMode?: string;
  /** A second number, behind the strength, or a word in its place. */
  readonly second?: { readonly min: number; readonly max: number; readonly standard: number; readonly word?: string };
  /** Offsets beside it say where it falls, and may be negative. */
  readonly takesOffsets?: true;
  /** Width, height and offsets beside it say where it works. */
  readonly isOfRegion?: true;
}

/** Every effect, with ranges and defaults as the official clients document them. */
const rules = {
  blur: { doc: 'Blurs the picture.', amount: { min: 1, max: 2000, standard: 100 } },
  grayscale: { doc: 'Removes colour.' },
  sharpen: { doc: 'Sharpens the picture.', amount: { min: 1, max: 2000, standard: 100 } },
  pixelate: { doc: 'Shows the picture as squares of this many pixels.', amount: { min: 1, max: 2000, standard: 100 } },
  blur_faces: {
    doc: 'Blurs faces, at least so far that they are hidden.',
    amount: { min: 1, max: 2000, standard: 500 },
  },
  pixelate_faces: {
    doc: 'Shows faces as squares of this many pixels, at least so large that they are hidden.',
    amount: { min: 1, max: 200, standard: 20 },
  },
  blur_region: {
    doc: 'Blurs the part that x_, y_, w_ and h_ say, without w_ and h_ all to the right and below.',
    amount: { min: 1, max: 2000, standard: 100 },
    isOfRegion: true,
  },
  pixelate_region: {
    doc: 'Shows the part that x_, y_, w_ and h_ say as squares of this many pixels.',
    amount: { min: 1, max: 200, standard: 20 },
    isOfRegion: true,
  },
  trim: {
    doc: 'Cuts off borders of one colour, with this tolerance.',
    amount: { min: 0, max: 100, standard: 10 },
    colour: 'value',
  },
  brightness: { doc: 'Changes brightness.', amount: { min: -99, max: 100, standard: 80, neutral: 0 } },
  red: { doc: 'Changes the red in each colour.', amount: { min: -100, max: 100, standard: 0, neutral: 0 } },
  green: { doc: 'Changes the green in each colour.', amount: { min: -100, max: 100, standard: 0, neutral: 0 } },
  blue: { doc: 'Changes the blue in each colour.', amount: { min: -100, max: 100, standard: 0, neutral: 0 } },
  contrast: { doc: 'Changes contrast.', amount: { min: -100, max: 100, standard: 0, neutral: 0 } },
  saturation: { doc: 'Changes saturation.', amount: { min: -100, max: 100, standard: 80, neutral: 0 } },
  hue: { doc: 'Turns the colours round the wheel.', amount: { min: -100, max: 100, standard: 80, neutral: 0 } },
  gamma: { doc: 'Changes the gamma curve.', amount: { min: -50, max: 150, standard: 0, neutral: 0 } },
  vibrance: { doc: 'Strengthens the weak colours.', amount: { min: -100, max: 100, standard: 20, neutral: 0 } },
  sepia: { doc: 'Tones the picture brown.', amount: { min: 1, max: 100, standard: 80 } },
  blackwhite: { doc: 'Black or white by this threshold.', amount: { min: 0, max: 100, standard: 50 } },
  negate: { doc: 'Inverts the colours.' },
  colorize: {
    doc: 'Mixes in the colour of co_.',
    amount: { min: 0, max: 100, standard: 100, neutral: 0 },
    colour: 'qualifier',
  },
  brightness_hsb: {
    doc: 'Changes the brightness of each colour, whose hue and strength stay.',
    amount: { min: -99, max: 100, standard: 80, neutral: 0 },
  },
  recolor: {
    doc: 'Makes the red, green and blue of each colour of shares of all three: nine numbers, row by row; or 16, with alpha.',
    needs: '0.3:0.7:0:0.2:0.6:0.2:0:0.3:0.7',
  },
  shear: {
    doc: 'Moves rows across and columns down, by two angles in degrees, and leaves clear corners.',
    needs: '20:0',
  },
  simulate_colorblind: {
    doc: 'Shows the picture as people see it who tell fewer colours apart; deuteranopia unless it says otherwise.',
    modes: [
      'protanopia',
      'protanomaly',
      'deuteranopia',
      'deuteranomaly',
      'tritanopia',
      'tritanomaly',
      'rod_monochromacy',
      'cone_monochromacy',
    ],
    standardMode: 'deuteranopia',
  },
  tint: {
    doc: 'Tints the picture with colours from dark to light, each where `<n>p` behind it says or all as far apart; with one between black and white (red when none is given). `equalize` spreads the light first.',
    amount: { min: 0, max: 100, standard: 60, neutral: 0 },
    colour: 'several',
    modes: ['equalize'],
  },
  replace_color: {
    doc: 'Makes what is like one colour, within a tolerance, like another, as in `e_replace_color:teal:50:red`: the new colour, the tolerance, and the old one, else the strongest.',
    amount: { min: 0, max: 100, standard: 50, neutral: 0 },
    colour: 'first',
    needs: 'red',
  },
  auto_brightness: { doc: 'Evens out brightness.', amount: { min: 0, max: 100, standard: 100, neutral: 0 } },
  auto_contrast: { doc: 'Evens out contrast.', amount: { min: 0, max: 100, standard: 100, neutral: 0 } },
  auto_color: { doc: 'Evens out the colour balance.', amount: { min: 0, max: 100, standard: 100, neutral: 0 } },
  unsharp_mask: { doc: 'Sharpens with an unsharp mask.', amount: { min: 1, max: 2000, standard: 100 } },
  opacity_threshold: {
    doc: 'Makes pixels opaque or clear by this threshold.',
    amount: { min: 1, max: 100, standard: 50 },
  },
  vignette: { doc: 'Darkens the corners.', amount: { min: 0, max: 100, standard: 20, neutral: 0 } },
  shadow: {
    doc: 'Adds a shadow in the colour of co_, at x_ and y_.',
    amount: { min: 0, max: 100, standard: 40 },
    colour: 'qualifier',
    takesOffsets: true,
  },
  outline: {
    doc: 'Draws the outline of what is not clear, so many pixels wide, on both sides of its edge or on one (`inner`, `outer`), or fills the shape (`inner_fill`) and what is around it (`fill`); the second number softens it as e_blur does.',
    amount: { min: 1, max: 100, standard: 5 },
    second: { min: 0, max: 2000, standard: 0 },
    colour: 'qualifier',
    standardColour: '000000',
    modes: ['inner', 'inner_fill', 'outer', 'fill'],
  },
  gradient_fade: {
    doc: 'Lets the picture fade towards its top, or as far as x_ and y_ say from the left and the top, or where they are negative from the right and the bottom; `symmetric` from both sides.',
    amount: { min: 0, max: 100, standard: 20, neutral: 0 },
    modes: ['symmetric'],
    takesOffsets: true,
  },
  oil_paint: {
    doc: 'Paints the picture with a brush, the broader the stronger it is.',
    amount: { min: 0, max: 100, standard: 30, neutral: 0 },
  },
  cartoonify: {
    doc: 'Draws the picture as a cartoon: the strength is that of its lines, the second number how few shades it has, or `bw` for lines alone.',
    amount: { min: 0, max: 100, standard: 50 },
    second: { min: 0, max: 100, standard: 50, word: 'bw' },
  },
  make_transparent: {
    doc: 'Makes clear what is like the edges of the picture and joined to them, within a tolerance.',
    amount: { min: 0, max: 100, standard: 10 },
  },
  improve: {
    doc: 'Stretches levels, mixed in by this share.',
    amount: { min: 0, max: 100, standard: 100, neutral: 0 },
  },
} as const satisfies Readonly<Record<string, EffectRule>>;

export type EffectName = keyof typeof rules;
export const effectRules: Readonly<Record<EffectName, EffectRule>> = rules;
export const effectNames = Object.keys(rules) as readonly EffectName[];
