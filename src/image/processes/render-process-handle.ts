import type { Socket } from 'node:net';
import { createFrameReader, frameHead } from '../protocol/frame.ts';
import { killProcess } from '../protocol/group-signals.ts';
import { type RenderAnswer, type RenderJob, renderAnswerSchema } from '../protocol/job.ts';
import { type Command, endedByItself, type ProcessEnd, type Spawner } from './spawner.ts';

/** No picture we write is longer: 40 megapixels of incompressible PNG with alpha. */
const maxAnswerBytes = 512 * 1024 * 1024;

export interface Answered {
  readonly answer: RenderAnswer;
  readonly payload: Buffer;
}

/** What a render process tells its owner. `onEnd` comes once, last, however the process ended. */
export interface ProcessEvents {
  onAnswer(answered: Answered): void;
  onEnd(end: ProcessEnd): void;
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
  send(job: RenderJob, payloads: readonly Uint8Array[]): void;
  /** Ends it now, whatever it is doing. */
  kill(): void;
  /** Lets it end by itself after what it is doing. */
  retire(): void;
  /** Whether a pending answer keeps this process's event loop alive. */
  holdOpen(hold: boolean): void;
}

/**
 * Starts a render process. It gets no environment but the allocator's setting (with glibc's default of 8 arenas a
 * core, resident memory doubles) and where fonts are, and no working directory of ours.
 */
export function startRenderProcess(
  { spawner, fontsFile }: ProcessOptions,
  { command, words, isolation }: Omit<Command, 'environment'>,
  events: ProcessEvents,
): RenderProcess {
  const environment = { MALLOC_ARENA_MAX: '2', ...(fontsFile !== undefined && { FONTCONFIG_FILE: fontsFile }) };
  let pid: number | undefined;
  let jobs: Socket | undefined;
  let isKilled = false;
  let hasEnded = false;

  /** Straight at it: nothing that is in between may be in the way. */
  function kill(): void {
    isKilled = true;
    // Once its end is known its number may be another's.
    if (pid !== undefined && !hasEnded) killProcess(pid);
  }

  const read = createFrameReader(maxAnswerBytes);

  const life = spawner.start(
    { command, words, isolation, environment },
    {
      onStarted(startedPid, line) {
        [pid, jobs] = [startedPid, line];
        if (isKilled) kill();
        // It breaks when the process dies, of which the spawner tells, with the reason.
        line.on('error', () => undefined);
        line.on('data', (chunk: Buffer) => {
          try {
            for (const { header, payload } of read(chunk)) {
              events.onAnswer({ answer: renderAnswerSchema.parse(header), payload });
            }
          } catch {
            // Not a frame of ours: whatever writes there is not the program we started.
            kill();
          }
        });
      },
      onEnd(end) {
        // One that waits for a job has not noticed that the spawner is gone.
        if (!endedByItself(end)) kill();
        hasEnded = true;
        // What it wrote before is still on the line.
        if (jobs === undefined || jobs.destroyed) events.onEnd(end);
        else jobs.once('close', () => events.onEnd(end));
      },
    },
  );

  return {
    pid: () => pid,
    send(job, payloads) {
      const payloadBytes = payloads.reduce((sum, payload) => sum + payload.length, 0);
      jobs?.cork();
      jobs?.write(frameHead(job, payloadBytes));
      for (const payload of payloads) jobs?.write(payload);
      jobs?.uncork();
    },
    kill,
    retire() {
      jobs?.end();
    },
    holdOpen(hold) {
      life.holdOpen(hold);
      if (hold) jobs?.ref();
      else jobs?.unref();
    },
  };
}
