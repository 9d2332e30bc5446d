import { readFileSync } from 'node:fs';
import { Failure } from '../../../../failure.ts';
import type { Facts, Size } from '../../../containers/facts.ts';
import { broken } from '../../../containers/header.ts';
import { rootOf, svgNamespace } from '../../../containers/svg/root.ts';
import { naturalSize } from '../../../containers/svg/size.ts';
import { type QualifiedTag, textOf } from '../../../containers/svg/xml.ts';
import type { VectorFonts } from '../../../protocol/job.ts';
import { mostVectorBytes } from '../../../protocol/vector-cost.ts';
import type { Raster } from '../../picture/raster.ts';
import { type ResvgOptions, startResvg } from './resvg.ts';

/** How a picture of lines is drawn. */
export interface SvgDrawing {
  readonly facts: Facts;
  readonly size: Size;
  readonly fonts: VectorFonts | undefined;
}

/** Draws an SVG in that size. Failures: `corrupt`, `too_large` (it takes more memory than what it says was reckoned to). */
export async function drawSvg(file: Buffer, { facts, size, fonts }: SvgDrawing): Promise<Raster> {
  const { vector } = facts;
  if (vector === undefined) throw new Error('A picture of lines came without what drawing it takes.');
  const mostBytes = mostVectorBytes({ ...facts, stored: size, vector }, fonts?.bytes ?? 0);
  const { Resvg } = await startResvg(mostBytes);
  const pixels = render(() => new Resvg(inSize(textOf(file), size), optionsOf(fonts)).render());
  if (pixels.width !== size.width || pixels.height !== size.height) {
    throw new Error(`An SVG was drawn as ${pixels.width} × ${pixels.height} pixels.`);
  }
  const data = Buffer.from(pixels.pixels.buffer, pixels.pixels.byteOffset, pixels.pixels.length);
  divideByAlpha(data);
  return { data, size, frames: 1, channels: 4 };
}

function render<T>(draw: () => T): T {
  try {
    return draw();
  } catch (error) {
    // There is no other end to a program that has no memory left.
    if (error instanceof WebAssembly.RuntimeError) {
      throw new Failure('too_large', 'Drawing the SVG takes more memory than its elements were reckoned to take.');
    }
    if (error instanceof Error || typeof error === 'string') throw broken('svg+xml', 'it cannot be drawn');
    throw error;
  }
}

function optionsOf(fonts: VectorFonts | undefined): ResvgOptions {
  if (fonts === undefined) return { font: { loadSystemFonts: false, fontBuffers: [] } };
  const { files, family } = fonts;
  const fontBuffers = files.map((path) => readFileSync(path));
  return { font: { loadSystemFonts: false, fontBuffers, defaultFontFamily: family } };
}

/** The same picture inside another that has exactly that size, whichever units and shares it is written in itself. */
function inSize(text: string, { width, height }: Size): string {
  const { tag, from, to } = rootOf(text);
  const own = naturalSize(tag);
  const outer = `<svg xmlns="${svgNamespace}" width="${width}" height="${height}" viewBox="0 0 ${own.width} ${own.height}" preserveAspectRatio="none">`;
  return `${text.slice(0, from)}${outer}${rewritten(tag, own)}${text.slice(to)}</svg>`;
}

const replaced: ReadonlySet<string> = new Set(['x', 'y', 'width', 'height', 'overflow']);

function rewritten({ name, attributes, isSelfClosing }: QualifiedTag, { width, height }: Size): string {
  const kept = Object.values(attributes).filter((attribute) => !replaced.has(attribute.name));
  const written = kept.map((attribute) => ` ${attribute.name}="${escaped(attribute.value)}"`).join('');
  // It is as large as the outer one: to be cut to its size costs a picture more.
  return `<${name} width="${width}" height="${height}" overflow="visible"${written}${isSelfClosing ? '/' : ''}>`;
}

function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** It draws colours that are multiplied by their alpha. */
function divideByAlpha(pixels: Buffer): void {
  for (let at = 0; at < pixels.length; at += 4) {
    const alpha = pixels[at + 3] ?? 0;
    if (alpha === 0 || alpha === 255) continue;
    for (let channel = at; channel < at + 3; channel += 1) {
      pixels[channel] = Math.min(255, Math.round(((pixels[channel] ?? 0) * 255) / alpha));
    }
  }
}
