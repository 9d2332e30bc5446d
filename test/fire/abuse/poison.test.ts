import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readPhotographs } from '../../../bench/photographs.ts';
import { recordFigure } from '../../support/figures.ts';
import { timedGet } from '../../support/load.ts';
import { from, noise } from '../../support/pictures.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../../support/server-process.ts';

/** Shorter than the default, so that a render which would take minutes is lost sooner: its time is not what this is about. */
const timeoutMs = 3_000;

const names = ['vibrance', 'presets', 'text', 'large', 'mixed'];
const presets = {
  vivid: Array.from({ length: 30 }, () => 'e_vibrance:50').join('/'),
  canvas: 'c_scale,w_3000,h_3000',
};

let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  const picture = await from(noise(800, 600)).jpeg().toBuffer();
  const large = await from(noise(2_200, 2_000)).jpeg().toBuffer();
  const [photograph] = readPhotographs(['p24.jpg']);
  folder = await makeWorkingFolder({
    ...Object.fromEntries(names.map((name) => [`${name}.jpg`, picture])),
    'large.jpg': large,
    'photograph.jpg': photograph?.bytes ?? picture,
  });
  await writeFile(join(folder, 'fovea.json'), JSON.stringify({ presets }));
  server = await startServer(folder, {
    FOVEA_RENDERERS: '2',
    FOVEA_RENDER_TIMEOUT_MS: String(timeoutMs),
    FOVEA_UNSIGNED: 'any',
  });
});

afterAll(async () => {
  await server.end('SIGKILL');
  await removeFolder(folder);
});

const vibrance = Array.from({ length: 60 }, () => 'e_vibrance:50').join('/');

/** What one visitor asks for, never the same twice, and each of it slow. */
const attacks: Readonly<Record<string, (index: number) => string>> = {
  vibrance: (index) => `/c_scale,w_${2_900 + index},h_2900/${vibrance}/vibrance.jpg`,
  presets: (index) => `/c_scale,w_${2_900 + index}/t_canvas/t_vivid/t_vivid/presets.jpg`,
  text: (index) =>
    `/c_scale,w_3000,h_3000/l_text:DejaVu%20Sans_${200 + index}_letter_spacing_200:${'wide%20'.repeat(80)}/fl_layer_apply/text.jpg`,
  // Reckoned with less than twice the deadline, and longer than that in the encoder.
  large: (index) => `/c_scale,w_${2_200 - index},h_2000,f_avif/large.jpg`,
  mixed: (index) =>
    index % 2 === 0
      ? `/c_scale,w_${5_000 + index},h_5000,f_avif/mixed.jpg`
      : `/c_scale,w_3000,h_${2_900 + index}/${vibrance}/mixed.jpg`,
};

it.each(Object.keys(attacks))('slow pictures of one original (%s) leave it its other pictures', async (name) => {
  const attack = attacks[name] ?? (() => '/');
  const came = await Promise.all(Array.from({ length: 4 }, (_, index) => timedGet(server.url + attack(index))));
  const statuses = came.map(({ status }) => status);
  // Lost at the deadline, told that it is too much, or given up in the queue: whatever protects the others.
  expect(statuses.filter((status) => ![200, 400, 413, 422, 503, 504].includes(status))).toEqual([]);
  // Whoever comes next, in any size.
  const others = await Promise.all(
    [64, 128, 256].map((width) => timedGet(`${server.url}/w_${width},h_${width}/${name}.jpg`)),
  );
  const after = others.map(({ status }) => status);
  recordFigure(
    3,
    `${name}: four slow pictures of one original answered ${statuses.join(', ')}, three other sizes of it then ${after.join(', ')}`,
  );
  expect(after).toEqual([200, 200, 200]);
});

/** As many programs that compute as there are cores, all before render processes. */
function startBusyMachine(): { stop(): Promise<void> } {
  const busy = cpus().flatMap((): ChildProcess[] => [0, 1].map(() => spawn(process.execPath, ['-e', 'for (;;);'])));
  const ended = busy.map((child) => once(child, 'exit'));
  return {
    async stop() {
      for (const child of busy) child.kill('SIGKILL');
      await Promise.all(ended);
    },
  };
}

it('a large photograph that a loaded machine cannot finish is held against nothing', async () => {
  const load = startBusyMachine();
  const paths = [0, 1, 2].map((index) => `/c_crop,x_${index},w_5900,h_3900,f_png/photograph.jpg`);
  const underLoad: number[] = [];
  for (const path of paths) underLoad.push((await timedGet(server.url + path)).status);
  await load.stop();
  const small = await timedGet(`${server.url}/w_100/photograph.jpg`);
  const again = await timedGet(server.url + (paths[0] ?? ''));
  recordFigure(
    3,
    `a photograph as a full PNG beside ${2 * cpus().length} programs that compute: ${underLoad.join(', ')}; afterwards in small ${small.status}, the same once more ${again.status}`,
  );
  expect(small.status).toBe(200);
  // Not remembered: it is tried once more, whatever comes of that.
  expect([200, 503, 504]).toContain(again.status);
});
