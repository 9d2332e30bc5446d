import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { recordFigure } from '../support/figures.ts';
import { from, noise } from '../support/pictures.ts';
import { renderProcesses } from '../support/process-group.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../support/server-process.ts';

const secrets: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLEOFSECRETS',
  AWS_SECRET_ACCESS_KEY: 'the-secret-access-key',
  AWS_SESSION_TOKEN: 'the-session-token',
  FOVEA_ADMIN_TOKEN: 'the-token-of-the-admin',
  FOVEA_SIGNING_SECRETS: 'the-signing-secret-of-the-tests-long-enough',
  CLOUDFLARE_API_TOKEN: 'the-token-of-the-cdn',
};

let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  folder = await makeWorkingFolder({ 'cat.jpg': await from(noise(400, 300)).jpeg().toBuffer() });
  server = await startServer(folder, { FOVEA_RENDERERS: '2', FOVEA_CDN: `cloudflare:${'0'.repeat(32)}`, ...secrets });
});

afterAll(async () => {
  await server.end('SIGKILL');
  await removeFolder(folder);
});

const told = (pid: number, what: 'environ' | 'cmdline') => readFileSync(`/proc/${pid}/${what}`, 'latin1').split('\0');

function descriptors(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${name}`)];
    } catch {
      return []; // Closed since it was listed.
    }
  });
}

// Where there is no /dev, Node keeps the root of its cage open in its stead.
const isFile = (name: string) => name.startsWith('/') && name !== '/' && !name.startsWith('/dev/');
const isSocket = (name: string) => name.startsWith('socket:');

it.runIf(process.platform === 'linux')('the render processes of a server are told none of its secrets', async () => {
  const widths = Array.from({ length: 20 }, (_, index) => 10 + index);
  const statuses = await Promise.all(
    widths.map(async (width) => (await fetch(`${server.url}/w_${width}/cat.jpg`)).status),
  );
  expect(new Set(statuses)).toEqual(new Set([200]));
  const own = server.child.pid ?? 0;
  const renderers = renderProcesses(own);
  expect(renderers).toHaveLength(2);

  const values = Object.values(secrets);
  const known = (pid: number) =>
    values.filter((secret) => [...told(pid, 'environ'), ...told(pid, 'cmdline')].some((text) => text.includes(secret)));
  // Where they are to be found when they are there.
  expect(known(own)).toEqual(values);
  const leaked = renderers.flatMap(known);
  const variables = renderers.flatMap((pid) =>
    told(pid, 'environ').flatMap((variable) => (variable === '' ? [] : [variable.replace(/=.*/s, '')])),
  );
  // A process that has just started still reads its own program.
  await vi.waitFor(() => expect(renderers.flatMap(descriptors).filter(isFile)).toEqual([]), { timeout: 10_000 });
  const open = renderers.flatMap(descriptors);
  const ours = new Set(descriptors(own).filter(isSocket));
  expect(ours.size).toBeGreaterThan(0);
  const inherited = open.filter((name) => ours.has(name));
  recordFigure(
    36,
    `${renderers.length} render processes: ${leaked.length} of ${values.length} secrets of the server in their environment (${[...new Set(variables)].sort().join(', ')}) and command line; ${open.length} descriptors, of them ${open.filter(isFile).length} files and ${inherited.length} sockets of the server`,
  );
  expect(leaked).toEqual([]);
  // Bubblewrap says where it has put it: at the root of the cage.
  const names = new Set(variables.filter((name) => name !== 'PWD'));
  expect([...names].sort()).toEqual(['FONTCONFIG_FILE', 'MALLOC_ARENA_MAX']);
  expect(inherited).toEqual([]);
});
