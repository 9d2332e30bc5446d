import { Failure } from '../failure.ts';
import { inTurns } from '../turns.ts';
import { plainSvg } from './containers/svg/plain.ts';
import { textOf } from './containers/svg/xml.ts';
import { inspectSvg } from './inspect/svg/svg.ts';

/** A logo has some kilobytes, and a large illustration some hundred: each 64 kB take 2 ms of the event loop. */
export const mostPlainBytes = 1024 * 1024;

/** Raised by hand whenever other bytes come out of the same drawing: it is part of their tag. */
export const plainDrawingVersion = 3;

/** What is told of one that is larger. */
export function tooLargeToBePlain(bytes: number): Failure {
  const why = `an SVG of ${bytes} bytes is not sent as it is: at most ${mostPlainBytes} are`;
  return new Failure('too_large', `There are pictures of it only: ${why}.`);
}

/**
 * An SVG as it may be sent: written anew of what draws, without scripts and without addresses of anything outside. Failures: `corrupt`,
 * `unsupported`, `too_large`.
 */
export async function plainDrawing(bytes: Buffer): Promise<Buffer> {
  if (bytes.length > mostPlainBytes) throw tooLargeToBePlain(bytes.length);
  const plain = Buffer.from(await inTurns(plainSvg(textOf(bytes))), 'utf8');
  // Who looks at it draws it: what it uses again has the bounds that drawing it here has.
  await inTurns(inspectSvg(plain));
  return plain;
}
