import { setImmediate as nextTurn } from 'node:timers/promises';
import { from, noise } from './pictures.ts';
import { startRenderer } from './renderer.ts';

/** A program that begins a render of many seconds and prints the pid of the process that draws it. */
const { draw, seen } = startRenderer({ timeoutMs: 60_000 });
const original = await from(noise(3_000, 2_400)).png({ compressionLevel: 0 }).toBuffer();
const { pid } = await seen('started');
const render = draw(original, 'f_avif');
await nextTurn();
process.stdout.write(`${pid}\n`);
await render;
