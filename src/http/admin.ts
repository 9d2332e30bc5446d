import { z } from 'zod';
import { Failure } from '../failure.ts';
import type { PurgeRequest, Variants } from '../variants/index.ts';
import { noteChanged } from './audit.ts';
import { textOf } from './bodies.ts';
import { type AppContext, rawTarget } from './context.ts';

/** What only the holder of the admin token may do: look at the metrics, and purge. */
export interface AdminOptions {
  readonly variants: Pick<Variants, 'purge'>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Some 10,000 long keys: more are better named by a prefix, or sent in parts. */
const maxBodyBytes = 1024 * 1024;

/** A purge goes on when its client leaves, since half a purge helps nobody: this is its bound instead. */
const purgeTimeoutMs = 15 * 60_000;

const names = z.array(z.string().min(1)).max(100_000).optional();
export const purgeBody = z.strictObject({
  keys: names,
  prefixes: names,
  tags: names,
  urls: names,
  dryRun: z.boolean().optional(),
});

const expectedPurge = 'expected {keys?, prefixes?, tags?, urls?: string[], dryRun?: boolean}';

async function readPurgeBody(c: AppContext): Promise<PurgeRequest> {
  let body: unknown;
  try {
    body = JSON.parse(await textOf(c, maxBodyBytes));
  } catch (error) {
    throw error instanceof SyntaxError
      ? new Failure('invalid', `The body is not JSON; ${expectedPurge}.`, { cause: error })
      : error;
  }
  const parsed = purgeBody.safeParse(body);
  if (parsed.success) return parsed.data as PurgeRequest;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') || 'the body';
  throw new Failure('invalid', `Not a purge: ${where}: ${issue?.message}; ${expectedPurge}.`);
}

async function purged(c: AppContext, request: PurgeRequest, { variants }: AdminOptions): Promise<Response> {
  const result = await variants.purge(request, {
    signal: AbortSignal.timeout(purgeTimeoutMs),
    reference: c.get('requestId'),
  });
  noteChanged(c, request.dryRun === true ? 0 : result.originals);
  return c.json({ id: c.get('requestId'), dryRun: request.dryRun ?? false, ...result }, 200, {
    'Cache-Control': 'no-store',
  });
}

/** Purges what the body names. */
export async function answerPurge(c: AppContext, options: AdminOptions): Promise<Response> {
  return purged(c, await readPurgeBody(c), options);
}

/** `PURGE` of any public URL purges the original behind it. */
export function answerPurgeOfTarget(c: AppContext, options: AdminOptions): Promise<Response> {
  const host = c.req.header('host');
  return purged(c, { urls: [host === undefined ? rawTarget(c) : `http://${host}${rawTarget(c)}`] }, options);
}

/** The metrics page. */
export async function answerMetrics(c: AppContext, { metrics }: AdminOptions): Promise<Response> {
  const { contentType, text } = await metrics();
  return c.body(text, 200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' });
}
