import { Failure } from '../failure.ts';
import type { PresignedUpload } from './presign.ts';
import { StoreRefusal } from './refusal.ts';

/** What a store answered to a presigned upload. */
export interface TriedUpload {
  readonly status: number;
  /** What it says beside that, cut short; empty when nothing. */
  readonly text: string;
}

const shownCharacters = 300;

/** Sends a file as a browser would. Failures: `upstream` when nothing answers at the address. */
export async function tryUpload(
  { method, url, headers = {}, fields }: PresignedUpload,
  bytes: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<TriedUpload> {
  try {
    const body = fields === undefined ? bytes : formOf(fields, bytes);
    const response = await fetch(url, { method, headers, body, signal, redirect: 'manual' });
    return { status: response.status, text: (await response.text()).slice(0, shownCharacters) };
  } catch (error) {
    signal.throwIfAborted();
    const remedy = 'let this machine reach FOVEA_S3_PUBLIC_ENDPOINT, as browsers do, or try it from where they are';
    const cause = new StoreRefusal(String(error), remedy, error);
    throw new Failure('upstream', `Nothing answers at ${new URL(url).origin}.`, { cause });
  }
}

function formOf(fields: Readonly<Record<string, string>>, bytes: Uint8Array<ArrayBuffer>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  // Last: S3 does not look at what follows the file.
  form.append('file', new Blob([bytes]));
  return form;
}
