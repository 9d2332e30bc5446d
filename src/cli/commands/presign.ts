import { z } from 'zod';
import { Failure } from '../../failure.ts';
import type { PresignedBatch } from '../../uploads/index.ts';
import { defineCommand, wholeNumberBetween } from '../command.ts';

export const presignCommand = defineCommand({
  name: 'presign',
  summary: 'sign an upload for somebody who has no credentials',
  notes: [
    'Prints where the file goes and with what. Nothing is published until the batch is committed:',
    'fovea upload --commit BATCH, or POST /-/uploads/BATCH/commit.',
  ],
  words: ['<filename>', 'its name: its extension says the type where --type does not'],
  options: [
    ['--type <type>', 'media type, as in image/jpeg'],
    ['--bytes <number>', 'exactly so many'],
    ['--key <key>', 'where the original will be; made here when absent'],
    ['--sha256 <digest>', 'hexadecimal or base64: other bytes are refused'],
    ['--put', 'a PUT; without it a POST with form fields'],
    ['--expires <seconds>', 'how long it may be used'],
  ],
  schema: z.object({
    type: z.string().optional(),
    bytes: wholeNumberBetween(1, 5_000_000_000).optional(),
    key: z.string().optional(),
    sha256: z.string().optional(),
    put: z.boolean().default(false),
    // Temporary credentials end, and with them what they signed, whatever was promised.
    expires: wholeNumberBetween(1, 604_800).default(3600),
  }),
  examples: [
    ['fovea presign tom.jpg --key cats/tom.jpg', 'a form that takes tom.jpg for an hour'],
    ['fovea presign tom.jpg --put --bytes 48213 --json', 'a PUT of exactly so many bytes, for a program'],
  ],
  async run({ words, options, context }) {
    const { put, expires, ...file } = options;
    const [filename = ''] = words;
    const operations = await context.open();
    const { settings } = operations;
    if (!settings.presignsUploads) {
      throw new Failure('invalid', 'No server would take it: expected FOVEA_ADMIN_TOKEN, the same here and there.');
    }
    const uploads = await operations.uploads();
    const signed = await uploads.presign([{ filename, ...file }], {
      origin: settings.publicUrl,
      method: put ? 'PUT' : 'POST',
      atomic: true,
      automatic: false,
      expiresSeconds: expires,
      signal: context.signal,
    });
    await context.output.print(signed, linesFor(filename, signed));
  },
});

function linesFor(filename: string, { batch, uploads }: PresignedBatch): string {
  const lines = uploads.flatMap(({ key, method, url, headers = {}, fields = {}, expires }) => [
    `${method} ${url}`,
    ...Object.entries(headers).map(([name, value]) => `  header ${name}: ${value}`),
    ...Object.entries(fields).map(([name, value]) => `  field ${name}=${value}`),
    `key      ${key}`,
    `expires  ${expires.toISOString()}`,
    `send     ${curl(filename, { url, headers, fields })}`,
  ]);
  return [...lines, `batch    ${batch}`, `commit   fovea upload --commit ${batch}`].join('\n');
}

type FileRequest = Required<Pick<PresignedBatch['uploads'][number], 'url' | 'headers' | 'fields'>>;

/** The command that sends the file, for a POSIX shell. */
function curl(filename: string, { url, headers, fields }: FileRequest): string {
  const parts = Object.entries(fields).map(([name, value]) => `--form-string ${quoted(`${name}=${value}`)}`);
  if (parts.length > 0) {
    // Within double quotes of its own, a name may hold what else separates parts of the form.
    const name = filename.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
    return ['curl -f', ...parts, `-F ${quoted(`file=@"${name}"`)}`, quoted(url)].join(' ');
  }
  const lines = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  return ['curl -f', ...lines, `-T ${quoted(filename)}`, quoted(url)].join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
