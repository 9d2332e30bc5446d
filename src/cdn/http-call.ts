import type { IncomingMessage } from 'node:http';
import { readAtMost } from '../bounded-read.ts';
import { Failure } from '../failure.ts';
import { type OutboundRequest, sendOutbound } from '../outbound/index.ts';

/** A longer response than this is not one of a purge API. */
const maxResponseBytes = 64 * 1024;

export interface ProviderResponse {
  readonly status: number;
  readonly statusText: string;
  readonly text: string;
}

/** One HTTP call to a provider, redirects not followed. Failures: `upstream` when nobody answers; `overloaded` for 429 and 503. */
export async function callProvider(url: string, request: OutboundRequest): Promise<ProviderResponse> {
  let response: IncomingMessage;
  try {
    response = await sendOutbound(new URL(url), request);
  } catch (error) {
    throw new Failure('upstream', 'The CDN could not be reached for a purge.', { cause: error });
  }
  const text = await readText(response);
  const { statusCode: status = 0, statusMessage: statusText = '' } = response;
  if (status === 429 || status === 503) {
    throw new Failure('overloaded', 'The CDN asked to slow down.', { cause: `${status} ${text.slice(0, 500)}` });
  }
  return { status, statusText, text };
}

async function readText(response: IncomingMessage): Promise<string> {
  try {
    const { bytes } = await readAtMost(response, maxResponseBytes);
    return bytes.toString('utf8');
  } catch (error) {
    throw new Failure('upstream', 'The CDN broke off its answer to a purge.', { cause: error });
  } finally {
    response.destroy();
  }
}
