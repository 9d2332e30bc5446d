import { readAtMost } from '../bounded-read.ts';
import { Failure } from '../failure.ts';
import { type OutboundProxy, sendOutbound } from '../outbound/index.ts';
import type { PresignedUpload } from './presign.ts';
import { StoreRefusal } from './refusal.ts';

/** What a store answered to a presigned upload. */
export interface TriedUpload {
  readonly status: number;
  /** What it says beside that; empty when nothing. */
  readonly text: string;
}

const maxAnswerBytes = 4096;

export interface TryUploadOptions {
  /** What lies between this machine and the store. */
  readonly proxy: OutboundProxy | undefined;
  readonly signal: AbortSignal;
}

/** Sends a file as a browser would. Failures: `upstream` when nothing answers at the address. */
export async function tryUpload(
  { method, url, headers = {}, fields }: PresignedUpload,
  bytes: Uint8Array<ArrayBuffer>,
  options: TryUploadOptions,
): Promise<TriedUpload> {
  const sent = fields === undefined ? { body: bytes, type: {} } : await formOf(fields, bytes);
  const length = { 'content-length': String(sent.body.byteLength) };
  try {
    const request = { method, body: sent.body, headers: { ...headers, ...sent.type, ...length }, ...options };
    const response = await sendOutbound(new URL(url), request);
    const { bytes: text } = await readAtMost(response, maxAnswerBytes);
    return { status: response.statusCode ?? 0, text: text.toString('utf8') };
  } catch (error) {
    options.signal.throwIfAborted();
    const remedy = 'let this machine reach FOVEA_S3_PUBLIC_ENDPOINT, as browsers do, or try it from where they are';
    const cause = new StoreRefusal(String(error), remedy, error);
    throw new Failure('upstream', `Nothing answers at ${new URL(url).origin}.`, { cause });
  }
}

async function formOf(fields: Readonly<Record<string, string>>, bytes: Uint8Array<ArrayBuffer>) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  // Last: S3 does not look at what follows the file.
  form.append('file', new Blob([bytes]));
  const written = new Response(form);
  const type = { 'content-type': written.headers.get('content-type') ?? '' };
  return { body: new Uint8Array(await written.arrayBuffer()), type };
}
