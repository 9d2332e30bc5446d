import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import { Failure, isFailure } from '../../failure.ts';
import { maxFiles } from '../../uploads/index.ts';
import { bodyOf } from '../bodies.ts';
import type { AppContext } from '../context.ts';

/** A text field: keys and small metadata. */
interface FormField {
  readonly type: 'field';
  readonly name: string;
  readonly value: string;
  /** It was longer than is taken: this is its beginning. */
  readonly isCut: boolean;
}

interface FormFile {
  readonly type: 'file';
  /** Of its field. */
  readonly name: string;
  /** Undefined for a text that is as long as a file. */
  readonly filename: string | undefined;
  /** The part's own Content-Type. */
  readonly claim: string;
  /** Read to its end before the next part comes. */
  readonly body: Readable;
}

export interface FormOptions {
  /** A field that comes as a file whatever it holds: a text may be as long as one. */
  readonly streamed?: string;
}

/** A file field for which nobody chose a file: browsers send it without name and bytes. */
interface FormBlank {
  readonly type: 'blank';
}

export type FormPart = FormField | FormFile | FormBlank;

const limits = { fieldNameSize: 200, fieldSize: 8 * 1024, fields: 400, files: maxFiles + 1, headerPairs: 50 };

export function isForm(c: AppContext): boolean {
  return /^multipart\/form-data\b/i.test(c.req.header('content-type') ?? '');
}

/**
 * The parts of a multipart form, one after another as they arrive: the parser goes on only as far as its reader.
 * Failures: `invalid` for what is no such form, or breaks off.
 */
export async function* formParts(c: AppContext, options: FormOptions = {}): AsyncGenerator<FormPart, void, undefined> {
  const parser = openParser(c, options);
  const form: OpenForm = { parts: new PassThrough({ objectMode: true }), open: undefined };
  collectParts(parser, form);
  const source = bodyOf(c);
  pipeline(source, parser).then(
    () => form.parts.end(),
    (error: unknown) => closeForm(form, formFailure(error)),
  );
  try {
    for await (const part of form.parts as AsyncIterable<CollectedPart>) yield await chosen(part);
  } catch (error) {
    throw formFailure(error);
  } finally {
    closeForm(form);
    source.destroy();
  }
}

/** Where the parser is in a form. */
interface OpenForm {
  readonly parts: PassThrough;
  /** The file that is being read. */
  open: Readable | undefined;
}

type CollectedPart = FormField | FormFile;

function collectParts(parser: BusboyInstance, form: OpenForm): void {
  parser.on('field', (name, value, _isNameCut, isCut) => {
    form.parts.write({ type: 'field', name, value, isCut } satisfies CollectedPart);
  });
  parser.on('file', (name, body, filename: string | undefined, _encoding, claim) => {
    // Its reader sees the error; one that comes when nobody reads any more is nobody's.
    body.on('error', () => undefined);
    form.open = body;
    form.parts.write({ type: 'file', name, claim, body, filename } satisfies CollectedPart);
  });
  for (const event of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
    parser.on(event, () => form.parts.destroy(new Failure('invalid', 'The form has too many parts.')));
  }
}

/** A file without a name is one only when it has bytes. */
async function chosen(part: CollectedPart): Promise<FormPart> {
  if (part.type === 'field' || (part.filename ?? '') !== '') return part;
  for await (const first of part.body.iterator({ destroyOnReturn: false })) {
    part.body.unshift(first);
    return part;
  }
  return { type: 'blank' };
}

/** The parser leaves the file it was at open for ever. */
function closeForm({ open, parts }: OpenForm, failure?: Failure): void {
  open?.destroy(failure);
  parts.destroy(failure);
}

function openParser(c: AppContext, { streamed }: FormOptions): BusboyInstance {
  const type = c.req.header('content-type') ?? '';
  try {
    const headers: BusboyHeaders = { 'content-type': type };
    if (streamed === undefined) return new Busboy({ headers, limits });
    // Beside it what the parser itself takes for a file.
    const isPartAFile = (name: string | undefined, type: string | undefined, filename: string | undefined) =>
      name === streamed || type === 'application/octet-stream' || filename !== undefined;
    return new Busboy({ headers, limits, isPartAFile });
  } catch (error) {
    throw new Failure('invalid', `The form is not valid: expected multipart/form-data, got ${type.slice(0, 100)}.`, {
      cause: error,
    });
  }
}

function formFailure(error: unknown): Failure {
  if (isFailure(error)) return error;
  return new Failure('invalid', 'The form is not valid multipart/form-data, or broke off.', { cause: error });
}
