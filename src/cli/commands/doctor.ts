import { z } from 'zod';
import { Failure, isFailure } from '../../failure.ts';
import { remedyOf } from '../../storage/index.ts';
import { type Check, checks, type Diagnosis } from '../checks.ts';
import { type Context, defineCommand } from '../command.ts';
import { exposureChecks } from '../exposure.ts';
import type { Operations } from '../operations.ts';

/** One check may take so long: a bucket that cannot be reached must not hold up the others. */
const checkTimeoutMs = 30_000;

export const doctorCommand = defineCommand({
  name: 'doctor',
  summary: 'try everything that the configuration names, say what to do about what fails, and what is open to whom',
  notes: [
    'Writes, reads and deletes small objects in both stores where no URL can name them, renders each format, purges a',
    'tag that nothing carries, and asks the queue how long it is. Exit code 6 when something failed. Then it tells what the',
    'outside may reach, and looks into some originals for where they were taken: info and warnings, which fail nothing.',
  ],
  options: [],
  schema: z.object({}),
  examples: [
    ['fovea doctor', 'a line for each check'],
    ['fovea doctor --json | jq "select(.status == \\"failed\\")"', 'what is wrong, for a program'],
  ],
  async run({ context }) {
    const operations = await openChecked(context);
    let failed = operations === undefined ? 1 : 0;
    for (const check of operations === undefined ? [] : [...checks, ...exposureChecks]) {
      const diagnosis = await tried(check, operations, context.signal);
      await tellDiagnosis(check.name, diagnosis, context);
      if (diagnosis.status === 'failed') failed += 1;
    }
    if (failed > 0) throw new Failure('upstream', `${failed} check(s) failed.`);
  },
});

async function openChecked(context: Context): Promise<Operations | undefined> {
  try {
    const operations = await context.open();
    await tellDiagnosis('configuration', { status: 'ok', detail: 'understood' }, context);
    return operations;
  } catch (error) {
    if (!isFailure(error)) throw error;
    const remedy = 'correct the environment or the configuration file; the README has a table';
    await tellDiagnosis('configuration', { status: 'failed', detail: error.message, remedy }, context);
    return undefined;
  }
}

/** Whatever breaks inside a check is that check's result: the next ones may still tell something. */
async function tried(check: Check, operations: Operations | undefined, signal: AbortSignal): Promise<Diagnosis> {
  if (operations === undefined) return { status: 'skipped', detail: 'no configuration' };
  try {
    return await check.run(operations, AbortSignal.any([signal, AbortSignal.timeout(checkTimeoutMs)]));
  } catch (error) {
    if (signal.aborted) throw error;
    const remedy = (error instanceof Error ? remedyOf(error) : undefined) ?? check.remedy;
    return { status: 'failed', detail: reasonOf(error), remedy };
  }
}

/** The operator may read what a client may not: the cause says what the store or provider answered. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const detail = cause instanceof Error ? ` (${cause.name}: ${cause.message})` : '';
  return `${error.message}${detail}`;
}

async function tellDiagnosis(name: string, diagnosis: Diagnosis, { output }: Context): Promise<void> {
  const { status, detail, remedy } = diagnosis;
  const advice = remedy === undefined ? '' : `; to do: ${remedy}`;
  const line = `${status.padEnd(7)} ${name}: ${detail}${advice}`;
  await output.print({ check: name, ...diagnosis }, line.replaceAll('\n', ' '));
}
