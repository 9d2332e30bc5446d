import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import { Failure, isFailure } from '../../failure.ts';
import { maxFiles } from '../../uploads/index.ts';
import { bodyOf } from '../bodies.ts';
import type { AppContext } from '../context.ts';

/** One file of a form, with the text fields that came before it. */
export interface FormFile {
  readonly fields: ReadonlyMap<string, string>;
  /** The part's own Content-Type. */
  readonly claim: string;
  /** Read to its end before the next file comes. */
  readonly body: Readable;
}

/** Text fields are keys and small metadata. */
const limits = { fieldNameSize: 200, fieldSize: 8 * 1024, fields: 400, files: maxFiles + 1, headerPairs: 50 };

export function isForm(c: AppContext): boolean {
  return /^multipart\/form-data\b/i.test(c.req.header('content-type') ?? '');
}

/**
 * The files of a multipart form, one after another as they arrive: the parser goes on only as far as its reader.
 * Failures: `invalid` for what is no such form, or breaks off.
 */
export async function* formFiles(c: AppContext): AsyncGenerator<FormFile, void, undefined> {
  const parser = openParser(c);
  const form: OpenForm = { files: new PassThrough({ objectMode: true }), fields: new Map(), open: undefined };
  collectFiles(parser, form);
  const source = bodyOf(c);
  pipeline(source, parser).then(
    () => form.files.end(),
    (error: unknown) => closeForm(form, formFailure(error)),
  );
  try {
    for await (const file of form.files) yield file as FormFile;
  } catch (error) {
    throw formFailure(error);
  } finally {
    closeForm(form);
    source.destroy();
  }
}

/** Where the parser is in a form. */
interface OpenForm {
  readonly files: PassThrough;
  /** Those that came since the last file. */
  fields: ReadonlyMap<string, string>;
  /** The file that is being read. */
  open: Readable | undefined;
}

function collectFiles(parser: BusboyInstance, form: OpenForm): void {
  parser.on('field', (name, value) => {
    form.fields = new Map([...form.fields, [name, value]]);
  });
  parser.on('file', (_name, body, _filename, _encoding, claim) => {
    // Its reader sees the error; one that comes when nobody reads any more is nobody's.
    body.on('error', () => undefined);
    form.open = body;
    form.files.write({ fields: form.fields, claim, body } satisfies FormFile);
    form.fields = new Map();
  });
  for (const event of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
    parser.on(event, () => form.files.destroy(new Failure('invalid', 'The form has too many parts.')));
  }
}

/** The parser leaves the file it was at open for ever. */
function closeForm({ open, files }: OpenForm, failure?: Failure): void {
  open?.destroy(failure);
  files.destroy(failure);
}

function openParser(c: AppContext): BusboyInstance {
  const type = c.req.header('content-type') ?? '';
  try {
    const headers: BusboyHeaders = { 'content-type': type };
    return new Busboy({ headers, limits });
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
