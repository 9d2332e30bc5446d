import { z } from 'zod';
import { Failure, isFailure } from '../../failure.ts';
import type { Uploads } from '../../uploads/index.ts';
import { type Context, defineCommand, wholeNumberBetween } from '../command.ts';
import type { ImportItem } from '../import/item.ts';
import { itemsOf } from '../import/items.ts';
import { type ImportCounts, type Journal, openJournal } from '../import/journal.ts';
import type { Operations } from '../operations.ts';
import type { Progress } from '../output.ts';
import { throwIfFailed, walk } from '../walk.ts';

/** As many bodies as are always left to who operates it. */
const usualConcurrency = 4;
/** What is busy or broke off is asked once more; after that it is told, and the next one goes on. */
const tries = 2;

/** As `fetchHosts` has them; `http:` has to be said. */
const hostForm = /^(?:https?:\/\/)?(?:\*\.)?[a-z0-9.-]+(?::\d{1,5})?$/;

export const importCommand = defineCommand({
  name: 'import',
  summary: 'bring originals in from another bucket, a folder or a list of URLs, and go on where it stopped',
  notes: [
    'A list has a URL a line, with a key behind a tab if it shall have one; lines of JSON, of pages of Cloudinary’s Admin API',
    'too; or CSV with a column url or secure_url. Hosts have to be named (--host, fetchHosts, oldHost), and no private address is',
    'asked. Each picture is checked as an upload is; what is there already stays as it is, and is left out.',
  ],
  words: ['<source>', 's3://bucket/prefix, file:DIR, a folder, or the file of a list (- is stdin)'],
  options: [
    ['--prefix <prefix>', 'before each key, as in old/'],
    ['--strip <beginning>', 'taken off each URL to make its key, as in https://old.example/media/'],
    ['--host <host>', 'a host that may be asked, as in res.cloudinary.com or http://old.example', 'list'],
    ['--journal <file>', 'keeps how far it has come; with the same file the next run goes on there'],
    ['--concurrency <number>', `pictures at once (${usualConcurrency} unless said otherwise)`],
    ['--endpoint <url>', 'of the bucket, where it is elsewhere than FOVEA_S3_ENDPOINT says'],
    ['--region <region>', 'of the bucket, where it is another than AWS_REGION'],
    ['--dry-run', 'say what would come in, and bring nothing'],
  ],
  schema: z.object({
    prefix: z.string().default(''),
    strip: z.url({ protocol: /^https?$/, error: 'expected a URL' }).optional(),
    host: z
      .array(z.string().regex(hostForm, 'expected a host, as in old.example or http://old.example:8080'))
      .default([]),
    journal: z.string().min(1).optional(),
    concurrency: wholeNumberBetween(1, 16).default(usualConcurrency),
    endpoint: z.url({ protocol: /^https?$/, error: 'expected a URL' }).optional(),
    region: z.string().min(1).optional(),
    dryRun: z.boolean().default(false),
  }),
  examples: [
    [
      'fovea import s3://old-pictures --prefix old/ --journal import.json',
      'a bucket; Ctrl-C, and the same line goes on',
    ],
    ['fovea import urls.txt --host old.example --strip https://old.example/media/', 'a list of URLs'],
    ['fovea import resources.jsonl --host res.cloudinary.com --json > done.jsonl', 'pages of Cloudinary’s Admin API'],
  ],
  async run({ words, options, context }) {
    const [word, ...more] = words;
    if (word === undefined || more.length > 0) throw new Failure('invalid', 'Expected one source.');
    const operations = await context.open();
    const { prefix, strip, host: hosts, journal: path, dryRun, concurrency, endpoint, region } = options;
    const { sources } = operations.settings.grammar;
    const named = { prefix, strip, hosts, sources, endpoint, region };
    const items = await itemsOf(word, named, { ...context, operations });
    const journal = await openJournal(dryRun ? undefined : path, `${word} to ${prefix}`);
    const importing: Importing = { operations, journal, dryRun, bar: context.output.progress('importing', undefined) };
    const way = { items: journal.rest(items), keyOf: (item: ImportItem) => item.source, concurrency };
    try {
      const result = await walk(way, context, (item) => importOne(importing, item, context));
      await tellCounts(journal.counts, context);
      throwIfFailed(result);
    } finally {
      importing.bar.stop();
      await journal.close();
    }
  },
});

interface Importing {
  readonly operations: Operations;
  readonly journal: Journal;
  readonly dryRun: boolean;
  readonly bar: Progress;
}

async function importOne(importing: Importing, item: ImportItem, context: Context): Promise<void> {
  const { journal, bar } = importing;
  try {
    await journal.note(item, await bringIn(importing, item, context));
  } catch (error) {
    // What was stopped, or what is a bug, has not been looked at.
    if (isFailure(error) && !isFailure(error, 'cancelled') && !context.signal.aborted)
      await journal.note(item, 'failed');
    throw error;
  } finally {
    bar.advance();
  }
}

async function bringIn(
  { operations, dryRun }: Importing,
  item: ImportItem,
  { output, signal }: Context,
): Promise<'imported' | 'present'> {
  const key = item.key();
  const { source } = item;
  const { originals } = await operations.stores();
  if ((await originals.head(key, { signal })) !== undefined) {
    await output.record({ source, key, outcome: 'present' });
    return 'present';
  }
  if (!dryRun) await published(await operations.uploads(), { item, key }, signal);
  await output.print({ source, key, outcome: 'imported', ...(dryRun && { dryRun }) }, key);
  return 'imported';
}

interface Wanted {
  readonly item: ImportItem;
  readonly key: string;
}

async function published(uploads: Uploads, { item, key }: Wanted, signal: AbortSignal): Promise<void> {
  for (let left = tries; ; left -= 1) {
    try {
      const { files } = await uploads.receive(oneFile(key, await item.open(signal)), { signal });
      const [file] = files;
      if (file?.status === 'refused') throw file.failure;
      return;
    } catch (error) {
      if (left <= 1 || signal.aborted || !isFailure(error, 'upstream', 'timeout', 'overloaded')) throw error;
    }
  }
}

async function* oneFile(key: string, body: AsyncIterable<Uint8Array>) {
  yield { key, body };
}

async function tellCounts(counts: ImportCounts, { output }: Context): Promise<void> {
  const { imported, present, failed } = counts;
  await output.record(counts);
  output.note(`${imported} original(s) imported, ${present} were there, ${failed} failed`);
}
