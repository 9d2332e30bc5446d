import type { Socket } from 'node:net';
import { type RenderAnswer, renderAnswerSchema } from '../protocol/answer.ts';
import { createFrameReader, frameHead } from '../protocol/frame.ts';
import type { SentJob } from '../protocol/job.ts';
import { createDeferred, type Deferred } from './deferred.ts';
import { killProcess } from './kill-process.ts';
import {
  endedByItself,
  type ProcessCommand,
  type ProcessEnd,
  type Spawned,
  type Spawner,
  type Started,
} from './spawner.ts';

/** No picture we write is longer: 40 megapixels of incompressible PNG with alpha. */
const maxAnswerBytes = 512 * 1024 * 1024;

export interface Answered {
  readonly answer: RenderAnswer;
  readonly payload: Buffer;
}

export interface ProcessOptions {
  readonly spawner: Spawner;
  /** A fontconfig file. */
  readonly fontsFile: string | undefined;
}

/** A render process as its owner sees it. */
export interface RenderProcess {
  /** Undefined until it has started. */
  pid(): number | undefined;
  /** The original's bytes are the first of the payloads, unless the process has them. */
  send(job: SentJob, payloads: readonly Uint8Array[]): void;
  /** The next one that comes; undefined when it has ended and none will. Answers that nobody waits for are dropped. */
  nextAnswer(): Promise<Answered | undefined>;
  /** However it ended, after its last answer. */
  readonly ended: Promise<ProcessEnd>;
  /** Whether `ended` has resolved. */
  hasEnded(): boolean;
  /** Ends it now, whatever it is doing. */
  kill(): void;
  /** Lets it end by itself after what it is doing. */
  retire(): void;
  /** Whether a pending answer keeps this process's event loop alive. */
  holdOpen(hold: boolean): void;
}

interface HandleState {
  started: Started | undefined;
  isKilled: boolean;
  /** From then on its number may be another's. */
  isDead: boolean;
  /** Its line has ended, too. */
  hasEnded: boolean;
  readonly ended: Deferred<ProcessEnd>;
  /** Whoever waits for the next answer. */
  asking: Deferred<Answered | undefined> | undefined;
}

/**
 * Starts a render process. It gets no environment but the allocator's setting (with glibc's default of 8 arenas a
 * core, resident memory doubles) and where fonts are, and no working directory of ours.
 */
export function startRenderProcess(
  { spawner, fontsFile }: ProcessOptions,
  { command, words, isolation }: Omit<ProcessCommand, 'environment'>,
): RenderProcess {
  const environment = { MALLOC_ARENA_MAX: '2', ...(fontsFile !== undefined && { FONTCONFIG_FILE: fontsFile }) };
  const state: HandleState = {
    started: undefined,
    isKilled: false,
    isDead: false,
    hasEnded: false,
    ended: createDeferred(),
    asking: undefined,
  };
  const spawned = spawner.start({ command, words, isolation, environment });
  void follow(state, spawned);
  return {
    pid: () => state.started?.pid,
    send: (job, payloads) => send(state, job, payloads),
    nextAnswer: () => nextAnswer(state),
    ended: state.ended.promise,
    hasEnded: () => state.hasEnded,
    kill: () => kill(state),
    retire: () => void state.started?.jobs.end(),
    holdOpen(hold) {
      spawned.holdOpen(hold);
      if (hold) state.started?.jobs.ref();
      else state.started?.jobs.unref();
    },
  };
}

/** A process from its start to its end. */
async function follow(state: HandleState, { started, ended }: Spawned): Promise<void> {
  state.started = await started;
  if (state.started !== undefined) listen(state, state.started.jobs);
  if (state.isKilled) kill(state);
  const end = await ended;
  // One that waits for a job has not noticed that the spawner is gone.
  if (!endedByItself(end)) kill(state);
  state.isDead = true;
  // What it wrote before is still on the line.
  if (state.started !== undefined) await closed(state.started.jobs);
  state.hasEnded = true;
  state.asking?.resolve(undefined);
  state.ended.resolve(end);
}

function listen(state: HandleState, jobs: Socket): void {
  const read = createFrameReader(maxAnswerBytes);
  // It breaks when the process dies, of which the spawner tells, with the reason.
  jobs.on('error', () => undefined);
  jobs.on('data', (chunk: Buffer) => {
    try {
      for (const { header, payload } of read(chunk)) {
        const answer = renderAnswerSchema.parse(header);
        state.asking?.resolve({ answer, payload });
        state.asking = undefined;
      }
    } catch {
      // Not a frame of ours: whatever writes there is not the program we started.
      kill(state);
    }
  });
}

async function closed(line: Socket): Promise<void> {
  if (!line.destroyed) await new Promise((resolve) => line.once('close', resolve));
}

/** Straight at it: nothing that is in between may be in the way. */
function kill(state: HandleState): void {
  state.isKilled = true;
  if (state.started !== undefined && !state.isDead) killProcess(state.started.pid);
}

function send({ started }: HandleState, job: SentJob, payloads: readonly Uint8Array[]): void {
  const payloadBytes = payloads.reduce((sum, payload) => sum + payload.length, 0);
  started?.jobs.cork();
  started?.jobs.write(frameHead(job, payloadBytes));
  for (const payload of payloads) started?.jobs.write(payload);
  started?.jobs.uncork();
}

function nextAnswer(state: HandleState): Promise<Answered | undefined> {
  if (state.hasEnded) return Promise.resolve(undefined);
  state.asking = createDeferred();
  return state.asking.promise;
}
