import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Renderer } from '../../src/image/index.ts';
import { type DialectServer, source, startRenderer, startServer } from './server.ts';
import { type System, targetOf } from './system.ts';
import { systems } from './systems.ts';

/** What other programs print: ours, and a longer list where it lies beside the checkout. */
const lists = ['urls.tsv', '../../../shared/cases/urls/peers.tsv', '../../../shared/cases/urls/cloudinary.tsv'].map(
  (path) => fileURLToPath(new URL(path, import.meta.url)),
);

const urls: readonly (readonly [list: string, url: string])[] = lists
  .filter((path) => existsSync(path))
  .flatMap((path) => {
    // Cloudinary's list says who printed a URL.
    const isOfCloudinary = path.endsWith('cloudinary.tsv');
    return readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.split('\t', 2))
      .flatMap(([list = '', url = '']) => (url === '' ? [] : [[isOfCloudinary ? 'cloudinary' : list, url] as const]));
  });

interface Answer {
  readonly status: number;
  readonly why: string;
  readonly body: Buffer;
}

/** Asks for exactly this target: fetch would normalise it. */
function ask(server: DialectServer, target: string): Promise<Answer> {
  const { port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const asked = request(
      { port, host: '127.0.0.1', path: target, headers: { accept: 'image/webp,*/*' } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const why = String(response.headers['x-cld-error'] ?? '');
          resolve({ status: response.statusCode ?? 0, why, body: Buffer.concat(chunks) });
        });
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

type Verdict = 'right' | 'not judged' | 'refused' | 'wrong';

async function judge(system: System, target: string, { status, why, body }: Answer): Promise<[Verdict, string]> {
  if (status !== 200)
    return [[400, 401, 410, 413, 422].includes(status) && why !== '' ? 'refused' : 'wrong', `${status} ${why}`];
  const wanted = system.sizeOf(target, source);
  if (wanted === undefined) return ['not judged', ''];
  const { width, height } = await sharp(body).metadata();
  // Half a pixel may be rounded either way.
  const isRight = Math.abs(width - wanted.width) <= 1 && Math.abs(height - wanted.height) <= 1;
  return [isRight ? 'right' : 'wrong', `${width}×${height}, not ${wanted.width}×${wanted.height}`];
}

let renderer: Renderer;
const report: string[] = [];

beforeAll(async () => {
  renderer = await startRenderer();
});
afterAll(async () => {
  await renderer.close();
  process.stdout.write(['system       urls  right  not judged  refused  wrong  share', ...report, ''].join('\n'));
});

describe.each(systems.map((system) => [system.name, system] as const))('%s', (name, system) => {
  it('has its URLs answered, or refused with the reason, and none wrongly', async () => {
    const server = await startServer(renderer, system.file);
    const asked = new Set(urls.filter(([list]) => system.lists.includes(list)).map(([, url]) => targetOf(url)));
    const told: Record<Verdict, string[]> = { right: [], 'not judged': [], refused: [], wrong: [] };
    let [drawable, answered] = [0, 0];
    for (const target of asked) {
      const [verdict, detail] = await judge(system, target, await ask(server, target));
      told[verdict].push(`${target} ${detail}`);
      const isAnswered = verdict === 'right' || verdict === 'not judged';
      if (!system.isBeyond(target)) {
        drawable += 1;
        answered += Number(isAnswered);
      }
    }
    await server.close();
    const share = answered / drawable;
    const counts = [asked.size, told.right.length, told['not judged'].length, told.refused.length, told.wrong.length];
    const columns = counts.map((count, index) => String(count).padStart([5, 7, 12, 9, 7][index] ?? 0)).join('');
    report.push(`${name.padEnd(12)}${columns}  ${(share * 100).toFixed(1)} % of ${drawable}`);
    expect(asked.size).toBeGreaterThan(0);
    expect(told.wrong.filter((line) => !system.isBeyond(line.split(' ')[0] ?? ''))).toEqual([]);
    expect(share, told.refused.join('\n')).toBeGreaterThanOrEqual(system.leastShare);
  });
});
