import { z } from 'zod';
import { Failure } from '../../failure.ts';
import { createPlainFile, type PlainFile } from '../../storage/index.ts';
import type { ImportItem } from './item.ts';

const counts = z.object({ imported: z.number(), present: z.number(), failed: z.number() });
const record = z.object({
  version: z.literal(1),
  /** What is imported, as it was said. */
  from: z.string(),
  /** All up to here, this one too, have been looked at; undefined at the beginning. */
  after: z.string().optional(),
  counts,
});

export type ImportCounts = z.infer<typeof counts>;
type JournalRecord = z.infer<typeof record>;

/** How far an import has come, in a file of its own, so that the next run goes on there. */
export interface Journal {
  readonly counts: ImportCounts;
  /** The items that are still to be looked at, each of which is noted as begun. */
  rest(items: AsyncIterable<ImportItem>): AsyncIterable<ImportItem>;
  /** What has become of one. */
  note(item: ImportItem, outcome: keyof ImportCounts): Promise<void>;
  /** Writes what is not written yet. */
  close(): Promise<void>;
}

/** Items between two writes. */
const writtenEach = 50;
const maxBytes = 1024 * 1024;

interface Begun {
  readonly item: ImportItem;
  isDone: boolean;
}

interface JournalState {
  readonly file: PlainFile | undefined;
  readonly record: JournalRecord;
  /** In their order, from the first that is not done. */
  readonly underWay: Begun[];
  unwritten: number;
}

/**
 * Opens the journal at a path, or begins one; without a path nothing is kept. Failure `invalid` for a file that is none, or that
 * is of another import.
 */
export async function openJournal(path: string | undefined, from: string): Promise<Journal> {
  const file = path === undefined ? undefined : createPlainFile(path);
  const before = file && (await readJournal(file, { path: path ?? '', from }));
  const fresh: JournalRecord = { version: 1, from, counts: { imported: 0, present: 0, failed: 0 } };
  const state: JournalState = { file, record: before ?? fresh, underWay: [], unwritten: 0 };
  return {
    counts: state.record.counts,
    rest: (items) => restOf(state, items),
    note: (item, outcome) => note(state, item, outcome),
    close: () => write(state),
  };
}

async function readJournal(
  file: PlainFile,
  { path, from }: { readonly path: string; readonly from: string },
): Promise<JournalRecord | undefined> {
  const text = await file.read(maxBytes);
  if (text === undefined) return undefined;
  const read = record.safeParse(parsed(text));
  if (!read.success) throw new Failure('invalid', `${path} is no journal of an import: expected another file.`);
  if (read.data.from === from) return read.data;
  throw new Failure(
    'invalid',
    `${path} is the journal of another import, of ${read.data.from}: expected another file.`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function* restOf(
  state: JournalState,
  items: AsyncIterable<ImportItem>,
): AsyncGenerator<ImportItem, void, undefined> {
  const { after } = state.record;
  let isReached = after === undefined;
  for await (const item of items) {
    if (!isReached) {
      // Of a name that comes twice the first counts: what is looked at again is there.
      isReached = item.source === after;
      continue;
    }
    state.underWay.push({ item, isDone: false });
    yield item;
  }
  if (!isReached) {
    throw new Failure(
      'invalid',
      `What the journal goes on behind is not there any more: ${after}. Expected a new journal.`,
    );
  }
}

async function note(state: JournalState, item: ImportItem, outcome: keyof ImportCounts): Promise<void> {
  const { record: told, underWay } = state;
  told.counts[outcome] += 1;
  const begun = underWay.find((one) => one.item === item);
  if (begun !== undefined) begun.isDone = true;
  while (underWay[0]?.isDone === true) {
    told.after = underWay.shift()?.item.source;
    state.unwritten += 1;
  }
  if (state.unwritten >= writtenEach) await write(state);
}

async function write(state: JournalState): Promise<void> {
  if (state.file === undefined || state.unwritten === 0) return;
  state.unwritten = 0;
  await state.file.write(`${JSON.stringify(state.record)}\n`);
}
