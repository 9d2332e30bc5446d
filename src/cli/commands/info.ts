import { z } from 'zod';
import { Failure } from '../../failure.ts';
import { inspect } from '../../image/index.ts';
import { type ObjectStore, readBody } from '../../storage/index.ts';
import { cacheTag, isVariantObject, variantPrefix } from '../../variants/index.ts';
import { defineCommand } from '../command.ts';
import type { Operations } from '../operations.ts';

export const infoCommand = defineCommand({
  name: 'info',
  summary: 'tell what is known of an original, and what is stored of its variants',
  words: ['<key>', 'key of an original'],
  options: [
    ['--description', 'all that a page has to know, too: colours, placeholders, words, as GET /-/info/<key> tells it'],
    ['--faces', 'look for faces in it'],
  ],
  schema: z.object({ description: z.boolean().default(false), faces: z.boolean().default(false) }),
  examples: [
    ['fovea info cats/tom.jpg', 'format, size, version, variants'],
    ['fovea info cats/tom.jpg --json', 'the same for a program'],
    ['fovea info cats/tom.jpg --description', 'and its colours, its words and a placeholder'],
    ['fovea info people/ada.jpg --faces', 'and where faces are in it'],
  ],
  async run({ words, options, context }) {
    const { output, signal } = context;
    const [key = ''] = words;
    const operations = await context.open();
    const { variants } = await operations.stores();
    const { bytes: file, ...original } = await originalFacts(key, operations, signal);
    const seen = options.faces ? { faces: await facesIn({ key, file, ...original }, operations, signal) } : {};
    const stored = variants === undefined ? { count: 0, bytes: 0 } : await storedVariants(variants, key, signal);
    const description = options.description ? await operations.describe(key, signal) : undefined;
    if (description !== undefined) await (await operations.warming()).settled();
    const known = { key, ...original, bytes: file.byteLength, ...(description !== undefined && { description }) };
    const record = { ...known, ...seen, cacheTag: cacheTag(key), variants: stored };
    await output.print(record, linesFor(record));
  },
});

async function originalFacts(key: string, operations: Operations, signal: AbortSignal) {
  const { originals } = await operations.stores();
  const variants = await operations.variants();
  const identified = await variants.identify([{ key, transform: undefined }], { signal, readAhead: false });
  if (identified.kind !== 'original') throw new Error('an original was asked for');
  const { version, lastModified } = identified.identity.state;
  const object = await originals.get(key, { signal });
  if (object === undefined) throw new Failure('not_found', `There is no original ${key}.`);
  const bytes = await readBody(object, { maxBytes: operations.settings.maxInputBytes, signal });
  const { format, size, orientation, frames } = await inspect(bytes);
  return { format, ...size, orientation, frames, bytes, version, lastModified };
}

type OriginalFacts = Awaited<ReturnType<typeof originalFacts>>;
type Looked = Omit<OriginalFacts, 'bytes'> & { readonly key: string; readonly file: Uint8Array };

/** Left, top, width and height of each in pixels, the surest first, as `fl_getinfo` has them. */
async function facesIn({ key, file, version, width, height }: Looked, operations: Operations, signal: AbortSignal) {
  const renderer = await operations.renderer();
  const question = { original: file, secondLook: 'always' as const };
  const { faces, small = [] } = await renderer.faces(question, { signal, fingerprint: `${key}\0${version}` });
  return [...faces, ...small].map((face) =>
    [face.x * width, face.y * height, face.width * width, face.height * height].map(Math.round),
  );
}

async function storedVariants(store: Pick<ObjectStore, 'list'>, key: string, signal: AbortSignal) {
  let [count, bytes] = [0, 0];
  for await (const info of store.list(variantPrefix(key), { signal })) {
    if (!isVariantObject(info)) continue;
    count += 1;
    bytes += info.size;
  }
  return { count, bytes };
}

interface OriginalReport extends Omit<OriginalFacts, 'bytes'> {
  readonly key: string;
  readonly bytes: number;
  readonly faces?: readonly (readonly number[])[];
  readonly description?: Readonly<Record<string, unknown>>;
  readonly cacheTag: string;
  readonly variants: { readonly count: number; readonly bytes: number };
}

function linesFor({ key, variants, faces, description, ...facts }: OriginalReport): string {
  const turned = facts.orientation === 1 ? '' : `, EXIF orientation ${facts.orientation} applied`;
  const moves = facts.frames === 1 ? '' : `, ${facts.frames} frames`;
  return [
    key,
    `  format    ${facts.format}${moves}`,
    `  size      ${facts.width} x ${facts.height}${turned}`,
    `  bytes     ${facts.bytes}`,
    ...(faces === undefined ? [] : [`  faces     ${faces.length === 0 ? 'none' : faces.map(placeOf).join(', ')}`]),
    `  version   ${facts.version} of ${facts.lastModified.toISOString()}`,
    `  tag       ${facts.cacheTag}`,
    `  variants  ${variants.count} stored, ${variants.bytes} bytes`,
    ...(description === undefined ? [] : Object.entries(description).flatMap(describedLine)),
  ].join('\n');
}

/** What the lines before have said already is left out. */
const saidAbove: ReadonlySet<string> = new Set(['format', 'width', 'height', 'bytes', 'orientation', 'frames']);

function describedLine([name, value]: readonly [string, unknown]): string[] {
  if (saidAbove.has(name)) return [];
  return [`  ${name.padEnd(9)} ${typeof value === 'string' ? value : JSON.stringify(value)}`];
}

function placeOf([left, top, width, height]: readonly number[]): string {
  return `${width} x ${height} at ${left},${top}`;
}
