import { type Angle, isStill, parseAngle, writeAngle } from '../angles.ts';
import { parseAspectRatio, writeAspectRatio } from '../aspect-ratio.ts';
import { type CropMode, cropModes, parseCrop } from '../crop.ts';
import { compassPoints, type Gravity, parseGravity, writeGravity } from '../gravity.ts';
import { type Length, parseLength, writeLength } from '../lengths.ts';
import { decimalRow, oneOf, type Parameter, wholeNumberRow } from '../parameter.ts';
import { maxInteger } from '../values.ts';

const lengthRange = 'whole pixels from 1 to 65535, a share such as 0.5, or arithmetic such as iw_div_2';

const angle: Parameter<Angle> = {
  key: 'a',
  doc: 'Turns clockwise by degrees, flips, or leaves the EXIF orientation unapplied.',
  range: 'degrees, hflip, vflip, ignore, auto_left or auto_right, joined by "."',
  example: 'a_90',
  closed: oneOf('90', '180', '270', 'hflip', 'vflip'),
  parse: parseAngle,
  write: writeAngle,
  isNeutral: isStill,
};

const crop: Parameter<CropMode> = {
  key: 'c',
  doc: 'Decides how the picture meets its new size.',
  range: cropModes.join(', '),
  example: 'c_fill',
  closed: oneOf(...cropModes),
  parse: parseCrop,
  write: (mode) => mode,
};

const width: Parameter<Length | 'auto'> = {
  key: 'w',
  doc: 'Sets the width; auto takes it from client hints where they are used.',
  range: `${lengthRange}, or auto`,
  example: 'w_300',
  closed: { kind: 'held', says: 'on the ladder, with every dpr' },
  parse: (text) => (text === 'auto' || text.startsWith('auto:') ? 'auto' : parseLength(text, 'size')),
  write: (value) => (value === 'auto' ? value : writeLength(value)),
};

const height: Parameter<Length> = {
  key: 'h',
  doc: 'Sets the height.',
  range: lengthRange,
  example: 'h_300',
  closed: { kind: 'held', says: 'whole pixels: any beside a width, on the ladder without one' },
  parse: (text) => parseLength(text, 'size'),
  write: writeLength,
};

const aspectRatio: Parameter<number> = {
  key: 'ar',
  doc: 'Gives the missing side, or the largest box of this ratio.',
  range: 'width:height or a number, from 0.001 to 1000',
  example: 'ar_16:9',
  closed: oneOf('1:1', '2:1', '1:2', '3:2', '2:3', '4:3', '3:4', '5:4', '4:5', '16:9', '9:16', '21:9'),
  parse: parseAspectRatio,
  write: writeAspectRatio,
};

const closedFaces = ['face', 'face:center', 'face:auto', 'faces', 'faces:center', 'faces:auto'];

const gravity: Parameter<Gravity> = {
  key: 'g',
  doc: 'Says which part a crop keeps, or where padding and layers put the picture.',
  range:
    'a compass point (north_west ... south_east), center, xy_center, auto (:classic, :face, :faces, :no_faces), face or faces (:center, :auto), or custom',
  example: 'g_north_west',
  closed: oneOf(...compassPoints, ...closedFaces, 'auto', 'auto:face', 'auto:faces', 'custom', 'custom:face'),
  parse: parseGravity,
  write: writeGravity,
};

const offset = (side: 'x' | 'y', outwards: string): Parameter<Length> => ({
  key: side,
  doc: `Moves inwards from the side that g_ names, or ${outwards}.`,
  range: 'whole pixels, a share such as 0.1, or arithmetic such as w_div_4',
  example: `${side}_10`,
  parse: (text) => parseLength(text, 'offset'),
  write: writeLength,
});

const zoom = decimalRow({
  key: 'z',
  doc: 'Brings a thumb nearer to its face or focal point, or takes it further away.',
  min: 0.01,
  max: 100,
  example: 'z_0.7',
});

const least = (side: 'width' | 'height') =>
  wholeNumberRow({
    key: side === 'width' ? 'mw' : 'mh',
    doc: `Enlarges the picture to this ${side}, where its size comes to less; cuts come after it.`,
    min: 1,
    max: maxInteger,
    unit: 'pixels',
    example: side === 'width' ? 'mw_160' : 'mh_120',
  });

const boundedDpr = decimalRow({
  key: 'ldpr',
  doc: 'Multiplies the sizes of a mode that never enlarges, as far as the picture has pixels for them.',
  min: 0.01,
  max: 10,
  neutral: 1,
  example: 'ldpr_2.0',
});

/** How a step turns, cuts and sizes the picture, in the order of the work. */
export const shape = {
  angle,
  crop,
  width,
  height,
  aspectRatio,
  minWidth: least('width'),
  minHeight: least('height'),
  boundedDpr,
  gravity,
  x: offset('x', 'to the right'),
  y: offset('y', 'down'),
  zoom,
};
