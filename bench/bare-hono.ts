import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import PQueue from 'p-queue';
import sharp from 'sharp';
import { jobs } from './miss-jobs.ts';

// What somebody writes in an hour: a route, a file, sharp in this process, as many at once as there are cores.
// Usage: bare-hono.ts FOLDER; pictures are /FILE/JOB/WIDTH, by the job's number.

sharp.concurrency(1);
sharp.cache(false);
const folder = process.argv[2] ?? '';
const renders = new PQueue({ concurrency: availableParallelism() });
const app = new Hono();
app.get('/:file/:job/:width', async (c) => {
  const job = jobs[Number(c.req.param('job'))];
  if (job === undefined) return c.notFound();
  const original = await readFile(join(folder, c.req.param('file')));
  const drawn = await renders.add(() =>
    job.bare(original, Number(c.req.param('width'))).toBuffer({ resolveWithObject: true }),
  );
  c.header('Content-Type', `image/${drawn.info.format}`);
  return c.body(new Uint8Array(drawn.data));
});
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`listening on http://127.0.0.1:${port}`);
});
process.once('SIGTERM', () => process.exit(0));
