import sharp, { type Sharp } from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';
import { mediaTypeOf } from '../../../formats.ts';
import { findBlocks, findMetadata } from '../../containers/metadata/metadata.ts';
import type { Described } from '../../protocol/description.ts';
import type { RenderJob } from '../../protocol/job.ts';
import { digitalSourceIn } from '../write/metadata/digital-source.ts';
import { readXmp, type XmpValue } from '../write/metadata/xmp-read.ts';
import { blurHashOf, type Pixels } from './blur-hash.ts';
import { cameraIn } from './camera.ts';
import { mainColours } from './main-colours.ts';

const mostPlaceholder = 400;
const mostCharacters = 500;

/** Describes a picture by the small one that was drawn of it, and by what its file says. */
export async function describe(job: RenderJob, drawn: Sharp, file: Buffer): Promise<Described> {
  const { data, info } = await drawn
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const pixels: Pixels = { data, width: info.width, height: info.height };
  return {
    thumbHash: Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64'),
    blurHash: blurHashOf(pixels),
    palette: mainColours(pixels),
    placeholder: await placeholderOf(pixels),
    ...(await wordsOf(job, file)),
  };
}

/** The largest of a few small pictures that fits: WebP, which every browser of today shows, alpha too. */
async function placeholderOf({ data, width, height }: Pixels): Promise<string> {
  let uri = '';
  for (const side of [24, 20, 16, 12, 8, 4]) {
    const small = sharp(data, { raw: { width, height, channels: 4 } }).resize(side, side, { fit: 'inside' });
    uri = `data:${mediaTypeOf('webp')};base64,${(await small.webp({ quality: 30, alphaQuality: 30, effort: 6 }).toBuffer()).toString('base64')}`;
    if (uri.length <= mostPlaceholder) break;
  }
  return uri;
}

type Words = Pick<Described, 'profile' | 'isP3Profile' | 'hasGainMap' | 'alt' | 'digitalSource' | 'exif'>;

/** What is the author's own to tell is told where anybody may have the file itself. */
async function wordsOf({ facts, maySendOwn, transform }: RenderJob, file: Buffer): Promise<Words> {
  const page = transform.page ?? 1;
  const metadata = findMetadata(facts.format, file, page);
  const { icc } = await sharp(file)
    .metadata()
    .catch(() => ({ icc: undefined }));
  const { exif } = findBlocks(facts.format, file, page);
  const blocks = facts.format === 'tiff' ? [file] : exif.slice(0, 1);
  return {
    profile: icc && profileName(icc),
    isP3Profile: icc !== undefined && hasRedOfP3(icc),
    hasGainMap: metadata.xmp.some((packet) => packet.includes('hdrgm:Version') || packet.includes('HDRGainMap')),
    alt: maySendOwn ? altIn(metadata.xmp) : undefined,
    digitalSource: digitalSourceIn(metadata),
    exif: maySendOwn ? Object.assign({}, ...blocks.map(cameraIn)) : {},
  };
}

/** The first words of a profile's description, whichever of ICC's two ways they are written in. */
function profileName(icc: Buffer): string | undefined {
  const text = icc.toString('latin1', 128, 8192).replaceAll('\0', '');
  return /(?:Display P3|DCI[- ]?P3|sRGB|Adobe RGB|ProPhoto|Rec\.? ?2020|BT\.?2020|Apple RGB|Dot Gain|Gray Gamma)[ \w.()-]{0,40}/i.exec(
    text,
  )?.[0];
}

/** The red of Display P3 as profiles write it: for the white of paper (D50), X and Y. */
const p3Red = [0.5151, 0.2412] as const;

/** By the profile's own numbers (ICC.1:2022, §7.3 and §10.31): many call themselves something else. */
function hasRedOfP3(icc: Buffer): boolean {
  try {
    const tags = Math.min(icc.readUInt32BE(128), 100);
    for (let at = 132; at < 132 + tags * 12; at += 12) {
      if (icc.toString('latin1', at, at + 4) !== 'rXYZ') continue;
      const from = icc.readUInt32BE(at + 4) + 8;
      return p3Red.every((value, axis) => Math.abs(icc.readInt32BE(from + axis * 4) / 65_536 - value) < 0.004);
    }
  } catch (error) {
    // It points outside of itself.
    if (!(error instanceof RangeError)) throw error;
  }
  return false;
}

/** IPTC's alternative text (Photo Metadata Standard 2021.1), in the language that is meant where none is asked for. */
function altIn(packets: readonly Buffer[]): string | undefined {
  const property = packets
    .filter((packet) => packet.includes('AltTextAccessibility'))
    .flatMap(readXmp)
    .find(({ prefix, name }) => prefix === 'Iptc4xmpCore' && name === 'AltTextAccessibility');
  return property && textOf(property.value)?.slice(0, mostCharacters);
}

function textOf(value: XmpValue): string | undefined {
  if (value.kind === 'text') return value.text.trim();
  if (value.kind !== 'list') return undefined;
  const item = value.items.find(({ language }) => language === 'x-default') ?? value.items[0];
  return item && textOf(item.value);
}
