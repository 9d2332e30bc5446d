import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSending } from '../../src/variants/tiers/sending.ts';

const kilobytes = (count: number) => Buffer.alloc(count * 1000);

describe('bytes that are being sent', () => {
  it('count while an answer with them is under way, those of small bodies not at all', () => {
    const sending = createSending(1_000_000);
    const end = sending.hold(kilobytes(300), () => 'a');
    expect(sending.bytes()).toBe(300_000);
    expect(sending.hold(kilobytes(60), () => 'a')).toBeDefined();
    end?.();
    end?.();
    expect(sending.bytes()).toBe(0);
  });

  it('count once for all who are sent the same', () => {
    const sending = createSending(1_000_000);
    const shared = kilobytes(900);
    const ends = ['a', 'b', 'c'].map((client) => sending.hold(shared, () => client));
    expect(sending.bytes()).toBe(900_000);
    ends[0]?.();
    ends[1]?.();
    expect(sending.bytes()).toBe(900_000);
    ends[2]?.();
    expect(sending.bytes()).toBe(0);
  });

  it('are a quarter of all at most for one client, once half is used', () => {
    const sending = createSending(1_000_000);
    const hold = (client: string) => sending.hold(kilobytes(200), () => client) !== undefined;
    expect(['a', 'a', 'a', 'b', 'b', 'c', 'd'].map(hold)).toEqual([true, true, false, true, false, true, true]);
  });

  it('may be more than there is room for when they are the only ones', () => {
    const sending = createSending(100_000);
    const end = sending.hold(kilobytes(500), () => 'a');
    expect(end).toBeDefined();
    expect(sending.reserve(100_000)).toBeUndefined();
    end?.();
    expect(sending.reserve(500_000)).toBeDefined();
  });

  it('are never more than there is room for, whatever clients do, and none once all are sent', () => {
    const bodies = [70, 100, 300, 500].map(kilobytes);
    const deeds = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 4 }), fc.nat()), { maxLength: 100 });
    fc.assert(
      fc.property(deeds, (crowd) => {
        const sending = createSending(1_000_000);
        const ends: (() => void)[] = [];
        for (const [body, client, ended] of crowd) {
          const bytes = bodies[body] ?? kilobytes(100);
          const end = client === 4 ? sending.reserve(bytes.byteLength) : sending.hold(bytes, () => `${client}`);
          if (end !== undefined) ends.push(end);
          expect(sending.bytes()).toBeLessThanOrEqual(1_000_000);
          if (ended % 3 === 0) ends.splice(ended % Math.max(1, ends.length), 1)[0]?.();
        }
        for (const end of ends) end();
        expect(sending.bytes()).toBe(0);
      }),
    );
  });
});
