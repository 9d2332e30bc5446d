import { z } from 'zod';
import { batchesAsTheyCome } from '../../batches.ts';
import { Failure, isFailure } from '../../failure.ts';
import { type Context, defineCommand, wholeNumberBetween } from '../command.ts';
import { readFile } from '../files.ts';
import { linesOf } from '../keys.ts';
import { type Compared, compareOne } from '../migrate/compare.ts';
import { tellMigration } from '../migrate/report.ts';
import { createLogReader, type LoggedRequest } from '../migrate/requests.ts';
import { createTally, type Skipped, type Tally } from '../migrate/tally.ts';
import type { Operations, UrlJudgement } from '../operations.ts';

/** Servers that write long user agents and cookies into a log have lines of so much, and no more. */
const maxLineLength = 64 * 1024;
/** URLs asked for at once when servers are compared: an old one is asked by its visitors, too. */
const comparedAtOnce = 2;
/** URLs judged before they wait for each other: most need no store. */
const judgedTogether = 32;

export const migrateCommand = defineCommand({
  name: 'migrate',
  summary: 'say what of another server’s traffic would be answered here, before its host name is moved',
  notes: [
    'Reads an access log as it comes: common and combined logs, CloudFront’s and others in W3C’s form, lines of JSON, or a list',
    'of URLs; only what the old server answered (200, 206, 304, where the log says) counts. URLs are judged under the policy in',
    'force, as those of whoever comes through a CDN. With --against pictures of a sample are asked of both and compared.',
  ],
  words: undefined,
  options: [
    ['--check <file>', 'the log, or a list of URLs (- is stdin)'],
    ['--only <beginning>', 'paths that begin so, as in /images/'],
    ['--look-up', 'look whether each original is there, too'],
    ['--against <url>', 'the old server, as in https://old.example: sizes and likeness of a sample'],
    ['--sample <number>', 'different URLs that are compared (50 unless said otherwise)'],
    ['--reasons <number>', 'reasons that are shown (20 unless said otherwise)'],
  ],
  schema: z.object({
    check: z.string({ error: 'expected the file of a log, or -' }).min(1, 'expected the file of a log, or -'),
    only: z.string().regex(/^\//, 'expected the beginning of a path, as in /images/').optional(),
    lookUp: z.boolean().default(false),
    against: z.url({ protocol: /^https?$/, error: 'expected a URL' }).optional(),
    sample: wholeNumberBetween(1, 2000).default(50),
    reasons: wholeNumberBetween(0, 500).default(20),
  }),
  examples: [
    ['fovea migrate --check access.log', 'what share is answered, what differs, what is refused and why'],
    ['zcat cloudfront/*.gz | fovea migrate --check - --json', 'a month of logs'],
    [
      'fovea migrate --check urls.txt --against https://old.example --sample 200',
      'and whether the pictures are the same',
    ],
  ],
  async run({ options, context }) {
    const operations = await context.open();
    const { check, reasons, against } = options;
    const source = check === '-' ? context.stdin : await readFile(check, context.signal);
    const read = await readLog(source, { operations, options, context });
    const compared = against === undefined ? [] : await compareAll(read.sample, { operations, against, context });
    await tellMigration({ ...read, compared: against === undefined ? undefined : compared }, { reasons }, context);
  },
});

interface Reading {
  readonly operations: Operations;
  readonly options: { readonly only?: string | undefined; readonly lookUp: boolean; readonly sample: number };
  readonly context: Context;
}

interface ReadLog {
  readonly tally: Tally;
  /** Different URLs of those that are answered, each as likely as the others. */
  readonly sample: readonly string[];
  readonly skipped: Skipped;
}

async function readLog(
  source: AsyncIterable<Uint8Array | string>,
  { operations, options, context }: Reading,
): Promise<ReadLog> {
  const { signal, output } = context;
  const tally = createTally();
  const sample: Sampling = { size: options.sample, chosen: [], offered: 0 };
  const skipped: Skipped = { unread: 0, unanswered: 0, others: 0 };
  const bar = output.progress('reading', undefined);
  const requests = countedIn(linesOf(source, signal, maxLineLength), options.only, skipped);
  const judging = { signal, looksUp: options.lookUp };
  const judge = async ({ target, host }: LoggedRequest) =>
    [target, await operations.judge(target, { ...judging, host })] as const;
  try {
    for await (const batch of batchesAsTheyCome(requests, judgedTogether)) {
      addAll(await Promise.all(batch.map(judge)), tally, sample);
      bar.advance(batch.length);
    }
  } finally {
    bar.stop();
  }
  return { tally, sample: sample.chosen, skipped };
}

async function* countedIn(lines: AsyncIterable<string>, only: string | undefined, skipped: Skipped) {
  const readLine = createLogReader();
  for await (const line of lines) {
    const request = counted(readLine(line), only, skipped);
    if (request !== undefined) yield request;
  }
}

/** What the old server has answered with a picture: of other requests there is nothing to be answered here. */
const answeredStatuses: ReadonlySet<number> = new Set([200, 206, 304]);

function counted(
  request: LoggedRequest | 'remark' | undefined,
  only: string | undefined,
  skipped: Skipped,
): LoggedRequest | undefined {
  if (request === 'remark') return undefined;
  if (request === undefined) {
    skipped.unread += 1;
    return undefined;
  }
  const { target, method, status = 200 } = request;
  if ((method !== 'GET' && method !== 'HEAD') || !answeredStatuses.has(status)) {
    skipped.unanswered += 1;
    return undefined;
  }
  if (only === undefined || target.startsWith(only)) return request;
  skipped.others += 1;
  return undefined;
}

/** Any of many, each as likely (algorithm R), without the many being kept. */
interface Sampling {
  readonly size: number;
  readonly chosen: string[];
  offered: number;
}

function addAll(judged: readonly (readonly [string, UrlJudgement])[], tally: Tally, sampling: Sampling): void {
  for (const [target, one] of judged) {
    const isNew = tally.add(target, one);
    if (!isNew || (one.outcome !== 'answered' && one.outcome !== 'differs')) continue;
    sampling.offered += 1;
    const place =
      sampling.chosen.length < sampling.size ? sampling.chosen.length : Math.floor(Math.random() * sampling.offered);
    if (place < sampling.size) sampling.chosen[place] = target;
  }
}

interface Comparing {
  readonly operations: Operations;
  readonly against: string;
  readonly context: Context;
}

async function compareAll(
  targets: readonly string[],
  { operations, against, context }: Comparing,
): Promise<readonly Compared[]> {
  const { signal, output } = context;
  const parts = { operations, renderer: await operations.renderer(), against, signal };
  const bar = output.progress('comparing', targets.length);
  const compared: Compared[] = [];
  const rest = targets[Symbol.iterator]();
  const work = async () => {
    for (const target of rest) {
      try {
        const one = await compareOne(parts, target);
        compared.push(one);
        await output.record(one);
      } catch (error) {
        if (!isFailure(error, 'upstream', 'timeout', 'too_large')) throw error;
        output.note(`${target}: ${error.message}`);
      }
      bar.advance();
    }
  };
  try {
    await Promise.all(Array.from({ length: comparedAtOnce }, work));
  } finally {
    bar.stop();
  }
  if (targets.length > 0 && compared.length === 0) throw new Failure('upstream', 'The old server answered nothing.');
  return compared;
}
