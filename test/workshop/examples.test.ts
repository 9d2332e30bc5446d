import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What each door shows, in the file of its main factory or interface, and what its example takes as given. */
const doors: Readonly<Record<string, { readonly in: string; readonly given?: string }>> = {
  cdn: { in: 'cdn/open.ts', given: 'signal: AbortSignal' },
  cli: {
    in: 'cli/run.ts',
    given: `{ stdin, stdout, stderr }: typeof process, signal: AbortSignal, serve: () => Promise<void>,
      work: () => Promise<void>, ...[config, telemetry]: Parameters<typeof openOperations>`,
  },
  config: { in: 'config/config.ts' },
  grammar: { in: 'grammar/reading/parse.ts' },
  http: { in: 'http/app.ts', given: 'options: Parameters<typeof createApp>[0]' },
  image: {
    in: 'image/renderer/renderer.ts',
    given: `options: Parameters<typeof createRenderer>[0], original: Uint8Array, transform: ResolvedTransform,
      signal: AbortSignal`,
  },
  outbound: { in: 'outbound/send.ts', given: 'signal: AbortSignal' },
  queue: {
    in: 'queue/open.ts',
    given: "work: Parameters<Awaited<ReturnType<typeof openQueue>>['createConsumer']>[0]",
  },
  service: {
    in: 'service/service.ts',
    given: '...[config, telemetry]: Parameters<typeof openOperations>',
  },
  sinks: { in: 'sinks/sinks.ts' },
  storage: { in: 'storage/open.ts', given: 'signal: AbortSignal' },
  uploads: {
    in: 'uploads/uploads.ts',
    given: `parts: Parameters<typeof createUploads>[0], signal: AbortSignal,
      options: Parameters<ReturnType<typeof createUploads>['presign']>[1]`,
  },
  url: { in: 'url/url.ts' },
  variants: {
    in: 'variants/variants.ts',
    given: `parts: Parameters<typeof createVariants>[0], transform: ResolvedTransform, signal: AbortSignal`,
  },
};

const imports = `
import { openCdn } from '../../../src/cdn/index.ts';
import { run } from '../../../src/cli/index.ts';
import { readConfig } from '../../../src/config/index.ts';
import { defaultGrammarOptions, negotiate, parseTarget, type ResolvedTransform } from '../../../src/grammar/index.ts';
import { createApp, listen } from '../../../src/http/index.ts';
import { createRenderer } from '../../../src/image/index.ts';
import { sendOutbound } from '../../../src/outbound/index.ts';
import { openQueue } from '../../../src/queue/index.ts';
import { createService, openFoundations, openOperations } from '../../../src/service/index.ts';
import { createTelemetry } from '../../../src/sinks/index.ts';
import { openStore } from '../../../src/storage/index.ts';
import { createUploads } from '../../../src/uploads/index.ts';
import { createUrls } from '../../../src/url/index.ts';
import { createVariants } from '../../../src/variants/index.ts';
`;

/** The one example of a file, without the stars before it. */
function exampleIn(source: string): string {
  const [, lines = ''] = /^ \* @example\n((?: \* .*\n)+) \*\/\nexport /m.exec(source) ?? [];
  return lines.replace(/^ \* /gm, '');
}

async function asFunction([room, door]: readonly [string, { readonly in: string; readonly given?: string }]) {
  const example = exampleIn(await readFile(join(root, 'src', door.in), 'utf8'));
  expect(example.split('\n').length, `lines of the example in ${door.in}`).toBeGreaterThan(2);
  return `export async function ${room}(${door.given ?? ''}) {\n${example}}\n`;
}

it('every door has an example, and it compiles', async () => {
  const source = join(root, 'src');
  const rooms = readdirSync(source).filter((room) => existsSync(join(source, room, 'index.ts')));
  expect(Object.keys(doors).toSorted()).toEqual(rooms.toSorted());
  const folder = await mkdtemp(join(root, 'node_modules', '.cache', 'fovea-examples-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const functions = await Promise.all(Object.entries(doors).map(asFunction));
  await writeFile(join(folder, 'examples.ts'), imports + functions.join('\n'));
  const settings = {
    extends: '../../../tsconfig.json',
    compilerOptions: { noUnusedLocals: false },
    files: ['examples.ts'],
    include: [],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  const compiler = fileURLToPath(import.meta.resolve('typescript/package.json').replace('package.json', 'bin/tsc'));
  const run = promisify(execFile)(process.execPath, [compiler, '-p', folder, '--pretty', 'false']);
  const complaints = await run.then(
    ({ stdout }) => stdout,
    (error: unknown) => String(Reflect.get(Object(error), 'stdout')),
  );
  expect(complaints).toBe('');
});
