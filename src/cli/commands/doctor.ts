import { z } from 'zod';
import { startDeadline, unlessAborted } from '../../deadline.ts';
import { Failure, isFailure } from '../../failure.ts';
import { remedyOf } from '../../storage/index.ts';
import type { Check, Diagnosis } from '../check.ts';
import { checks } from '../checks.ts';
import { type Context, defineCommand } from '../command.ts';
import { exposureChecks } from '../exposure.ts';
import type { Operations } from '../operations.ts';

/** All checks together: a store that hangs holds up none of the others. */
const checksTimeoutMs = 30_000;

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
    if (operations !== undefined) failed += await tryAll(operations, context);
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
    const remedy = 'correct the environment or the configuration file; docs/configuration.md has a table';
    await tellDiagnosis('configuration', { status: 'failed', detail: error.message, remedy }, context);
    return undefined;
  }
}

/** How many have failed. Those that try something first, since the others look at what lies in the stores. */
async function tryAll(operations: Operations, context: Context): Promise<number> {
  const deadline = startDeadline({ ms: checksTimeoutMs, signal: context.signal });
  const trial = { operations, stopping: context.signal, signal: deadline.signal };
  try {
    const failed = await tryTogether(checks, { ...trial, broken: 'failed' }, context);
    return failed + (await tryTogether(exposureChecks, { ...trial, broken: 'skipped' }, context));
  } finally {
    deadline.stop();
  }
}

interface Trial {
  readonly operations: Operations;
  /** The operator has had enough. */
  readonly stopping: AbortSignal;
  /** Fires then, and when the time is up. */
  readonly signal: AbortSignal;
  /** What a check is that breaks: those that only tell how it is set up fail nothing. */
  readonly broken: 'failed' | 'skipped';
}

/** Begins them all; what they come to is told in their order. */
async function tryTogether(together: readonly Check[], trial: Trial, context: Context): Promise<number> {
  const outcomes = together.map((check) => ({ name: check.name, outcome: tried(check, trial) }));
  // The first that is stopped ends the command, and nobody asks for the others any more.
  for (const { outcome } of outcomes) outcome.catch(() => undefined);
  let failed = 0;
  for (const { name, outcome } of outcomes) {
    const diagnosis = await outcome;
    await tellDiagnosis(name, diagnosis, context);
    if (diagnosis.status === 'failed') failed += 1;
  }
  return failed;
}

/** Whatever breaks inside a check is that check's result: the next ones may still tell something. */
async function tried(check: Check, { operations, stopping, signal, broken }: Trial): Promise<Diagnosis> {
  try {
    return await unlessAborted(check.run(operations, signal), signal);
  } catch (error) {
    if (stopping.aborted) throw error;
    const remedy = (error instanceof Error ? remedyOf(error) : undefined) ?? check.remedy;
    return { status: broken, detail: reasonOf(error), remedy };
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
