import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { z } from 'zod';

const run = promisify(execFile);
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const serverSchema = z.object({ endpoint: z.url(), accessKeyId: z.string(), secretAccessKey: z.string() });

/** Where the real S3 listens, and who may use it. */
export type S3Server = z.infer<typeof serverSchema>;

declare module 'vitest' {
  export interface ProvidedContext {
    s3: S3Server;
  }
}

/** Starts a real S3 for the whole run and ends it afterwards. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const state = await mkdtemp(path.join(tmpdir(), 'fovea-s3-'));
  const stop = async () => {
    await run(script('stop.sh'), [state]);
    await rm(state, { recursive: true });
  };
  try {
    const { stdout } = await run(script('start.sh'), [state]);
    const lines = stdout.trim().split('\n');
    project.provide(
      's3',
      serverSchema.parse(Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)))),
    );
    return stop;
  } catch (error) {
    await stop();
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(said === '' ? 'The S3 server did not start.' : said);
  }
}
