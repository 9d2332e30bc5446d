import { afterAll, beforeAll, expect, it } from 'vitest';
import { oddAlphas, oddColours, oddPng, oddTurns } from '../support/odd-pngs.ts';
import { distance } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { type Eyes, openEyes } from './chromium.ts';
import { expectNone } from './faults.ts';
import type { Place } from './programs.ts';

const { renderer, draw } = startRenderer({ processes: 2 });
let eyes: Eyes;
beforeAll(async () => {
  eyes = await openEyes();
});
afterAll(() => Promise.all([renderer.close(), eyes?.close()]));

/** The middles of the first four of twelve columns. */
const places: readonly Place[] = [0, 1, 2, 3].map((column) => [(column + 0.5) / 12, 0.5]);

it('of a PNG with odd chunks we draw what Chromium shows of it', async () => {
  const originals = new Map([...oddColours, ...oddAlphas, ...oddTurns].map(([name, parts]) => [name, oddPng(parts)]));
  const drawn = new Map<string, Uint8Array>();
  for (const [name, original] of originals) drawn.set(name, (await draw(original, 'f_png')).bytes);
  const [wanted, seen] = [await eyes.look(originals, places), await eyes.look(drawn, places)];
  const wrong = [...originals.keys()].flatMap((name) => {
    const [one, other] = [wanted.get(name), seen.get(name)];
    if (one === undefined || other === undefined) return [`${name}: not shown`];
    if (one.width !== other.width) return [`${name}: ${other.width} × ${other.height}`];
    const isEqual = one.points.every((point, index) => distance(other.points[index] ?? [], point) <= 2);
    return isEqual ? [] : [`${name}: ${other.points.join(' ')}, not ${one.points.join(' ')}`];
  });
  expect(originals.size).toBe(oddColours.length + oddAlphas.length + oddTurns.length);
  expectNone(wrong);
});
