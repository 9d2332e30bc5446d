import { z } from 'zod';
import { batchesAsTheyCome } from '../../batches.ts';
import { Failure } from '../../failure.ts';
import type { PurgeRequest, PurgeResult } from '../../variants/index.ts';
import { type Context, defineCommand, texts } from '../command.ts';
import { purgeEdgeAgain } from '../edge-again.ts';
import { selectedKeys } from '../keys.ts';
import type { Operations } from '../operations.ts';

/** Keys of a list that go into one purge. */
const keysAtOnce = 1000;

export const purgeCommand = defineCommand({
  name: 'purge',
  summary: 'forget everything made of originals: stored variants, and the CDN by tag',
  notes: [
    'Originals stay. Running servers forget within a second, where FOVEA_VARIANTS is none within FOVEA_ORIGINAL_TTL; with a',
    'CDN the purge is repeated once they all have, which the queue does, or this command when there is none.',
  ],
  words: ['[keys...]', 'keys of originals; - reads them from stdin, one a line'],
  options: [
    ['--key <key>', 'an original', 'list'],
    ['--prefix <prefix>', 'all originals below it', 'list'],
    ['--tag <tag>', 'as answers carry it in x-amz-meta-cache-tag', 'list'],
    ['--url <url>', 'a public URL, or its path', 'list'],
    ['--dry-run', 'count only'],
    ['--no-wait', 'do not stay to purge the CDN a second time'],
  ],
  schema: z.object({
    key: texts,
    prefix: texts,
    tag: texts,
    url: texts,
    dryRun: z.boolean().default(false),
    wait: z.boolean(),
  }),
  examples: [
    ['fovea purge cats/tom.jpg', 'one original'],
    ['fovea purge --prefix cats/ --dry-run', 'what would go'],
    ['fovea purge --url https://img.example/w_400/cats/tom.jpg', 'by the address somebody complains about'],
    ['fovea purge - < keys.txt', 'a long list'],
  ],
  async run({ words, options, context }) {
    const { key, prefix, tag, url, dryRun, wait } = options;
    const operations = await context.open();
    const variants = await operations.variants();
    const request: PurgeRequest = { keys: key, prefixes: prefix, tags: tag, urls: url, dryRun };
    const isListed = [...key, ...prefix, ...tag, ...url].length === 0;
    if (isListed && words.length === 0) {
      throw new Failure('invalid', 'Nothing is named: expected keys, --prefix, --tag or --url.');
    }
    const results = isListed ? [] : [await variants.purge(request, context)];
    for await (const keys of batchesAsTheyCome(await chosenKeys(words, operations, context), keysAtOnce)) {
      results.push(await variants.purge({ keys, dryRun }, context));
    }
    await reportPurge(sumOf(results), dryRun, context);
    if (wait && !dryRun) await purgeEdgeAgain(operations, context);
  },
});

async function chosenKeys(words: readonly string[], operations: Operations, { stdin, signal }: Context) {
  const { originals } = await operations.stores();
  return selectedKeys({ words, prefix: undefined, startAfter: undefined }, { stdin, originals, signal });
}

type PurgeSum = Omit<PurgeResult, 'edge'> & { readonly edge: number };

function sumOf(results: readonly PurgeResult[]): PurgeSum {
  const total = (figure: (result: PurgeResult) => number) => results.reduce((sum, result) => sum + figure(result), 0);
  return {
    originals: total((result) => result.originals),
    variantsDeleted: total((result) => result.variantsDeleted),
    memoryEvicted: total((result) => result.memoryEvicted),
    edge: total((result) => result.edge.length),
  };
}

async function reportPurge(
  { originals, variantsDeleted, edge }: PurgeSum,
  dryRun: boolean,
  { output }: Context,
): Promise<void> {
  const did = dryRun ? 'would delete' : 'deleted';
  const edgeText = edge === 0 ? '' : `, ${edge} call(s) to the CDN`;
  await output.print(
    { dryRun, originals, variantsDeleted, edge },
    `${originals} original(s): ${did} ${variantsDeleted} stored variant(s)${edgeText}`,
  );
}
