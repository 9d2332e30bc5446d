import { readFileSync } from 'node:fs';
import { Failure } from '../../../../failure.ts';
import { mediaTypeOf } from '../../../../formats.ts';
import type { Box, Facts, Size } from '../../../containers/facts.ts';
import { broken } from '../../../containers/header.ts';
import { rootOf, svgNamespace } from '../../../containers/svg/root.ts';
import { attributeOf, naturalSize, viewBoxOf } from '../../../containers/svg/size.ts';
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

/** The same picture in exactly that size, whichever units and shares it is written in itself. */
function inSize(written: string, size: Size): string {
  const text = withTrueTypes(withBareAddresses(written));
  const { tag, from, to } = rootOf(text);
  const own = naturalSize(tag);
  const [before, after] = [text.slice(0, from), text.slice(to)];
  const whole = { ...size, viewBox: `0 0 ${own.width} ${own.height}`, preserveAspectRatio: 'none' };
  const box = viewBoxOf(tag);
  if (box === undefined) return `${before}${startTag(tag, whole)}${after}`;
  if (fills(tag, box, own)) {
    const viewBox = `${box.left} ${box.top} ${box.width} ${box.height}`;
    return `${before}${startTag(tag, { ...whole, viewBox })}${after}`;
  }
  // What leaves room beside its viewBox, or cuts of it, does so inside another. resvg applies the opacity of an inner one twice, and rules
  // for `svg` apply to both: only where it must be.
  const outer = `<svg xmlns="${svgNamespace}" width="${size.width}" height="${size.height}" viewBox="${whole.viewBox}" preserveAspectRatio="none">`;
  return `${before}${outer}${startTag(tag, { ...own, overflow: 'visible' })}${after}</svg>`;
}

/** resvg takes an address in quotes, which browsers write, for none, and draws black. */
function withBareAddresses(text: string): string {
  return text.replace(
    /url\(\s*(?:["']|&quot;|&apos;|&#3[49];)(#[^"'&)\s]+)(?:["']|&quot;|&apos;|&#3[49];)\s*\)/g,
    'url($1)',
  );
}

/** resvg believes what an address says of its picture, and leaves out a JPEG that is called a PNG; browsers look at its first bytes. */
function withTrueTypes(text: string): string {
  return text.replace(
    /\bdata:[\w.+/-]{0,100};base64,(?=\s*(iVBO|\/9j|R0lG))/gi,
    (written, first: string) => `data:${typesByFirst[first] ?? written.slice(5, written.indexOf(';'))};base64,`,
  );
}

/** The first letters of a file in base64. */
const typesByFirst: Readonly<Record<string, string>> = {
  iVBO: mediaTypeOf('png'),
  '/9j': mediaTypeOf('jpeg'),
  R0lG: mediaTypeOf('gif'),
};

/** Whether its viewBox is all of it. */
function fills(root: QualifiedTag, box: Box, own: Size): boolean {
  const isSameShape = Math.abs(box.width * own.height - box.height * own.width) <= 1e-6 * box.width * own.height;
  return isSameShape || /^\s*none/.test(attributeOf(root, 'preserveAspectRatio') ?? '');
}

/** It is as large as all of the picture: to be cut to its size costs a picture more. */
const replaced: ReadonlySet<string> = new Set(['x', 'y', 'width', 'height', 'overflow']);

function startTag(
  { name, attributes, isSelfClosing }: QualifiedTag,
  values: Readonly<Record<string, string | number>>,
): string {
  const kept = Object.values(attributes).filter(
    (attribute) => !replaced.has(attribute.name) && !Object.hasOwn(values, attribute.name),
  );
  const all = [...Object.entries(values), ...kept.map((attribute) => [attribute.name, attribute.value] as const)];
  const written = all.map(([key, value]) => ` ${key}="${escaped(String(value))}"`).join('');
  return `<${name}${written}${isSelfClosing ? '/' : ''}>`;
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
