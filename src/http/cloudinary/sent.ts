import { Readable } from 'node:stream';
import { Failure } from '../../failure.ts';
import { textOf } from '../bodies.ts';
import type { AppContext } from '../context.ts';
import { formParts, isForm } from '../uploads/form.ts';

/** Parameters by name, as they were sent: `tags[]` twice is `tags`, parted by a comma, as it is signed. */
export type Parameters = ReadonlyMap<string, string>;

/** The one file of a request: bytes, or where it is a text (`filename` undefined) what says where they are. */
export interface SentFile {
  readonly filename: string | undefined;
  readonly claim: string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** A request's parameters and file, which come in any order. */
export interface Sent {
  /** As far as they have come. */
  readonly parameters: Parameters;
  /** Reads on: to the file, whose body is to be read before the next call, or to the end. Failures: `invalid`, `too_large`. */
  next(): Promise<SentFile | undefined>;
  /** Reads no further. */
  close(): Promise<void>;
}

/** All parameters together, in bytes and in number: some hundred transformations to be made at once. */
const most = { bytes: 64 * 1024, parameters: 100 };
/** Of a body that is no form, with a picture in base64 perhaps. */
const maxTextBytes = 512 * 1024;

/** Begins to read a form, or a body in URL encoding. */
export function openSent(c: AppContext): Sent {
  const parameters = new Map<string, string>();
  const state: SentState = { parameters, parts: partsOf(c), bytes: 0, files: 0 };
  return {
    parameters,
    next: () => readOn(state),
    close: async () => void (await state.parts.return()),
  };
}

interface SentState {
  readonly parameters: Map<string, string>;
  readonly parts: AsyncGenerator<SentPart, void, undefined>;
  bytes: number;
  files: number;
}

type SentPart =
  | { readonly type: 'field'; readonly name: string; readonly value: string; readonly isCut?: boolean }
  | ({ readonly type: 'file'; readonly name: string } & SentFile)
  | { readonly type: 'blank' };

async function readOn(state: SentState): Promise<SentFile | undefined> {
  for (;;) {
    const { done, value: part } = await state.parts.next();
    if (done === true || part === undefined) return undefined;
    if (part.type === 'field') keep(state, part);
    if (part.type !== 'file') continue;
    state.files += 1;
    if (part.name !== 'file' || state.files > 1) {
      throw new Failure('invalid', `One file is taken, as "file"; got another as ${named(part.name)}.`);
    }
    return part;
  }
}

function keep(state: SentState, { name, value, isCut }: Extract<SentPart, { type: 'field' }>): void {
  const { parameters } = state;
  const isListed = name.endsWith('[]') || /\[\d+\]$/.test(name);
  const plain = isListed ? name.slice(0, name.lastIndexOf('[')) : name;
  const before = parameters.get(plain);
  if (before !== undefined && !isListed) throw new Failure('invalid', `The parameter ${named(name)} comes twice.`);
  state.bytes += name.length + value.length;
  if (isCut === true || state.bytes > most.bytes) {
    throw new Failure(
      'too_large',
      `The parameters are too long, at ${named(name)}: at most ${most.bytes} bytes in all.`,
    );
  }
  if (parameters.size === most.parameters) {
    throw new Failure('invalid', `There are too many parameters: at most ${most.parameters} are taken.`);
  }
  parameters.set(plain, before === undefined ? value : `${before},${value}`);
}

function named(name: string): string {
  return JSON.stringify(name.slice(0, 100));
}

async function* partsOf(c: AppContext): AsyncGenerator<SentPart, void, undefined> {
  if (isForm(c)) {
    yield* formParts(c, { streamed: 'file' });
    return;
  }
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) {
    throw new Failure('invalid', 'Expected multipart/form-data, or application/x-www-form-urlencoded.');
  }
  const text = await textOf(c, maxTextBytes);
  for (const [name, value] of new URLSearchParams(text)) {
    if (name !== 'file') yield { type: 'field', name, value };
    else yield { type: 'file', name, filename: undefined, claim: undefined, body: Readable.from([Buffer.from(value)]) };
  }
}
