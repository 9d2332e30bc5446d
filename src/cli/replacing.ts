import { isFailure } from '../failure.ts';
import type { Point } from '../grammar/index.ts';
import type { Uploads } from '../uploads/index.ts';
import type { Variants } from '../variants/index.ts';
import type { Context } from './command.ts';
import type { FileToUpload } from './files.ts';
import { tellFailure } from './walk.ts';

/** What replacing is done with. */
export interface Replacing {
  readonly uploads: Pick<Uploads, 'replace'>;
  readonly variants: Pick<Variants, 'purge'>;
  readonly focus: Point | undefined;
}

/** Files whose originals are purged together: what was put is the old one to nobody for longer than these take. */
export const replacedTogether = 20;

/**
 * Each file takes the place of the original of its key, or comes where none is; then what was made of the ones before is purged.
 * One that is refused is told, and the others go on. Throws the first refusal at the end.
 */
export async function replaceFiles(
  { uploads, variants, focus }: Replacing,
  files: readonly FileToUpload[],
  { output, signal }: Pick<Context, 'output' | 'signal'>,
): Promise<void> {
  const keys: string[] = [];
  let refusal: unknown;
  for (const { key, open } of files) {
    try {
      const replaced = await uploads.replace({ key, focus, body: await open() }, { over: 'any', signal });
      if (replaced === undefined) throw new Error('whatever is there may be replaced');
      keys.push(key);
      const { wasThere, ...facts } = replaced;
      const status = wasThere ? 'replaced' : 'published';
      await output.print({ status, ...facts }, `${key}  ${facts.format} ${facts.width} x ${facts.height}  ${status}`);
    } catch (error) {
      if (!isFailure(error) || signal.aborted) throw error;
      await tellFailure(key, error, output);
      refusal ??= error;
    }
  }
  if (keys.length > 0) await variants.purge({ keys }, { signal });
  if (refusal !== undefined) throw refusal;
}
