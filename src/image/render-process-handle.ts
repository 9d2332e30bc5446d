import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { constants, setPriority } from 'node:os';
import { createFrameReader, frameHead } from './frame.ts';
import { type RenderAnswer, type RenderJob, renderAnswerSchema } from './job.ts';
import { limitedCommand } from './process-script.ts';

/** Enough to see why a process died; more would let a hostile picture fill the log. */
const maxStderrBytes = 2_000;

/** No picture we write is longer: 40 megapixels of incompressible PNG with alpha. */
const maxAnswerBytes = 512 * 1024 * 1024;

/** How a render process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last bytes it wrote to standard error. */
  readonly stderr: string;
}

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
  /** Arguments for `node`. */
  readonly nodeArguments: readonly string[];
  /** A fontconfig file. */
  readonly fontsFile: string | undefined;
}

/** A render process as its owner sees it. */
export interface RenderProcess {
  readonly pid: number | undefined;
  send(job: RenderJob, payloads: readonly Uint8Array[]): void;
  /** Ends it now, whatever it is doing. */
  kill(): void;
  /** Lets it end by itself after what it is doing. */
  retire(): void;
  /** Whether a pending answer keeps this process's event loop alive. */
  holdOpen(hold: boolean): void;
}

/** Hits, refusals and health checks take next to no time: they are not to wait for a core behind pictures. */
function yieldToUs(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or the system has no such thing: then it is as important as we are.
  }
}

/**
 * Starts a render process. It gets no environment but the allocator's setting (with glibc's default of 8 arenas a
 * core, resident memory doubles) and where fonts are, no working directory of ours, and a session of its own, so that Ctrl-C in a terminal
 * reaches only the server, which then drains.
 */
export function startRenderProcess({ nodeArguments, fontsFile }: ProcessOptions, events: ProcessEvents): RenderProcess {
  const [command, words] = limitedCommand(nodeArguments);
  const child = spawn(command, [...words], {
    env: { MALLOC_ARENA_MAX: '2', ...(fontsFile !== undefined && { FONTCONFIG_FILE: fontsFile }) },
    cwd: '/',
    detached: true,
    // Errors, then jobs and their answers, then a line whose end tells that this process is gone.
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  yieldToUs(child.pid);
  // Node types pipes by direction; each of these is a two-way socket. There are none when the process could not start.
  const pipes = ((child.stdio ?? []) as readonly unknown[]).filter((pipe) => pipe instanceof Socket);
  const [stderr, jobs] = pipes;
  let tail = Buffer.alloc(0);
  let ended = false;

  function end(code: number | null, signal: string | null): void {
    if (ended) return;
    ended = true;
    for (const pipe of pipes) pipe.destroy();
    events.onEnd({ code, signal, stderr: tail.toString('utf8') });
  }
  function kill(): void {
    child.kill('SIGKILL');
  }

  const read = createFrameReader(maxAnswerBytes, ({ header, payload }) => {
    events.onAnswer({ answer: renderAnswerSchema.parse(header), payload });
  });
  jobs?.on('data', (chunk: Buffer) => {
    try {
      read(chunk);
    } catch {
      // Not a frame of ours: whatever writes there is not the program we started.
      kill();
    }
  });
  stderr?.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-maxStderrBytes);
  });
  // A pipe breaks when its process dies: 'close' tells that, once, with the reason.
  for (const pipe of pipes) pipe.on('error', () => undefined);
  child.on('error', () => end(null, null));
  child.on('close', end);

  return {
    pid: child.pid,
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
      for (const handle of [child, ...pipes]) {
        if (hold) handle.ref();
        else handle.unref();
      }
    },
  };
}
