import type { ScoreAnswer } from '../scores.ts';

interface Waiting {
  readonly resolve: (score: number | undefined) => void;
}

const waiting = new Map<number, Waiting>();
let worker: Worker | undefined;
let last = 0;

/** SSIMULACRA 2 of a picture against the same without loss: 100 is the same, 90 cannot be told apart; undefined where it cannot be told. */
export function scoreOf(reference: Blob, blob: Blob): Promise<number | undefined> {
  worker ??= open();
  const id = ++last;
  worker.postMessage({ id, reference, blob });
  return new Promise((resolve) => waiting.set(id, { resolve }));
}

function open(): Worker {
  const opened = new Worker('/-/playground/scores.js', { type: 'module' });
  opened.onmessage = ({ data: { id, score } }: MessageEvent<ScoreAnswer>) => settle(id, score);
  opened.onerror = () => {
    for (const id of [...waiting.keys()]) settle(id, undefined);
  };
  return opened;
}

function settle(id: number, score: number | undefined): void {
  waiting.get(id)?.resolve(score);
  waiting.delete(id);
}
