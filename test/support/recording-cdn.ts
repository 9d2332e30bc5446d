import type { Cdn } from '../../src/cdn/index.ts';

export interface EdgeCall {
  readonly tags: readonly string[];
  readonly reference: string;
}

export interface RecordingCdn extends Cdn {
  readonly calls: readonly EdgeCall[];
  /** What is done at each call, before it is answered: to look around, or to fail. */
  onCall: (call: EdgeCall) => Promise<void> | void;
}

/** A CDN that keeps what it was asked to forget. */
export function createRecordingCdn(): RecordingCdn {
  const calls: EdgeCall[] = [];
  const cdn: RecordingCdn = {
    calls,
    isPresent: true,
    onCall: () => undefined,
    async purgeTags(tags, { callerReference: reference }) {
      calls.push({ tags, reference });
      await cdn.onCall({ tags, reference });
      return [{ provider: 'varnish', id: String(calls.length), status: 'purged' }];
    },
  };
  return cdn;
}
