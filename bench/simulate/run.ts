import { readFileSync, writeFileSync } from 'node:fs';
import { meanBytes, meanRenderMs, prices, sumsOf } from './costs.ts';
import { estimate, loads, rendersPerDay, replay } from './loads.ts';
import { plot } from './plot.ts';
import { validate } from './validate.ts';

// `npx tsx bench/simulate/run.ts` writes the tables and the plot of wrangler-or-cloudfront.md anew; with `--validate` it
// first holds the simulation to a real server (npm run build), and ends with 1 when they are more than two points apart.

const page = new URL('../../wrangler-or-cloudfront.md', import.meta.url);
const picture = new URL('./hit-ratio.svg', import.meta.url);
const sizes = Array.from({ length: 9 }, (_, power) => 0.25 * 4 ** power);
/** What the CDN's cache nearest the origin is taken to keep of ours. */
const edgeGigabytes = 1024;
const toleratedPoints = 2;

const points = (ratio: number) => (100 * ratio).toFixed(1);
const round = (value: number) =>
  value < 1 ? value.toFixed(2) : value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The service's code against the formula that scales, on a load that can still be replayed one by one. */
function compare(): string {
  const load = { requestsPerDay: 1e6, originals: 20_000, uploadsPerDay: 200 };
  const rows = [0.016, 0.064, 0.256, 1].map((gigabytes) => {
    const replayed = replay(load, gigabytes * 1e9, 1_200_000);
    const estimated = estimate(load, gigabytes * 1e9);
    const apart = 100 * Math.abs(replayed - estimated);
    if (apart > toleratedPoints) process.exitCode = 1;
    return [`${gigabytes * 1000} MB`, points(replayed), points(estimated), apart.toFixed(1)];
  });
  return table(['one cache', 'replayed, %', 'formula, %', 'points apart'], rows);
}

function needs(): string {
  const rows = loads.map((load) => {
    const edge = estimate(load, edgeGigabytes * 1e9);
    const renders = rendersPerDay(load);
    const sums = sumsOf(load, { edge, memory: 0 }, renders);
    return [
      load.name,
      `${round(load.originals)} + ${round(load.uploadsPerDay)} a day`,
      points(edge),
      points(estimate(load, 1e9)),
      round(sums.originRequestsPerSecond),
      round(sums.rendersPerSecond),
      round(sums.vcpus),
      round(sums.terabytesOutPerMonth),
      `$${round(sums.computePerMonth)}`,
      `$${round(sums.storePerMonth)}`,
      `$${round(sums.cloudfrontPerMonth)}`,
      `$${round(sums.workerPerMonth)}`,
    ];
  });
  const head = [
    'requests a day',
    'originals',
    `edge hits, % (${edgeGigabytes} GB)`,
    'hits of one node alone, % (1 GB)',
    'origin, req/s',
    'renders/s',
    'vCPU at the peak',
    'TB out a month',
    'compute',
    'S3',
    'CloudFront',
    'Worker',
  ];
  return table(head, rows);
}

function replaceBlock(text: string, name: string, content: string): string {
  const pattern = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`);
  if (!pattern.test(text)) throw new Error(`the page has no block ${name}`);
  return text.replace(pattern, (_, begin: string, end: string) => `${begin}\n${content}\n\n${end}`);
}

let text = readFileSync(page, 'utf8');
if (process.argv.includes('--validate')) {
  const { requests, distinct, memoryMegabytes, measured, simulated } = await validate();
  const apart = 100 * Math.abs(measured - simulated);
  const sentence =
    `${requests} requests for ${distinct} variants with ${memoryMegabytes} MB of memory: ` +
    `a real server answered ${points(measured)} % from memory, the simulation ${points(simulated)} % (${apart.toFixed(1)} points apart).`;
  console.log(sentence);
  if (apart > toleratedPoints) process.exitCode = 1;
  text = replaceBlock(text, 'measured', sentence);
}
const lines = loads.map((load) => ({
  name: `${load.name} requests a day`,
  points: sizes.map((gigabytes) => [gigabytes, estimate(load, gigabytes * 1e9)] as const),
}));
writeFileSync(picture, plot(lines));
text = replaceBlock(text, 'compared', compare());
text = replaceBlock(text, 'needs', needs());
text = replaceBlock(
  text,
  'prices',
  table(
    ['price', 'US dollars'],
    Object.entries(prices).map(([name, price]) => [name, String(price)]),
  ),
);
text = replaceBlock(
  text,
  'means',
  `A variant weighs ${round(meanBytes / 1000)} kB and takes ${round(meanRenderMs)} ms of CPU on the average of these shares.`,
);
writeFileSync(page, text);
