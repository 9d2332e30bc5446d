import { describe, expect, test } from 'vitest';
import { createMemoryTier, createVersions } from '../../src/variants/index.ts';
import { createRecordingTelemetry } from '../support/test-service.ts';

const telemetry = createRecordingTelemetry();

function variant(bytes: number) {
  const body = new Uint8Array(bytes);
  return { bytes: body, contentType: 'image/jpeg', etag: '"e"', version: 'v', lastModified: new Date(0) };
}

describe('the memory tier', () => {
  test('counts its keys: tiny variants under long names take no more than was given', () => {
    const tier = createMemoryTier(4_000_000, telemetry);
    const name = 'x'.repeat(4000);
    for (let index = 0; index < 5000; index += 1) {
      tier.set({ memoryKey: `${name}${index}`, source: `s${index}` }, variant(100));
    }
    const held = [...tier.sources()].length;
    expect(held * 2 * name.length).toBeLessThanOrEqual(4_000_000);
    expect(held).toBeGreaterThan(300);
    expect(tier.bytes()).toBeLessThanOrEqual(4_000_000);
  });

  test('shares what is too large to keep among those who read it meanwhile', () => {
    const tier = createMemoryTier(8_000_000, telemetry);
    const giant = variant(5_000_000);
    const identity = { memoryKey: 'giant', source: 's' };
    tier.set(identity, giant);
    expect(tier.get(identity)).toBe(giant);
    expect(tier.bytes()).toBe(0);
    tier.forget('s');
    expect(tier.get(identity)).toBeUndefined();
  });
});

describe('the table of versions', () => {
  test('counts its keys', async () => {
    const clock = { now: () => 0 };
    const head = async () => undefined;
    const versions = createVersions({ store: { head }, ttlMs: () => 1000, telemetry, clock });
    const { signal } = new AbortController();
    const name = 'x'.repeat(250_000);
    for (let index = 0; index < 200; index += 1) await versions.lookup(`${name}${index}`, signal);
    const remembered = [...versions.keys()].length;
    expect(remembered * 2 * name.length).toBeLessThanOrEqual(48 * 1024 * 1024);
    expect(remembered).toBeGreaterThan(50);
  });
});
