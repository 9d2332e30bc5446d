import { z } from 'zod';
import { Failure } from '../../failure.ts';
import type { OriginalVersions } from '../../uploads/index.ts';
import { notFound } from '../../variants/index.ts';
import { type Context, defineCommand } from '../command.ts';
import { purgeEdgeAgain } from '../edge-again.ts';

export const versionsCommand = defineCommand({
  name: 'versions',
  summary: 'tell earlier states of an original, which a bucket with versioning keeps, and restore one',
  notes: [
    'The newest hundred, newest first; a deletion leaves a mark among them. What is restored comes back with what was said of',
    'it then, as a new version, and what was made of the one before is purged.',
  ],
  words: ['<key>', 'key of an original, which may be deleted'],
  options: [
    ['--restore <version>', 'put that one in the place of what is there'],
    ['--no-wait', 'do not stay to purge the CDN a second time'],
  ],
  schema: z.object({ restore: z.string().min(1).optional(), wait: z.boolean() }),
  examples: [
    ['fovea versions cats/tom.jpg', 'id, time and size of each'],
    ['fovea versions cats/tom.jpg --restore 3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY', 'and it is back'],
  ],
  async run({ words, options, context }) {
    const [key = ''] = words;
    const operations = await context.open();
    const { versions } = await operations.uploads();
    if (versions === undefined) {
      throw new Failure(
        'invalid',
        'A folder keeps no versions, and of several stores none are told: only one bucket with versioning has them.',
      );
    }
    if (options.restore === undefined) return tellAll(versions, key, context);
    await restore(versions, { key, version: options.restore }, context);
    await (await operations.variants()).purge({ keys: [key] }, { signal: context.signal });
    if (options.wait) await purgeEdgeAgain(operations, context);
  },
});

async function tellAll(versions: OriginalVersions, key: string, { output, signal }: Context): Promise<void> {
  const all = await versions.list(key, signal);
  if (all.length === 0) throw notFound(key);
  for (const { id, size: bytes, lastModified, isLatest } of all) {
    const what = bytes === undefined ? 'deleted' : `${bytes}`;
    const line = `${what.padStart(12)}  ${lastModified.toISOString()}  ${id}${isLatest ? '  (now)' : ''}`;
    await output.print({ key, id, lastModified, isLatest, isDeleted: bytes === undefined, bytes }, line);
  }
}

interface Restoring {
  readonly key: string;
  readonly version: string;
}

async function restore(versions: OriginalVersions, { key, version }: Restoring, { output, signal }: Context) {
  const restored = await versions.restore(key, version, signal);
  if (restored === 'unversioned')
    throw new Failure('invalid', 'The bucket keeps no versions: turn versioning on first.');
  if (restored === 'unknown')
    throw new Failure('not_found', `${key} has no version ${version} that could be restored.`);
  await output.print({ key, version, bytes: restored.size }, `${key}: ${version} is back`);
}
