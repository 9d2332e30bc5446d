/**
 * The render process: reads a job and the bytes it needs from standard input, draws, writes the answer to standard
 * output, one at a time, until standard input ends. It has no environment, no credentials and opens no file.
 */
import { readSync, writeFileSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import sharp from 'sharp';
import { drawSafely } from './draw.ts';
import { frameHead, frameLengths, prefixBytes } from './frame.ts';
import type { RenderAnswer, RenderJob } from './job.ts';

const jobDescriptor = 0;
const answerDescriptor = 1;
const lifelineDescriptor = 3;

/** Reads straight into one buffer of the right size: copies of the original are what handing it over costs. */
function readExactly(bytes: number): Buffer | undefined {
  const buffer = Buffer.allocUnsafeSlow(bytes);
  let filled = 0;
  while (filled < bytes) {
    const read = readSync(jobDescriptor, buffer, filled, bytes - filled, null);
    if (read === 0) return undefined;
    filled += read;
  }
  return buffer;
}

function readJob(): { readonly job: RenderJob; readonly payload: Buffer } | undefined {
  const prefix = readExactly(prefixBytes);
  if (prefix === undefined) return undefined;
  const { headerBytes, payloadBytes } = frameLengths(prefix);
  const header = readExactly(headerBytes);
  const payload = readExactly(payloadBytes);
  if (header === undefined || payload === undefined) return undefined;
  // The parent wrote this job itself, from checked values.
  return { job: JSON.parse(header.toString('utf8')) as RenderJob, payload };
}

function writeAll(buffer: Uint8Array): void {
  let written = 0;
  while (written < buffer.length) written += writeSync(answerDescriptor, buffer, written, buffer.length - written);
}

function answer(header: RenderAnswer, payload: Uint8Array): void {
  writeAll(frameHead(header, payload.length));
  if (payload.length > 0) writeAll(payload);
}

/** When memory runs out the kernel should take a render, not the server. */
function offerToOutOfMemoryKiller(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '800');
  } catch {
    // Not Linux, or not allowed here: the pool's own limits remain.
  }
}

/** A render may run for long inside a decoder; when the parent is gone meanwhile nobody else would end it. */
function dieWithParent(): void {
  const lifeline = new Socket({ fd: lifelineDescriptor });
  lifeline.on('error', () => process.kill(process.pid, 'SIGKILL'));
  lifeline.on('close', () => process.kill(process.pid, 'SIGKILL'));
  lifeline.resume();
}

/** Only the loaders of formats that are accepted, and only from memory: nothing reaches a file or another codec. */
function lockDown(): void {
  sharp.concurrency(1);
  sharp.cache(false);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: [
      'VipsForeignLoadJpegBuffer',
      'VipsForeignLoadPngBuffer',
      'VipsForeignLoadWebpBuffer',
      'VipsForeignLoadHeifBuffer',
      'VipsForeignLoadNsgifBuffer',
      'VipsForeignLoadTiffBuffer',
    ],
  });
}

/** Everything whose version may change bytes: sharp, libvips and the codecs. */
function build(): string {
  return Object.entries(sharp.versions)
    .map(([name, version]) => `${name} ${version}`)
    .sort()
    .join(', ');
}

async function main(): Promise<void> {
  offerToOutOfMemoryKiller();
  dieWithParent();
  lockDown();
  answer({ outcome: 'ready', build: build(), rssBytes: process.memoryUsage.rss() }, new Uint8Array());
  for (let next = readJob(); next !== undefined; next = readJob()) {
    const { outcome, bytes } = await drawSafely(next.job, next.payload);
    answer({ ...outcome, rssBytes: process.memoryUsage.rss() }, bytes);
  }
  // The lifeline would keep the loop alive.
  process.exit(0);
}

await main();
