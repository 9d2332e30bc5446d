import { decodeOnce, hasControlCharacter, shorten } from '../ids/ids.ts';
import type { Parsed } from './values.ts';

/** Flags that decide bytes, sorted by name in the canonical form; `progressive` keeps its level. */
export const outputFlags = [
  'animated',
  'any_format',
  'awebp',
  'apng',
  'describe',
  'force_icc',
  'force_strip',
  'getinfo',
  'hdr',
  'keep_attribution',
  'keep_iptc',
  'lossy',
  'png8',
  'png24',
  'png32',
  'preserve_transparency',
  'progressive',
  'progressive:none',
  'progressive:semi',
  'progressive:steep',
  'strip_profile',
] as const;
export type OutputFlag = (typeof outputFlags)[number];

/** Flags that say something about their component, not about the bytes. */
export const componentFlags = ['ignore_aspect_ratio', 'layer_apply', 'no_overflow', 'relative', 'tiled'] as const;
export type ComponentFlag = (typeof componentFlags)[number];

/** Flags that say how the answer is given; they make no other variant. */
export const deliveryFlags = ['draw_errors'] as const;

/** Known to the official clients, taken, and without effect here. */
export const ignoredFlags = [
  'clip',
  'clip_evenodd',
  'cutter',
  'hlsv3',
  'ignore_mask_channels',
  'immutable_cache',
  'keep_dar',
  'mono',
  'no_stream',
  'original',
  'rasterize',
  'replace_image',
  'sanitize',
  'splice',
  'streaming_attachment',
  'text_disallow_overflow',
  'text_no_trim',
  'tiff8_lzw',
  'truncate_ts',
  'waveform',
] as const;

/** There are fewer flags than this. */
const maxFlags = 64;

/** What `fl_` of one component says, repeated keys merged. */
export interface Flags {
  readonly output: readonly OutputFlag[];
  readonly component: readonly ComponentFlag[];
  readonly attachment?: { readonly filename?: string };
}

/** Reads `fl_a.b`: split on the raw text, so that a file name may hold an encoded dot. */
export function parseFlags(raw: string): Parsed<Flags> {
  let flags: Flags = { output: [], component: [] };
  const rawFlags = raw.split('.', maxFlags + 1);
  if (rawFlags.length > maxFlags) return { problem: `fl_ takes at most ${maxFlags} flags` };
  for (const rawFlag of rawFlags) {
    const flag = parseFlag(decodeOnce(rawFlag));
    if (flag === undefined) return { problem: `there is no flag "${shorten(rawFlag)}"` };
    flags = mergeFlags(flags, flag);
  }
  return flags;
}

function parseFlag(flag: string): Flags | undefined {
  const nothing: Flags = { output: [], component: [] };
  const output = outputFlags.find((known) => known === flag);
  if (output !== undefined) return { ...nothing, output: [output] };
  // Without a detected region, shares of the region are shares of the picture.
  const component = flag === 'region_relative' ? 'relative' : componentFlags.find((known) => known === flag);
  if (component !== undefined) return { ...nothing, component: [component] };
  const [name = '', ...values] = flag.split(':');
  if (name === 'attachment') {
    const filename = values.join(':');
    if (filename.length > 255 || hasControlCharacter(filename)) return undefined;
    return { ...nothing, attachment: filename === '' ? {} : { filename } };
  }
  return [...deliveryFlags, ...ignoredFlags].some((known) => known === name) ? nothing : undefined;
}

/** Both sets of flags as one, each flag once, where it was written last. */
export function mergeFlags(first: Flags, second: Flags): Flags {
  const attachment = second.attachment ?? first.attachment;
  return {
    output: [...first.output.filter((flag) => !second.output.includes(flag)), ...second.output],
    component: [...first.component.filter((flag) => !second.component.includes(flag)), ...second.component],
    ...(attachment === undefined ? {} : { attachment }),
  };
}

/** Sorted, each once; of the progressive flags the last one written counts. */
export function sortOutputFlags(flags: readonly OutputFlag[]): readonly OutputFlag[] {
  if (flags.length === 0) return [];
  const progressive = flags.findLast((flag) => flag.startsWith('progressive'));
  const kept = flags.filter((flag) => !flag.startsWith('progressive') || flag === progressive);
  return Array.from(new Set(kept)).sort();
}

/** The canonical form of a set of flags. */
export function writeFlags(flags: Flags): string {
  const { attachment } = flags;
  const name = attachment?.filename === undefined ? '' : `:${encodeURIComponent(attachment.filename)}`;
  const words: string[] = [...new Set([...sortOutputFlags(flags.output), ...flags.component])].sort();
  if (attachment !== undefined) words.unshift(`attachment${name.replaceAll('.', '%2E')}`);
  return words.join('.');
}
