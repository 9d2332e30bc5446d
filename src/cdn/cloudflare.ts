import { z } from 'zod';
import { Failure } from '../failure.ts';
import type { OutboundProxy } from '../outbound/index.ts';
import type { Cdn, EdgePurge } from './cdn.ts';
import { callProvider, type ProviderResponse } from './http-call.ts';
import { purgeInBatches } from './purge-in-batches.ts';
import type { RetryPolicy } from './retry.ts';

/** Cloudflare's limit on tags in one call. */
const maxTagsPerCall = 100;

export interface CloudflareOptions {
  readonly zoneId: string;
  /** An API token with the permission Zone → Cache Purge. */
  readonly token: string;
  readonly retry: RetryPolicy;
  /** A stand-in for Cloudflare's API. */
  readonly endpoint?: string;
  readonly proxy: OutboundProxy | undefined;
}

const responseSchema = z.object({
  success: z.boolean(),
  errors: z.array(z.object({ code: z.number(), message: z.string() })).default([]),
  result: z.object({ id: z.string() }).nullish(),
});

/** Purges a Cloudflare zone by `Cache-Tag`. A purge there is done when it is answered, and naturally idempotent. */
export function createCloudflare(options: CloudflareOptions): Cdn {
  const { retry } = options;
  return {
    isPresent: true,
    purgeTags: (tags, { signal }) =>
      purgeInBatches(tags, { maxTags: maxTagsPerCall, retry, signal }, (batch, attempt) =>
        purge(options, batch, attempt),
      ),
  };
}

async function purge(options: CloudflareOptions, tags: readonly string[], signal: AbortSignal): Promise<EdgePurge> {
  const { zoneId, token, proxy, endpoint = 'https://api.cloudflare.com/client/v4' } = options;
  const response = await callProvider(`${endpoint}/zones/${zoneId}/purge_cache`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ tags }),
    proxy,
    signal,
  });
  return { provider: 'cloudflare', id: purgeIdOf(response), status: 'Completed' };
}

function purgeIdOf({ status, text }: ProviderResponse): string {
  if (status === 401 || status === 403) {
    throw new Failure('invalid', 'Cloudflare refused the purge: the token needs Cache Purge on this zone.', {
      cause: text.slice(0, 500),
    });
  }
  const parsed = responseSchema.safeParse(parseJson(text));
  if (parsed.success && parsed.data.success) return parsed.data.result?.id ?? '';
  throw new Failure('upstream', 'Cloudflare did not take the purge.', { cause: `${status} ${text.slice(0, 500)}` });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
