import { Failure } from '../failure.ts';
import type { OutboundProxy } from '../outbound/index.ts';
import type { Cdn } from './cdn.ts';
import { createCloudflare } from './cloudflare.ts';
import { defaultRetryPolicy, type RetryPolicy } from './retry.ts';
import { createVarnish } from './varnish.ts';

export interface OpenCdnOptions {
  /** Needed by `cloudflare:`. */
  readonly cloudflareToken?: string | undefined;
  /** A stand-in for the provider's API. */
  readonly endpoint?: string;
  readonly retry?: RetryPolicy;
  /** What lies between this machine and the provider; nothing when absent. */
  readonly proxy?: OutboundProxy | undefined;
  /** For CloudFront; the AWS SDK's own chain when absent. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const none: Cdn = { isPresent: false, purgeTags: async () => [] };

/**
 * The CDN that a location names: `none`, `cloudfront:ID`, `cloudflare:ZONE`, `varnish:URL`; `invalid` for others.
 *
 * @example
 * const cdn = await openCdn('varnish:http://127.0.0.1:6081');
 * if (cdn.isPresent) await cdn.purgeTags(['o:0123456789abcdef'], { callerReference: 'purge-1', signal });
 */
export async function openCdn(location: string, options: OpenCdnOptions = {}): Promise<Cdn> {
  const { retry = defaultRetryPolicy, endpoint, credentials, proxy, cloudflareToken: token } = options;
  const colon = location.indexOf(':');
  const [provider, name] = colon < 0 ? [location, ''] : [location.slice(0, colon), location.slice(colon + 1)];
  const standIn = endpoint === undefined ? {} : { endpoint };
  if (provider === 'none') return none;
  if (provider === 'varnish') return createVarnish({ url: name, retry, proxy });
  if (provider === 'cloudflare' && token !== undefined) {
    return createCloudflare({ zoneId: name, token, retry, proxy, ...standIn });
  }
  if (provider === 'cloudfront') {
    // Only here, so that a service without CloudFront starts without loading the AWS SDK.
    const { createCloudFront } = await import('./cloudfront.ts');
    return createCloudFront({ distributionId: name, retry, proxy, ...standIn, ...(credentials && { credentials }) });
  }
  throw new Failure(
    'invalid',
    'Not a CDN: expected none, cloudfront:ID, cloudflare:ZONE (with a token) or varnish:URL.',
  );
}
