import type { ImageFormat } from '../../../../grammar/index.ts';
import { findMetadata } from '../../../containers/metadata/metadata.ts';
import type { RenderJob } from '../../../protocol/job.ts';
import type { LayerFiles } from '../../open/files.ts';
import { attributionIn } from './attribution.ts';
import { composedSource, digitalSourceIn, digitalSourceProperty } from './digital-source.ts';
import type { Embedded } from './embed.ts';
import { writeExif } from './exif-write.ts';
import type { XmpProperty } from './xmp-read.ts';
import { writeXmp } from './xmp-write.ts';

/** What a picture's file says beside its pixels: all of it is written here, nothing comes along from the original. */
export interface Statements {
  /** For the encoder. */
  readonly xmp: string | undefined;
  /** For the finished file. */
  readonly embedded: Embedded;
}

/** Formats whose density XMP has to say. */
const withoutDensity: readonly ImageFormat[] = ['webp', 'avif'];

/** Reads what the original says of who made it and how, and puts together what is to be said of the picture. */
export function statementsOf(job: RenderJob, original: Buffer, layers: LayerFiles): Statements {
  const { facts, transform, format, keepsAttribution, keepsAiMark } = job;
  const { density } = transform;
  const metadata =
    keepsAttribution || keepsAiMark ? findMetadata(facts.format, original, transform.page ?? 1) : nothing;
  const attribution = keepsAttribution ? attributionIn(metadata) : undefined;
  const source = keepsAiMark ? composedSource(digitalSourceIn(metadata), layerSources(layers)) : undefined;
  const xmp = writeXmp([
    ...(source === undefined ? [] : [digitalSourceProperty(source)]),
    ...(attribution?.properties ?? []),
    ...(density !== undefined && withoutDensity.includes(format) ? densityProperties(density) : []),
  ]);
  const exif = writeExif(attribution?.artist, attribution?.copyright);
  const isEncoders = format !== 'png' && format !== 'gif';
  return { xmp: isEncoders ? xmp : undefined, embedded: { exif, xmp: isEncoders ? undefined : xmp, density } };
}

const nothing = { xmp: [], iptc: [], creator: undefined, rights: undefined };

function layerSources(layers: LayerFiles): readonly (string | undefined)[] {
  return [...layers.values()].map(({ facts, file }) => digitalSourceIn(findMetadata(facts.format, file, 1)));
}

/** In inches, as TIFF's tags say it. */
function densityProperties(density: number): readonly XmpProperty[] {
  const says = (name: string, text: string): XmpProperty => ({ prefix: 'tiff', name, value: { kind: 'text', text } });
  return [says('XResolution', `${density}/1`), says('YResolution', `${density}/1`), says('ResolutionUnit', '2')];
}
