import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { createDiskStore } from '../../src/storage/index.ts';
import { percentile, recordFigure } from '../support/figures.ts';
import { timedGet } from '../support/load.ts';
import { purgeRaces, racePlaces } from '../support/purge-races.ts';
import { makeWorkingFolder, removeFolder, startServer } from '../support/server-process.ts';
import { createShadeReader } from '../support/shades.ts';
import { picture } from '../support/uploads.ts';

it('a thousand purges overtake a request, at each place where it can be stopped, and no old picture comes back', async () => {
  const roundsEach = 200;
  const totals = { races: 0, answers: 0, staleAnswers: 0, staleStored: 0 };
  for (const place of Object.values(racePlaces)) {
    const { answers, staleAnswers, staleStored } = await purgeRaces(place, roundsEach);
    totals.races += roundsEach;
    totals.answers += answers;
    totals.staleAnswers += staleAnswers;
    totals.staleStored += staleStored;
  }
  const places = Object.keys(racePlaces).length;
  recordFigure(
    10,
    `${totals.races} races at ${places} places: ${totals.staleAnswers} of ${totals.answers} answers after the purge and ${totals.staleStored} stored variants were the old picture`,
  );
  expect(totals).toEqual({ races: 1000, answers: 3000, staleAnswers: 0, staleStored: 0 });
});

const token = 'the admin token of the tests';
const keys = Array.from({ length: 20 }, (_, index) => `${index}.png`);
const rounds = 5;
const pollMs = 5;

/** Two servers on the same folders; purges at the one, and how long the other goes on answering the old pictures. */
async function twoProcesses() {
  const folder = await makeWorkingFolder({});
  onTestFinished(() => removeFolder(folder));
  const settings = { FOVEA_ADMIN_TOKEN: token, FOVEA_RENDERERS: '1' };
  const [one, other] = await Promise.all([startServer(folder, settings), startServer(folder, settings)]);
  onTestFinished(async () => void (await Promise.all([one.end('SIGKILL'), other.end('SIGKILL')])));
  const originals = createDiskStore({ directory: join(folder, 'data', 'originals') });
  const readShade = createShadeReader();
  const shadeAt = async ({ url }: { readonly url: string }, key: string) =>
    readShade((await timedGet(`${url}/w_8/${key}`)).body);

  const newAfterMs: number[] = [];
  let lastOldMs = 0;
  let oldAtOne = 0;
  for (const key of keys) await originals.put(key, await picture('png', 100));
  for (let round = 0; round < rounds; round += 1) {
    const [old, fresh] = [100 + round, 101 + round];
    const settled = async (server: { readonly url: string }, key: string, shade: number) => {
      while ((await shadeAt(server, key)) !== shade) await pause(pollMs);
    };
    // Both know the old version of each, and have the old picture in memory.
    for (const key of keys) await Promise.all([settled(one, key, old), settled(other, key, old)]);
    for (const key of keys) await originals.put(key, await picture('png', fresh));
    const headers = { Authorization: `Bearer ${token}` };
    const purge = await fetch(`${one.url}/-/purge`, { method: 'POST', headers, body: JSON.stringify({ keys }) });
    const answered = performance.now();
    expect(purge.status).toBe(200);
    await Promise.all(
      keys.map(async (key) => {
        for (;;) {
          const askedMs = performance.now() - answered;
          if ((await shadeAt(other, key)) === fresh) break;
          lastOldMs = Math.max(lastOldMs, askedMs);
          await pause(pollMs);
        }
        newAfterMs.push(performance.now() - answered);
        // The other has gone on answering, and perhaps storing, the old one meanwhile.
        if ((await shadeAt(one, key)) !== fresh) oldAtOne += 1;
      }),
    );
    for (const key of keys) if ((await shadeAt(one, key)) !== fresh) oldAtOne += 1;
  }
  return { newAfterMs, lastOldMs, oldAtOne };
}

it('a purge at one process reaches a second one within a second, whatever it remembers for a minute', async () => {
  const { newAfterMs, lastOldMs, oldAtOne } = await twoProcesses();
  const ms = (value: number) => `${Math.round(value)} ms`;
  recordFigure(
    10,
    `2 processes, ${newAfterMs.length} purges at one, FOVEA_ORIGINAL_TTL being 60 s: the other answers with the old picture until ${ms(lastOldMs)} later and with the new one, drawn with ${keys.length - 1} others, after ${ms(percentile(newAfterMs, 50))} (median); ${oldAtOne} old answers of the one purged`,
  );
  expect(newAfterMs).toHaveLength(keys.length * rounds);
  expect(oldAtOne).toBe(0);
  expect(lastOldMs).toBeLessThanOrEqual(1000);
});
