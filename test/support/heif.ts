import { readFileSync } from 'node:fs';
import { dataOf, primaryItem, propertiesOf, readMeta } from '../../src/image/containers/avif-items.ts';
import { createBoxCount, find, wholeFile } from '../../src/image/containers/iso-boxes.ts';
import { box } from './avif.ts';

/** One of the pictures in `heic/`. */
export function heicFile(name: string): Buffer {
  return readFileSync(new URL(`heic/${name}.heic`, import.meta.url));
}

/** Coded pixels, and what has to be known to decode them. */
export interface CodedPicture {
  readonly configuration: Buffer;
  readonly stream: Buffer;
}

/** The primary picture of a HEIC that has just one. */
export function codedIn(file: Buffer): CodedPicture {
  const boxes = createBoxCount('heic');
  const meta = find(file, wholeFile(file), 'meta', boxes);
  if (meta === undefined) throw new Error('The file has no meta box.');
  const heif = readMeta(file, meta, boxes);
  const item = primaryItem(heif) ?? 0;
  const configuration = propertiesOf(heif, item).find(({ type }) => type === 'hvcC');
  const stream = dataOf(heif, item);
  if (configuration === undefined || stream === undefined) throw new Error('The file has no picture in HEVC.');
  return { configuration: file.subarray(configuration.at, configuration.to), stream };
}

export function ispe(width: number, height: number): Buffer {
  return box('ispe', words(0, width, height));
}

/** Turned to the left, so many quarters. */
export function irot(quarters: number): Buffer {
  return box('irot', Buffer.from([quarters]));
}

/** Mirrored: 0 up and down, 1 left and right. */
export function imir(axis: number): Buffer {
  return box('imir', Buffer.from([axis]));
}

export interface HeifItem {
  readonly type: 'hvc1' | 'grid';
  readonly data: Buffer;
  readonly properties: readonly Buffer[];
  /** Items that it is made of, from 1. */
  readonly madeOf?: readonly number[];
}

/** A HEIC of these items, of which the first is shown; each has its properties for itself. */
export function heifOf(items: readonly HeifItem[]): Buffer {
  const properties = items.flatMap((item) => item.properties);
  let used = 0;
  const associations = items.map((item, index) => {
    const own = item.properties.map((property) => {
      used += 1;
      const isEssential = ['hvcC', 'irot', 'imir', 'clap'].includes(property.toString('latin1', 4, 8));
      return (isEssential ? 0x80 : 0) | used;
    });
    return Buffer.concat([shorts(index + 1), Buffer.from([own.length, ...own])]);
  });
  const ipma = box('ipma', Buffer.concat([words(0, items.length), ...associations]));
  const iprp = box('iprp', Buffer.concat([box('ipco', Buffer.concat(properties)), ipma]));
  // Cells are not pictures of the file, so they are hidden.
  const hidden = new Set(items.flatMap(({ madeOf = [] }) => madeOf));
  const infos = items.map(({ type }, index) =>
    box(
      'infe',
      Buffer.concat([
        words(0x0200_0000 + Number(hidden.has(index + 1))),
        shorts(index + 1, 0),
        Buffer.from(`${type}\0`),
      ]),
    ),
  );
  const iinf = box('iinf', Buffer.concat([words(0), shorts(items.length), ...infos]));
  const derived = items.flatMap(({ madeOf }, index) =>
    madeOf === undefined ? [] : [box('dimg', shorts(index + 1, madeOf.length, ...madeOf))],
  );
  const iref = derived.length === 0 ? Buffer.alloc(0) : box('iref', Buffer.concat([words(0), ...derived]));
  const hdlr = box('hdlr', Buffer.concat([words(0, 0), Buffer.from('pict'), Buffer.alloc(13)]));
  const pitm = box('pitm', Buffer.concat([words(0), shorts(1)]));
  const ftyp = box('ftyp', Buffer.from('heic\0\0\0\0mif1heic', 'latin1'));
  const metaWith = (start: number) =>
    box('meta', Buffer.concat([words(0), hdlr, pitm, ilocOf(items, start), iinf, iref, iprp]));
  const start = ftyp.length + metaWith(0).length + 8;
  return Buffer.concat([ftyp, metaWith(start), box('mdat', Buffer.concat(items.map(({ data }) => data)))]);
}

function ilocOf(items: readonly HeifItem[], start: number): Buffer {
  let at = start;
  const entries = items.map(({ data }, index) => {
    at += data.length;
    return Buffer.concat([shorts(index + 1, 0, 1), words(at - data.length, data.length)]);
  });
  return box('iloc', Buffer.concat([words(0), shorts(0x4400, items.length), ...entries]));
}

/** A coded picture by itself, of a size that need not be its own. */
export function single({ configuration, stream }: CodedPicture, properties: readonly Buffer[]): Buffer {
  return heifOf([{ type: 'hvc1', data: stream, properties: [...properties, configuration] }]);
}

export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly width: number;
  readonly height: number;
  /** Of one cell. */
  readonly cell: readonly [width: number, height: number];
  /** Of the whole. */
  readonly properties?: readonly Buffer[];
  /** Which items the cells are; one each by default. */
  readonly madeOf?: readonly number[];
}

/** A grid in which every cell is that picture. */
export function gridOf({ configuration, stream }: CodedPicture, grid: Grid): Buffer {
  const { columns, rows, width, height, properties = [] } = grid;
  const data = Buffer.concat([Buffer.from([0, 0, rows - 1, columns - 1]), shorts(width, height)]);
  const madeOf = grid.madeOf ?? Array.from({ length: columns * rows }, (_, index) => index + 2);
  const cells = [...new Set(madeOf)].map(
    (): HeifItem => ({ type: 'hvc1', data: stream, properties: [ispe(...grid.cell), configuration] }),
  );
  return heifOf([{ type: 'grid', data, properties: [ispe(width, height), ...properties], madeOf }, ...cells]);
}

function words(...values: readonly number[]): Buffer {
  return Buffer.concat(values.map((value) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value])));
}

function shorts(...values: readonly number[]): Buffer {
  return Buffer.concat(values.map((value) => Buffer.from([value >>> 8, value])));
}
