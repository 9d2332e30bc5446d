import { Failure } from '../../failure.ts';
import { linesOf } from '../keys.ts';

/** A line of a list: where a picture lies, and what it shall be called if that is said. */
export interface ListEntry {
  readonly url: string;
  /** The key without what all keys begin with. */
  readonly key: string | undefined;
}

/** A page of 500 resources of Cloudinary's Admin API is some 300 kB. */
const maxLineLength = 16 * 1024 * 1024;

type Fields = Readonly<Record<string, unknown>>;

/**
 * The entries of a list as it arrives, in the form that its first line has: URLs, one a line, with a key behind a tab if it shall
 * have one; lines of JSON, of a picture each or of a page of Cloudinary's Admin API (`resources`); or CSV with a line of names.
 * Failure `invalid` for what is none of these.
 */
export async function* entriesOf(
  source: AsyncIterable<Uint8Array | string>,
  signal: AbortSignal,
): AsyncGenerator<ListEntry, void, undefined> {
  let read: ReadLine | undefined;
  let number = 0;
  for await (const line of linesOf(source, signal, maxLineLength)) {
    number += 1;
    if (read !== undefined) {
      yield* read(line, number);
      continue;
    }
    read = readerFor(line);
    // The names of columns are no row.
    if (read === undefined) {
      const header = csvHeader(line) ?? [];
      read = (row, at) => entryOfCsv(header, row, at);
    } else yield* read(line, number);
  }
}

type ReadLine = (line: string, number: number) => readonly ListEntry[];

/** By a list's first line; undefined where that has the names of columns. */
function readerFor(first: string): ReadLine | undefined {
  if (/^\s*[[{]/.test(first)) return entriesOfJson;
  return csvHeader(first) === undefined ? (line) => [entryOfLine(line)] : undefined;
}

function entryOfLine(line: string): ListEntry {
  const [url = '', key] = line.split('\t', 2);
  return { url: url.trim(), key: key?.trim() || undefined };
}

function entriesOfJson(line: string, number: number): readonly ListEntry[] {
  let content: unknown;
  try {
    content = JSON.parse(line);
  } catch (error) {
    throw new Failure(
      'invalid',
      `Line ${number} of the list is not JSON: expected a document a line (jq -c . makes it so).`,
      {
        cause: error,
      },
    );
  }
  const resources = isFields(content) && Array.isArray(content['resources']) ? content['resources'] : [content].flat();
  return resources.filter(isFields).flatMap(entryOfFields);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A resource of Cloudinary's, or anything with a URL; what is no picture there is left out. */
function entryOfFields(fields: Fields): readonly ListEntry[] {
  const told = (name: string) => {
    const value = fields[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const url = told('secure_url') ?? told('url');
  if (url === undefined || (told('resource_type') ?? 'image') !== 'image') return [];
  const [id, format] = [told('public_id'), told('format')];
  const named = id === undefined ? undefined : `${id}${format === undefined ? '' : `.${format}`}`;
  return [{ url, key: told('key') ?? named }];
}

function csvHeader(line: string): readonly string[] | undefined {
  const names = cellsOf(line)?.map((name) => name.trim().toLowerCase().replaceAll(' ', '_'));
  return names?.some((name) => name === 'secure_url' || name === 'url') ? names : undefined;
}

function entryOfCsv(header: readonly string[], line: string, number: number): readonly ListEntry[] {
  const cells = cellsOf(line);
  if (cells === undefined) {
    throw new Failure('invalid', `Line ${number} of the list is no row of CSV: a quote is open at its end.`);
  }
  return entryOfFields(Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ''])));
}

/** The cells of a row (RFC 4180); undefined where a quote is not closed. */
function cellsOf(line: string): readonly string[] | undefined {
  const cells: string[] = [];
  let at = 0;
  while (at <= line.length) {
    const isQuoted = line[at] === '"';
    const end = isQuoted ? closingQuote(line, at + 1) : line.indexOf(',', at);
    if (isQuoted && end < 0) return undefined;
    const until = end < 0 ? line.length : end;
    cells.push(isQuoted ? line.slice(at + 1, until).replaceAll('""', '"') : line.slice(at, until));
    const comma = isQuoted ? line.indexOf(',', until) : until;
    at = comma < 0 || comma >= line.length ? line.length + 1 : comma + 1;
  }
  return cells;
}

/** Two quotes are one in the text. */
function closingQuote(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 2)) if (line[at + 1] !== '"') return at;
  return -1;
}
