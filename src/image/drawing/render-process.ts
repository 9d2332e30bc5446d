/**
 * The render process: reads a job and the bytes it needs from a socket, draws, writes the answer back, one at a time,
 * until the socket ends. It has no environment, no credentials and opens no file but its own (the program, and what sees faces).
 */
import { readSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import sharp from 'sharp';
import type { RenderAnswer } from '../protocol/answer.ts';
import { frameHead, frameLengths, prefixBytes } from '../protocol/frame.ts';
import { leaveSignalsToServer } from '../protocol/group-signals.ts';
import { keptFile, type RenderJob, type SentJob } from '../protocol/job.ts';
import { drawSafely } from './draw.ts';
import { type Files, filesOf } from './open/files.ts';
import { createKeptPixels } from './open/kept-pixels.ts';
import { createFaceNetwork } from './seeing/model.ts';
import { encodingVersion } from './write/encode.ts';

/** Descriptors that no library writes to by itself, and that nothing but this file makes non-blocking. */
const jobDescriptor = 3;
const lifelineDescriptor = 4;

/**
 * Originals are read into memory that stays, of this size at first, since fresh pages for each cost more than reading does: it
 * grows to the largest whose file is kept anyway.
 */
const firstBytes = 8 * 1024 * 1024;

/** Reads straight into one buffer of the right size: copies of the original are what handing it over costs. */
function readExactly(bytes: number, buffer: Buffer): Buffer | undefined {
  let filled = 0;
  while (filled < bytes) {
    const read = readSync(jobDescriptor, buffer, filled, bytes - filled, null);
    if (read === 0) return undefined;
    filled += read;
  }
  return buffer.subarray(0, bytes);
}

interface Received {
  readonly job: RenderJob;
  /** Valid until the next job is read. */
  readonly files: Files;
}

/** The original that came last: it stays for jobs that come without it. */
interface LastOriginal {
  memory: Buffer;
  file: Buffer | undefined;
}

function readJob(last: LastOriginal): Received | undefined {
  const prefix = readExactly(prefixBytes, Buffer.allocUnsafe(prefixBytes));
  if (prefix === undefined) return undefined;
  const { headerBytes, payloadBytes } = frameLengths(prefix);
  const header = readExactly(headerBytes, Buffer.allocUnsafe(headerBytes));
  if (header === undefined) return undefined;
  // The parent wrote this job itself, from checked values.
  const job = JSON.parse(header.toString('utf8')) as SentJob;
  const original = job.hasOriginal ? last.file : readOriginal(job, last);
  const layersBytes = payloadBytes - (job.hasOriginal ? 0 : job.originalBytes);
  const layers = readExactly(layersBytes, Buffer.allocUnsafeSlow(layersBytes));
  if (original === undefined || layers === undefined) return undefined;
  return { job, files: filesOf(job, original, layers) };
}

function readOriginal(job: RenderJob, last: LastOriginal): Buffer | undefined {
  const { originalBytes } = job;
  last.file = undefined;
  const memory = originalBytes <= last.memory.length ? last.memory : Buffer.allocUnsafeSlow(originalBytes);
  if (keptFile(job) !== undefined) last.memory = memory;
  last.file = readExactly(originalBytes, memory);
  return last.file;
}

/** Bytes that originals' files take, whether one is kept or only the room for the next. */
function fileBytes({ memory }: LastOriginal, { originalBytes }: RenderJob, isKept: boolean): number {
  return Math.max(isKept ? originalBytes : 0, memory.length > firstBytes ? memory.length : 0);
}

/** Where there is no /proc nobody here can tell; the server asks the kernel itself. */
function residentBytes(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return 0;
  }
}

function writeAll(buffer: Uint8Array): void {
  let written = 0;
  while (written < buffer.length) written += writeSync(jobDescriptor, buffer, written, buffer.length - written);
}

function answer(header: RenderAnswer, payload: Uint8Array): void {
  writeAll(frameHead(header, payload.length));
  if (payload.length > 0) writeAll(payload);
}

/**
 * A render may run for long inside a decoder; when the parent is gone meanwhile nobody else would end it. But for cages that
 * let the kernel do so: as the first process of a namespace it could not, either.
 */
function dieWithParent(): void {
  const lifeline = new Socket({ fd: lifelineDescriptor });
  lifeline.on('error', () => process.kill(process.pid, 'SIGKILL'));
  lifeline.on('close', () => process.kill(process.pid, 'SIGKILL'));
  lifeline.resume();
}

/** Until the other end of the job line is where it belongs nothing may be written to it. */
function waitToBegin(): void {
  if (readSync(lifelineDescriptor, Buffer.allocUnsafe(1), 0, 1, null) === 0) process.exit(0);
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

/** Everything whose version may change bytes: what we ask of encoders, sharp, libvips and the codecs. */
function build(): string {
  return Object.entries({ ...sharp.versions, fovea: `encodes ${encodingVersion}` })
    .map(([name, version]) => `${name} ${version}`)
    .sort()
    .join(', ');
}

async function main(): Promise<void> {
  leaveSignalsToServer();
  lockDown();
  waitToBegin();
  dieWithParent();
  answer({ outcome: 'ready', build: build(), rssBytes: residentBytes() }, new Uint8Array());
  const last: LastOriginal = { memory: Buffer.allocUnsafeSlow(firstBytes), file: undefined };
  const pixels = createKeptPixels();
  const tools = { kept: pixels, network: createFaceNetwork() };
  for (let next = readJob(last); next !== undefined; next = readJob(last)) {
    const { job, files } = next;
    const isKept = keptFile(job) !== undefined;
    if (job.keeps !== undefined) pixels.countFile(fileBytes(last, job, isKept), job.keeps);
    const { outcome, bytes } = await drawSafely(job, files, tools);
    if (!isKept) last.file = undefined;
    answer({ ...outcome, rssBytes: residentBytes(), holds: pixels.names() }, bytes);
  }
  // The lifeline would keep the loop alive.
  process.exit(0);
}

await main();
