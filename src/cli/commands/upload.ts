import { z } from 'zod';
import { batchesAsTheyCome } from '../../batches.ts';
import { Failure, isFailure } from '../../failure.ts';
import { type Point, parseFocus } from '../../grammar/index.ts';
import type { ObjectStore } from '../../storage/index.ts';
import { type BatchReport, type FileReport, maxFiles, type Uploads } from '../../uploads/index.ts';
import { type Context, defineCommand } from '../command.ts';
import { purgeEdgeAgain } from '../edge-again.ts';
import { type FileToUpload, filesToUpload } from '../files.ts';
import { type Replacing, replacedTogether, replaceFiles } from '../replacing.ts';
import { tellFailure, throwIfFailed, type WalkResult, walk } from '../walk.ts';

export const uploadCommand = defineCommand({
  name: 'upload',
  summary: 'bring originals in, checked as every upload is: all of a batch or none',
  notes: [
    'A key is the prefix and the name: of what is in a folder, its path there. Folders are searched for pictures; up to',
    '100 files make a batch, in order of their keys. Nothing is overwritten but with --replace, which takes each file for',
    'itself: what was made of the original before is purged, and what people have said of it stays.',
  ],
  words: ['[paths...]', 'files and folders'],
  options: [
    ['--prefix <prefix>', 'before each name, as in cats/'],
    ['--key <key>', 'the key of a single file'],
    ['--focal <x,y>', 'what matters most, in shares of width and height, for g_custom: as in 0.3,0.25'],
    ['--skip-existing', 'leave out what is there already, by its key'],
    ['--replace', 'put each in the place of the original of its key, or where none is'],
    ['--no-wait', 'after --replace, do not stay to purge the CDN a second time'],
    ['--start-after <key>', 'begin behind this key: goes on where another run was stopped'],
    ['--commit <batch>', 'publish what was uploaded to presigned addresses instead'],
  ],
  schema: z.object({
    prefix: z.string().default(''),
    key: z.string().optional(),
    focal: z.string().optional(),
    skipExisting: z.boolean().default(false),
    replace: z.boolean().default(false),
    wait: z.boolean(),
    startAfter: z.string().optional(),
    commit: z.string().optional(),
  }),
  examples: [
    ['fovea upload tom.jpg --key cats/tom.jpg', 'one file'],
    ['fovea upload ~/photos --prefix 2026/ --skip-existing', 'a folder, whatever of it is not there yet'],
    ['fovea upload tom.jpg --key cats/tom.jpg --replace', 'a better picture under the same URL'],
    ['fovea upload --commit 019a9f3e-6a5c-7000-8000-000000000000', 'after fovea presign and the upload itself'],
  ],
  async run({ words, options, context }) {
    const focus = options.focal === undefined ? undefined : parseFocus(options.focal);
    const operations = await context.open();
    const uploads = await operations.uploads();
    if ((words.length === 0) === (options.commit === undefined)) {
      throw new Failure('invalid', 'Expected files and folders, or --commit with a batch.');
    }
    if (options.commit !== undefined) {
      await tellReport(await uploads.commit(options.commit, { owner: undefined, signal: context.signal }), context);
      return;
    }
    if (options.replace && options.skipExisting) {
      throw new Failure('invalid', '--replace is for what is there, which --skip-existing leaves out.');
    }
    const { originals } = await operations.stores();
    const files = await filesToUpload(words, options, context);
    const chosen = options.skipExisting ? absentOf(files.files, originals, context.signal) : files.files;
    const variants = options.replace ? await operations.variants() : undefined;
    const result = await sendAll({ uploads, variants, focus }, { files: chosen, total: files.total }, context);
    if (options.replace && options.wait) await purgeEdgeAgain(operations, context);
    throwIfFailed(result);
  },
});

interface Sending {
  readonly uploads: Uploads;
  /** Given where what is there is replaced. */
  readonly variants: Replacing['variants'] | undefined;
  readonly focus: Point | undefined;
}

interface Files {
  readonly files: AsyncIterable<FileToUpload>;
  readonly total: number | undefined;
}

async function sendAll(
  { uploads, variants, focus }: Sending,
  { files, total }: Files,
  context: Context,
): Promise<WalkResult> {
  const progress = context.output.progress('uploading', total);
  const done = { files: 0 };
  const result = await walk(
    {
      items: batchesAsTheyCome(files, variants === undefined ? maxFiles : replacedTogether),
      keyOf: (batch) => batch.at(-1)?.key ?? '',
      concurrency: 1,
      isToldByWork: true,
    },
    context,
    async (batch) => {
      if (variants === undefined) await tellReport(await send({ uploads, focus }, batch, context), context);
      else await replaceFiles({ uploads, variants, focus }, batch, context);
      done.files += batch.length;
      progress.advance(batch.length);
    },
  ).finally(progress.stop);
  const rest = result.failed > 0 ? `, ${result.failed} batch(es) not${variants === undefined ? '' : ' whole'}` : '';
  context.output.note(`${done.files} file(s) published${rest}`);
  return result;
}

async function* absentOf(
  files: AsyncIterable<FileToUpload>,
  originals: Pick<ObjectStore, 'head'>,
  signal: AbortSignal,
) {
  for await (const file of files) if ((await originals.head(file.key, { signal })) === undefined) yield file;
}

async function send(
  { uploads, focus }: { readonly uploads: Uploads; readonly focus: Point | undefined },
  batch: readonly FileToUpload[],
  context: Context,
): Promise<BatchReport> {
  try {
    return await uploads.receive(incoming(batch, focus), context);
  } catch (error) {
    const [first] = batch;
    if (isFailure(error) && first !== undefined) await tellFailure(`${first.key} and its batch`, error, context.output);
    throw error;
  }
}

async function* incoming(batch: readonly FileToUpload[], focus: Point | undefined) {
  for (const { key, open } of batch) yield { key, focus, body: await open() };
}

/** Prints what became of each file; throws the first refusal. */
async function tellReport({ batch, files }: BatchReport, { output }: Context): Promise<void> {
  for (const file of files) {
    if (file.status === 'published') {
      await output.print({ batch, ...file }, `${file.key}  ${file.format} ${file.width} x ${file.height}`);
    } else {
      await output.record({ batch, status: file.status, key: file.key, ...reasonOf(file) });
      output.note(`${file.key}: ${file.status === 'refused' ? file.failure.message : 'held back with its batch'}`);
    }
  }
  const refused = files.find((file) => file.status === 'refused');
  if (refused !== undefined) throw refused.failure;
}

function reasonOf(file: FileReport) {
  if (file.status !== 'refused') return {};
  const { kind, message } = file.failure;
  return { error: { kind, message } };
}
