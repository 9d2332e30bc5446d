import { Failure } from '../../failure.ts';
import { interrupted, type Loss } from '../processes/loss.ts';

/**
 * A render that did not get four fifths of a core until its deadline was ended by the machine's load. All of one is more
 * than any process gets beside a server that does a little work.
 */
const ownCpuShare = 0.8;

export function isMachinesFault(loss: Loss): boolean {
  return loss.how === 'deadline' && loss.cpuShare !== undefined && !(loss.cpuShare >= ownCpuShare);
}

/** No decoder sends itself SIGKILL: the system does, when memory runs out, and the same picture may do well a moment later. */
export function isPicturesFault(loss: Loss): boolean {
  return loss.how === 'deadline' || loss.signal !== 'SIGKILL';
}

/** What is held against a picture that was lost so. */
export function markOf(loss: Loss): string {
  return loss.how === 'deadline'
    ? `This picture was not finished within ${loss.timeoutMs} ms; others of its original may be.`
    : 'The process that made this picture crashed.';
}

/** For whoever waited for the render that was lost. */
export function failureOf(loss: Loss): Failure {
  if (loss.how === 'crash') return isPicturesFault(loss) ? new Failure('corrupt', markOf(loss)) : interrupted();
  const late = `The picture was not finished within ${loss.timeoutMs} ms`;
  if (!isMachinesFault(loss)) return new Failure('timeout', `${late}.`);
  return new Failure('timeout', `${late}, in which the machine had other work.`, { retryAfterSeconds: 2 });
}
