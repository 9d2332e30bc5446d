import { afterAll, beforeAll, expect, it } from 'vitest';
import { attack, complaintsAbout } from '../support/hostile/attack.ts';
import { hostileFiles } from '../support/hostile/index.ts';
import { from, quarters } from '../support/pictures.ts';
import {
  buildProgram,
  makeWorkingFolder,
  removeFolder,
  type ServerProcess,
  startServer,
} from '../support/server-process.ts';

let program: string;
let server: ServerProcess | undefined;

beforeAll(async () => {
  program = await buildProgram();
});
afterAll(async () => {
  await server?.end('SIGKILL');
  await removeFolder(program);
});

const outputs = ['w_320,f_jpg', 'w_320,f_png', 'w_320,f_webp', 'c_pad,w_64,h_64,f_gif', 'c_thumb,w_48,h_48,f_avif'];

it('no hostile file ends the server, takes it over its memory, or gets more than a picture or a refusal', async () => {
  const files = hostileFiles(1).filter(({ isHeavy }) => isHeavy !== true);
  const folder = await makeWorkingFolder({ 'sound.png': await from(quarters(64, 48)).png().toBuffer() });
  server = await startServer(program, folder, { FOVEA_RENDERERS: '2' });
  const { outcomes, peakBytes } = await attack({
    server,
    folder,
    files,
    transformations: (index) => [outputs[index % outputs.length] ?? ''],
    atOnce: 4,
  });
  expect(outcomes).toHaveLength(files.length);
  const complaints = (await Promise.all(outcomes.map(complaintsAbout))).flat();
  expect(complaints).toEqual([]);
  expect(peakBytes).toBeLessThan(1.5 * 1024 ** 3);
  // It is the same process, and draws as before.
  expect(server.child.exitCode).toBeNull();
  expect((await fetch(`${server.url}/w_32/sound.png`)).status).toBe(200);
  expect(await server.end('SIGTERM')).toBe(0);
  await removeFolder(folder);
}, 120_000);
