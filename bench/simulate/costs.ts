import { typicalSize } from './caches.ts';
import type { Load } from './loads.ts';
import { formatShares, widthShares } from './trace.ts';

/** Shares of hits: of all requests at the edge, and of the rest in the service's memory. */
export interface HitRatios {
  readonly edge: number;
  readonly memory: number;
}

/** List prices in US dollars, us-east-1, as remembered on 2026-11-21 without looking them up: inputs to check again. */
export const prices = {
  'CloudFront, 10,000 HTTPS requests': 0.01,
  'CloudFront, GB out, first 10 TB a month': 0.085,
  'CloudFront, GB out, next 40 TB': 0.08,
  'CloudFront, GB out, next 100 TB': 0.06,
  'CloudFront, GB out, beyond 150 TB': 0.04,
  'CloudFront Function, 1 M invocations': 0.1,
  'CloudFront Origin Shield, 10,000 requests': 0.0075,
  'Cloudflare Workers, 1 M requests': 0.3,
  'Cloudflare Workers, month': 5,
  'Fargate arm64, vCPU hour': 0.03238,
  'Fargate arm64, GB hour': 0.00356,
  'S3, 1,000 PUT': 0.005,
  'S3, 1,000 GET or HEAD': 0.0004,
  'S3, GB a month': 0.023,
  'ALB, hour': 0.0225,
  'NAT gateway, hour': 0.045,
} as const;

/** CPU of the service, measured (bench/README.md): milliseconds a render by format at 640 wide, and a hit. */
export const cpuMs = { avif: 260, webp: 116, jpeg: 60, hit: 0.265 } as const;

/** Processors are bought for the busiest hour, and kept this full at most. */
const peakOverMean = 2.5;
const fullAtMost = 0.6;
const gibPerVcpu = 2;
const days = 30;

export interface Sums {
  readonly originRequestsPerSecond: number;
  readonly rendersPerSecond: number;
  /** At the busiest hour. */
  readonly vcpus: number;
  readonly terabytesOutPerMonth: number;
  readonly computePerMonth: number;
  readonly storePerMonth: number;
  readonly cloudfrontPerMonth: number;
  readonly workerPerMonth: number;
}

function meanOver(value: (width: number, format: 'avif' | 'webp' | 'jpeg') => number): number {
  return widthShares.reduce(
    (sum, [width, widthShare]) =>
      sum + formatShares.reduce((part, [format, share]) => part + widthShare * share * value(width, format), 0),
    0,
  );
}

/** A render costs as its pixels do; a quarter of it is the original's decoding, which does not shrink with them. */
export const meanRenderMs = meanOver((width, format) => cpuMs[format] * (0.25 + 0.75 * (width / 640) ** 1.7));
export const meanBytes = meanOver((width, format) => typicalSize({ width, format }));

function tiered(gigabytes: number): number {
  const tiers: readonly (readonly [upTo: number, price: number])[] = [
    [10_000, prices['CloudFront, GB out, first 10 TB a month']],
    [50_000, prices['CloudFront, GB out, next 40 TB']],
    [150_000, prices['CloudFront, GB out, next 100 TB']],
    [Number.POSITIVE_INFINITY, prices['CloudFront, GB out, beyond 150 TB']],
  ];
  let sum = 0;
  let from = 0;
  for (const [upTo, price] of tiers) {
    sum += Math.max(0, Math.min(gigabytes, upTo) - from) * price;
    from = upTo;
  }
  return sum;
}

/** What a load needs and costs, from its hit ratios and renders a day. */
export function sumsOf(load: Load, { edge, memory }: HitRatios, renders: number): Sums {
  const requests = load.requestsPerDay;
  const misses = requests * (1 - edge);
  const cpuSeconds = (misses * cpuMs.hit + renders * meanRenderMs) / 1000;
  const vcpus = Math.max(2, ((cpuSeconds / 86_400) * peakOverMean) / fullAtMost);
  const hours = 24 * days;
  const perVcpu = prices['Fargate arm64, vCPU hour'] + gibPerVcpu * prices['Fargate arm64, GB hour'];
  // Scaled with the day, the mean is what is paid, but never less than two.
  const paidVcpus = Math.max(4, vcpus / peakOverMean);
  const gets = misses * (1 - memory) * 2 + renders;
  const stored = (load.originals + load.uploadsPerDay * days) * 6 * meanBytes;
  const gigabytes = (requests * days * meanBytes) / 1e9;
  const workerRequests = requests * days;
  return {
    originRequestsPerSecond: misses / 86_400,
    rendersPerSecond: renders / 86_400,
    vcpus,
    terabytesOutPerMonth: gigabytes / 1000,
    computePerMonth: paidVcpus * perVcpu * hours + (prices['ALB, hour'] + prices['NAT gateway, hour']) * hours,
    storePerMonth:
      (gets * days * prices['S3, 1,000 GET or HEAD']) / 1000 +
      (renders * days * prices['S3, 1,000 PUT']) / 1000 +
      (stored / 1e9) * prices['S3, GB a month'],
    cloudfrontPerMonth:
      (requests * days * prices['CloudFront, 10,000 HTTPS requests']) / 10_000 +
      (requests * days * prices['CloudFront Function, 1 M invocations']) / 1e6 +
      (misses * days * prices['CloudFront Origin Shield, 10,000 requests']) / 10_000 +
      tiered(gigabytes),
    workerPerMonth:
      prices['Cloudflare Workers, month'] +
      (Math.max(0, workerRequests - 10e6) * prices['Cloudflare Workers, 1 M requests']) / 1e6,
  };
}
