import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sizesFor } from '../../src/config/machine.ts';
import { type ControlGroup, createControlGroup } from '../support/control-group.ts';
import { megabytes, recordFigure } from '../support/figures.ts';
import { from, noise, paint } from '../support/pictures.ts';
import { ownedBytes, watchMemory } from '../support/process-group.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../support/server-process.ts';

// One core and 512 MB. The kernel holds the server to them, where this user may make a control group (root may); elsewhere it
// is told what it would have found out by itself, and what it takes is measured.

const memoryBytes = 512 * 1024 ** 2;
const sides = { width: 6_000, height: 4_000 };
const files = ['photograph.jpg', 'progressive.jpg', 'photograph.webp'] as const;

let folder: string;
let group: ControlGroup | undefined;
let server: ServerProcess;

/** 24 megapixels of large shapes with grain on them, in each kind. */
async function photographs(): Promise<Record<string, Buffer>> {
  const shapes = paint(sides.width, sides.height, (x, y) => [(x * 7 + (y >> 3)) & 255, (y * 3) & 255, (x ^ y) >> 5]);
  const grain = await from(noise(600, 400)).png().toBuffer();
  const pixels = await from(shapes)
    .composite([{ input: grain, tile: true, blend: 'soft-light' }])
    .raw()
    .toBuffer();
  const made = () => sharp(pixels, { raw: { ...sides, channels: 3 }, limitInputPixels: false });
  return {
    'photograph.jpg': await made().jpeg({ quality: 90 }).toBuffer(),
    'progressive.jpg': await made().jpeg({ quality: 90, progressive: true }).toBuffer(),
    'photograph.webp': await made().webp({ quality: 80, effort: 0 }).toBuffer(),
  };
}

beforeAll(async () => {
  folder = await makeWorkingFolder(await photographs());
  group = createControlGroup(memoryBytes);
  const unsaid = { memoryBytes: undefined, renderers: undefined, renderMemoryBytes: undefined };
  const sizes = sizesFor(unsaid, { cores: 1, memoryBytes });
  const told = {
    FOVEA_MEMORY_MB: String(megabytes(sizes.memoryBytes)),
    FOVEA_RENDERERS: String(sizes.renderers),
    FOVEA_RENDER_MEMORY_MB: String(megabytes(sizes.renderMemoryBytes)),
  };
  // What is tried is memory: a core that others use too has its time.
  const environment = { FOVEA_RENDER_TIMEOUT_MS: '60000', ...(group === undefined ? told : {}) };
  server = await startServer(folder, environment, { before: [...(group?.enter ?? []), 'taskset', '-c', '0'] });
});

afterAll(async () => {
  await server.end('SIGKILL');
  await group?.remove();
  await removeFolder(folder);
});

it('a machine of one core and 512 MB renders photographs of 24 megapixels, and serves beside that', async () => {
  const memory = watchMemory(server.child.pid ?? 0, ownedBytes);
  const targets = files.flatMap((file) =>
    ['c_limit,w_800,f_webp', 'c_limit,w_1600,f_avif', 'c_limit,w_1600,q_80,f_jpg', 'w_128,h_128'].map(
      (transformation) => `/${transformation}/${file}`,
    ),
  );
  const ask = async (target: string) => {
    for (;;) {
      const response = await fetch(server.url + target);
      const body = Buffer.from(await response.arrayBuffer());
      // Others may use the core: then a picture takes longer than anybody is made to wait, and is asked for again.
      if (response.status !== 503)
        return { target, status: response.status, detail: response.status === 200 ? '' : body.toString(), body };
    }
  };
  const fresh = await Promise.all([...targets, '/photograph.jpg'].map(ask));
  expect(fresh.filter(({ status }) => status !== 200).map(({ target, detail }) => target + detail)).toEqual([]);
  const { width, height } = await sharp(fresh[1]?.body).metadata();
  expect({ width, height }).toEqual({ width: 1_600, height: 1_067 });
  const again = await Promise.all(targets.map(ask));
  expect(again.filter(({ body }, index) => fresh[index]?.body.equals(body) !== true)).toEqual([]);
  memory.stop();
  recordFigure(
    41,
    `${targets.length} pictures of photographs of 24 megapixels at once, on one core and 512 MB: ` +
      `${megabytes(memory.peakBytes())} MB at most, ${group?.killed() ?? 'no'} processes killed`,
  );
  expect(memory.peakBytes()).toBeLessThan(memoryBytes);
  expect(group?.killed() ?? 0).toBe(0);
});
