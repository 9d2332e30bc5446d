import { Failure } from '../failure.ts';
import type { OutboundProxy } from '../outbound/index.ts';
import type { Cdn, EdgePurge } from './cdn.ts';
import { callProvider } from './http-call.ts';
import { purgeInBatches } from './purge-in-batches.ts';
import type { RetryPolicy } from './retry.ts';

/** 100 tags of 34 characters stay far below Varnish's limit of 8 kB on one header (http_req_hdr_len). */
const maxTagsPerCall = 100;

export interface VarnishOptions {
  /** Where Varnish listens; its VCL answers `PURGE` with an `xkey` header from us only. */
  readonly url: string;
  readonly retry: RetryPolicy;
  readonly proxy: OutboundProxy | undefined;
}

/**
 * Purges a Varnish with vmod xkey: one request `PURGE /` with the tags, separated by blanks, in the header `xkey`. The
 * VCL answers 200 and says in the reason how many objects went.
 */
export function createVarnish(options: VarnishOptions): Cdn {
  const { retry } = options;
  return {
    isPresent: true,
    purgeTags: (tags, { signal }) =>
      purgeInBatches(tags, { maxTags: maxTagsPerCall, retry, signal }, (batch, attempt) =>
        purge(options, batch, attempt),
      ),
  };
}

async function purge({ url, proxy }: VarnishOptions, tags: readonly string[], signal: AbortSignal): Promise<EdgePurge> {
  const { status, statusText } = await callProvider(url, {
    method: 'PURGE',
    headers: { xkey: tags.join(' ') },
    proxy,
    signal,
  });
  if (status === 200) return { provider: 'varnish', id: '', status: statusText };
  if (status === 401 || status === 403 || status === 405) {
    throw new Failure('invalid', 'Varnish refused the purge: its VCL must take PURGE with xkey from our address.');
  }
  throw new Failure('upstream', 'Varnish did not take the purge.', { cause: status });
}
