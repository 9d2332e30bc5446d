import { readAtMost } from '../bounded-read.ts';
import { Failure } from '../failure.ts';

/** A longer response than this is not one of a purge API. */
const maxResponseBytes = 64 * 1024;

export interface ProviderResponse {
  readonly status: number;
  readonly statusText: string;
  readonly text: string;
}

/** One HTTP call to a provider. Failures: `upstream` when nobody answers; `overloaded` for 429 and 503. */
export async function callProvider(url: string, init: RequestInit): Promise<ProviderResponse> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, redirect: 'error' });
  } catch (error) {
    throw new Failure('upstream', 'The CDN could not be reached for a purge.', { cause: error });
  }
  const text = await readText(response);
  const { status, statusText } = response;
  if (status === 429 || status === 503) {
    throw new Failure('overloaded', 'The CDN asked to slow down.', { cause: `${status} ${text.slice(0, 500)}` });
  }
  return { status, statusText, text };
}

async function readText(response: Response): Promise<string> {
  try {
    const { bytes } = await readAtMost(response.body ?? [], maxResponseBytes);
    return bytes.toString('utf8');
  } catch (error) {
    throw new Failure('upstream', 'The CDN broke off its answer to a purge.', { cause: error });
  }
}
