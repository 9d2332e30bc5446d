import { describe, expect, it } from 'vitest';
import { createKernels } from '../../src/image/drawing/seeing/kernels.ts';

/** Numbers that look like chance and are the same each time. */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Kernels on a memory of their own, and the floats in it. */
function workbench() {
  const memory = new WebAssembly.Memory({ initial: 16 });
  const floats = new Float32Array(memory.buffer);
  return {
    kernels: createKernels(memory),
    put: (at: number, values: Float32Array) => floats.set(values, at),
    take: (at: number, count: number) => floats.slice(at, at + count),
  };
}

function expectClose(found: Float32Array, wanted: Float32Array): void {
  expect(found.length).toBe(wanted.length);
  const worst = found.reduce((most, value, index) => Math.max(most, Math.abs(value - (wanted[index] ?? 0))), 0);
  expect(worst).toBeLessThan(1e-5);
}

describe('the kernels', () => {
  it.each([
    { pixels: 4, inputs: 4, outputs: 8 },
    { pixels: 32, inputs: 76, outputs: 24 },
    { pixels: 12, inputs: 48, outputs: 96 },
  ])('mix $inputs channels into $outputs as plain sums do', ({ pixels, inputs, outputs }) => {
    const { kernels, put, take } = workbench();
    const [input, weights, biases] = [numbers(pixels * inputs, 1), numbers(inputs * outputs, 2), numbers(outputs, 3)];
    const [toWeights, toBiases] = [input.length, input.length + weights.length];
    const toOutput = toBiases + biases.length;
    put(0, input);
    put(toWeights, weights);
    put(toBiases, biases);
    kernels.mix(0, toWeights * 4, toBiases * 4, toOutput * 4, pixels / 4, inputs, outputs);
    const wanted = Float32Array.from({ length: pixels * outputs }, (_, at) => {
      const [pixel, output] = [Math.floor(at / outputs), at % outputs];
      const block = Math.floor(output / 8) * inputs;
      let sum = biases[output] ?? 0;
      for (let channel = 0; channel < inputs; channel += 1) {
        sum += (input[pixel * inputs + channel] ?? 0) * (weights[(block + channel) * 8 + (output % 8)] ?? 0);
      }
      return sum;
    });
    expectClose(take(toOutput, wanted.length), wanted);
    // Nothing is written beyond the last pixel.
    expect([...take(toOutput + wanted.length, 8)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it.each([1, 2])('spread over three by three pixels as plain sums do, every %d pixels', (step) => {
    const { kernels, put, take } = workbench();
    const [channels, across, pixels] = [8, 18, 16 / step];
    const [input, weights] = [numbers(3 * across * channels, 4), numbers(9 * channels, 5)];
    const toWeights = input.length;
    const toOutput = toWeights + weights.length;
    put(0, input);
    put(toWeights, weights);
    kernels.spread(0, toWeights * 4, toOutput * 4, pixels, channels * 4, across * channels * 4, step * channels * 4);
    const wanted = Float32Array.from({ length: pixels * channels }, (_, at) => {
      const [pixel, channel] = [Math.floor(at / channels), at % channels];
      let sum = 0;
      for (let tap = 0; tap < 9; tap += 1) {
        const [row, column] = [Math.floor(tap / 3), pixel * step + (tap % 3)];
        sum += (input[(row * across + column) * channels + channel] ?? 0) * (weights[tap * channels + channel] ?? 0);
      }
      return sum;
    });
    expectClose(take(toOutput, wanted.length), wanted);
  });

  it('add, and take nothing for what is negative', () => {
    const { kernels, put, take } = workbench();
    const [left, right] = [numbers(64, 6), numbers(64, 7)];
    put(0, left);
    put(64, right);
    kernels.add(0, 64 * 4, 128 * 4, 16);
    expectClose(
      take(128, 64),
      Float32Array.from(left, (value, at) => value + (right[at] ?? 0)),
    );
    kernels.floor(0, 0, 16);
    expectClose(
      take(0, 64),
      Float32Array.from(left, (value) => Math.max(0, value)),
    );
  });
});
