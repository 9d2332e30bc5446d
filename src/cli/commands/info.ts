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
  options: [],
  schema: z.object({}),
  examples: [
    ['fovea info cats/tom.jpg', 'format, size, version, variants'],
    ['fovea info cats/tom.jpg --json', 'the same for a program'],
  ],
  async run({ words, context }) {
    const { output, signal } = context;
    const [key = ''] = words;
    const operations = await context.open();
    const { variants } = await operations.stores();
    const original = await originalFacts(key, operations, signal);
    const stored = variants === undefined ? { count: 0, bytes: 0 } : await storedVariants(variants, key, signal);
    const record = { key, ...original, cacheTag: cacheTag(key), variants: stored };
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
  return { format, ...size, orientation, frames, bytes: bytes.byteLength, version, lastModified };
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

type OriginalFacts = Awaited<ReturnType<typeof originalFacts>>;
interface OriginalReport extends OriginalFacts {
  readonly key: string;
  readonly cacheTag: string;
  readonly variants: { readonly count: number; readonly bytes: number };
}

function linesFor({ key, variants, ...facts }: OriginalReport): string {
  const turned = facts.orientation === 1 ? '' : `, EXIF orientation ${facts.orientation} applied`;
  const moves = facts.frames === 1 ? '' : `, ${facts.frames} frames`;
  return [
    key,
    `  format    ${facts.format}${moves}`,
    `  size      ${facts.width} x ${facts.height}${turned}`,
    `  bytes     ${facts.bytes}`,
    `  version   ${facts.version} of ${facts.lastModified.toISOString()}`,
    `  tag       ${facts.cacheTag}`,
    `  variants  ${variants.count} stored, ${variants.bytes} bytes`,
  ].join('\n');
}
