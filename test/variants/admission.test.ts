import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createAdmission } from '../../src/variants/index.ts';
import { createRecordingTelemetry } from '../support/test-service.ts';

interface Asked {
  readonly client?: string | undefined;
  readonly original?: string;
  readonly priority?: 'visitor' | 'warming';
  readonly signal?: AbortSignal;
}

/** A room whose work goes on until the test ends it. */
function open(slots: number, queueMax: number) {
  const telemetry = createRecordingTelemetry();
  const admission = createAdmission({ slots, queueMax, telemetry, clock: { now: () => 0 } });
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const refused: string[] = [];
  return {
    admission,
    telemetry,
    /** In the order they came to a slot. */
    begun,
    refused,
    /** Asks for a slot: the first letter of a name is its client, and each name is an original. */
    ask(name: string, asked: Asked = {}) {
      const { original = name, priority = 'visitor', signal } = asked;
      const client = 'client' in asked ? asked.client : name[0];
      const work = () =>
        new Promise<void>((resolve) => {
          begun.push(name);
          ends.set(name, resolve);
        });
      const claim = { client, original };
      const done = admission.run(work, { ...claim, priority, signal: signal ?? new AbortController().signal });
      done.catch((error: { kind?: string }) => refused.push(`${name}: ${error.kind}`));
      return done;
    },
    async end(name: string) {
      ends.get(name)?.();
      await nextTurn();
    },
  };
}

const many = (client: string, count: number) => Array.from({ length: count }, (_, index) => `${client}${index + 1}`);

describe('one client’s heavy pictures', () => {
  it('have all slots while nobody else asks, and leave one to whoever comes', async () => {
    const { ask, begun } = open(4, 64);
    for (const name of many('h', 10)) void ask(name);
    expect(begun).toEqual(['h1', 'h2', 'h3', 'h4']);
    void ask('v1');
    expect(begun).toEqual(['h1', 'h2', 'h3', 'h4', 'v1']);
    await nextTurn();
    expect(begun).toHaveLength(5);
  });

  it('let every visitor go before the rest of them, one slot falling free after the other', async () => {
    const { ask, begun, end } = open(4, 64);
    for (const name of many('h', 10)) void ask(name);
    for (const name of ['v1', 'w1', 'x1', 'v2']) void ask(name);
    await end('h1');
    await end('h2');
    await end('h3');
    // With three of its own done it is the heavy one's turn again, before a visitor's second.
    expect(begun.slice(4)).toEqual(['v1', 'w1', 'x1', 'h5']);
    await end('v1');
    expect(begun.slice(8)).toEqual(['v2']);
  });

  it('take turns with another client’s heavy ones: half of the slots each', async () => {
    const { ask, begun, end } = open(4, 64);
    for (const name of [...many('h', 10), ...many('k', 10)]) void ask(name);
    for (const name of ['h1', 'h2', 'h3', 'h4']) await end(name);
    const underWay = begun.slice(4).map((name) => name[0]);
    expect(underWay.filter((client) => client === 'k')).toHaveLength(3);
    expect(underWay.filter((client) => client === 'h')).toHaveLength(2);
  });

  it('are not all the queue has room for: the newest of them goes when somebody else comes', async () => {
    const { ask, begun, refused, end, telemetry } = open(2, 4);
    for (const name of many('h', 6)) void ask(name);
    void ask('v1');
    expect(begun).toEqual(['h1', 'h2', 'v1']);
    void ask('w1');
    await nextTurn();
    expect(refused).toEqual(['h6: overloaded']);
    for (const name of ['h7', 'x1', 'y1', 'z1', 'h8']) {
      void ask(name);
      await nextTurn();
    }
    // Four have a place each by then: whoever comes is told to come again, whether it has one or none.
    expect(refused).toEqual(['h6', 'h7', 'h5', 'h4', 'z1', 'h8'].map((name) => `${name}: overloaded`));
    await end('h1');
    await end('v1');
    expect(begun.slice(3)).toEqual(['w1', 'x1']);
    expect(telemetry.events).toEqual(Array(6).fill({ type: 'refused', reason: 'queue-full' }));
  });
});

describe('several clients that fill the queue', () => {
  it('with half of it each make room for a third, until all three have a third', async () => {
    const { ask, admission, refused } = open(2, 12);
    for (const name of many('a', 20)) void ask(name);
    for (const name of many('b', 20)) void ask(name);
    await nextTurn();
    expect(admission.queued()).toBe(12);
    refused.length = 0;
    for (const name of many('v', 4)) void ask(name);
    await nextTurn();
    expect(refused).toHaveLength(4);
    expect(refused.filter((name) => name.startsWith('v'))).toEqual([]);
    expect(refused.filter((name) => name.startsWith('a'))).toHaveLength(2);
    for (const name of ['v5', 'a21', 'b21']) void ask(name);
    await nextTurn();
    expect(refused.slice(4).toSorted()).toEqual(['a21: overloaded', 'b21: overloaded', 'v5: overloaded']);
  });

  it('do not lose their places to warming, which nobody waits for', async () => {
    const { ask, refused } = open(1, 4);
    for (const name of many('h', 6)) void ask(name);
    void ask('warm', { client: undefined, priority: 'warming' });
    void ask('w2', { client: undefined, priority: 'warming' });
    await nextTurn();
    expect(refused).toEqual(['h6: overloaded', 'w2: overloaded']);
  });
});

describe('heavy pictures of one original', () => {
  it('by whatever number of clients, let another original go before them', async () => {
    const { ask, begun, end } = open(4, 64);
    const names = many('h', 20);
    for (const name of names) void ask(name, { client: `client of ${name}`, original: 'heavy' });
    expect(begun).toEqual(['h1', 'h2', 'h3']);
    for (const name of ['v1', 'w1', 'x1']) void ask(name);
    expect(begun.slice(3)).toEqual(['v1', 'w1']);
    await end('h1');
    expect(begun.slice(5)).toEqual(['x1']);
  });

  it('let other originals of the same client go first, when all come by a CDN that names nobody', async () => {
    const { ask, begun, end } = open(4, 64);
    for (const name of many('h', 10)) void ask(name, { client: 'a CDN', original: 'heavy' });
    for (const name of ['v1', 'w1']) void ask(name, { client: 'a CDN' });
    expect(begun).toEqual(['h1', 'h2', 'h3', 'v1']);
    await end('h1');
    expect(begun.slice(4)).toEqual(['w1']);
  });

  it('have no more than half of a full queue either', async () => {
    const { ask, refused } = open(2, 4);
    for (const name of many('h', 6)) void ask(name, { client: 'a CDN', original: 'heavy' });
    for (const name of ['v1', 'w1']) void ask(name, { client: 'a CDN' });
    await nextTurn();
    expect(refused).toEqual(['h6: overloaded', 'h5: overloaded']);
  });
});

describe('the queue', () => {
  it('lets no client wait longer than one turn of each that waited before it', async () => {
    const { ask, begun, end } = open(1, 200);
    for (const client of ['a', 'b', 'c', 'd', 'e']) for (const name of many(client, 20)) void ask(name);
    // One has the slot, one the spare one; the others come next.
    for (let turn = 0; turn < 4; turn += 1) await end(begun[turn] ?? '');
    expect(new Set(begun.slice(0, 5).map((name) => name[0])).size).toBe(5);
  });

  it('lets warming wait for all visitors, and for nobody else', async () => {
    const { ask, begun, end } = open(1, 64);
    void ask('h1');
    void ask('warm', { client: undefined, priority: 'warming' });
    expect(begun).toEqual(['h1', 'warm']);
    void ask('other', { client: undefined, priority: 'warming' });
    for (const name of ['v1', 'w1']) void ask(name);
    for (const name of ['h1', 'warm', 'v1', 'w1']) await end(name);
    expect(begun.slice(2)).toEqual(['v1', 'w1', 'other']);
  });

  it('forgets whoever leaves, and whose work has failed', async () => {
    const { ask, begun, refused, admission, end } = open(1, 64);
    const leaving = new AbortController();
    void ask('h1');
    void ask('h2', { signal: leaving.signal });
    void ask('h3');
    expect(admission.queued()).toBe(2);
    leaving.abort();
    await nextTurn();
    expect(refused).toEqual(['h2: cancelled']);
    await expect(
      admission.run(() => Promise.reject(new Error('no')), {
        client: 'v',
        signal: new AbortController().signal,
        priority: 'visitor',
      }),
    ).rejects.toThrow('no');
    void ask('v1');
    await end('h1');
    expect(begun).toEqual(['h1', 'v1', 'h3']);
    expect(admission.queued()).toBe(0);
    await expect(ask('h4', { signal: leaving.signal })).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('refuses beforehand what it would refuse, and nobody whom it would make room for', async () => {
    const { ask, admission } = open(1, 2);
    for (const name of many('h', 3)) void ask(name);
    void ask('v1');
    expect(() => admission.refuseWhenFull({ client: 'h', original: 'h9' })).toThrow(
      expect.objectContaining({ kind: 'overloaded' }),
    );
    expect(() => admission.refuseWhenFull({ client: 'w', original: 'w1' })).not.toThrow();
    void ask('w1');
    expect(() => admission.refuseWhenFull({ client: 'x', original: 'x1' })).toThrow(
      expect.objectContaining({ kind: 'overloaded' }),
    );
    await nextTurn();
  });
});
