/**
 * As much of WebAssembly's binary format as a few loops over numbers need (WebAssembly Core Specification 2.0, chapter 5):
 * functions of 32-bit integers that return nothing and share one memory.
 */

/** Bytes of instructions. */
export type Code = readonly number[];

/** LEB128 of a number that is not negative. */
function unsigned(value: number): Code {
  const low = value & 0x7f;
  return value > 0x7f ? [low | 0x80, ...unsigned(value >>> 7)] : [low];
}

function signed(value: number): Code {
  const low = value & 0x7f;
  const rest = value >> 7;
  const isLast = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
  return isLast ? [low] : [low | 0x80, ...signed(rest)];
}

/** Instructions one after the other. */
export const sequence = (...parts: readonly Code[]): Code => parts.flat();

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const integer = (value: number): Code => [0x41, ...signed(value)];
export const plus = (left: Code, right: Code): Code => [...left, ...right, 0x6a];
export const times = (left: Code, right: Code): Code => [...left, ...right, 0x6c];
/** Adds to a local. */
export const advance = (local: number, by: Code): Code => set(local, plus(get(local), by));

/** Runs at least once, and again while the local, counted down by one, is not nothing. */
export const repeat = (counter: number, ...body: readonly Code[]): Code => [
  0x03,
  0x40,
  ...body.flat(),
  ...advance(counter, integer(-1)),
  ...get(counter),
  0x0d,
  0,
  0x0b,
];

/** Four 32-bit floats from the address and those behind it; `offset` in bytes. */
export const load = (address: Code, offset = 0): Code => [...address, 0xfd, 0, 2, ...unsigned(offset)];
/** One of them, four times. */
export const loadSplat = (address: Code, offset = 0): Code => [...address, 0xfd, 9, 2, ...unsigned(offset)];
export const store = (address: Code, value: Code, offset = 0): Code => [
  ...address,
  ...value,
  0xfd,
  11,
  2,
  ...unsigned(offset),
];
/** Of fours of floats. */
export const sum = (left: Code, right: Code): Code => [...left, ...right, 0xfd, ...unsigned(0xe4)];
export const product = (left: Code, right: Code): Code => [...left, ...right, 0xfd, ...unsigned(0xe6)];
export const larger = (left: Code, right: Code): Code => [...left, ...right, 0xfd, ...unsigned(0xe9)];
export const zeros: Code = [0xfd, 12, ...Array.from({ length: 16 }, () => 0)];

/** A function: its arguments are the first locals, then come other integers, then fours of floats. */
export interface KernelText {
  readonly name: string;
  readonly parameters: number;
  readonly integers: number;
  readonly fours: number;
  readonly body: Code;
}

const [typeInteger, typeFour, typeFunction] = [0x7f, 0x7b, 0x60];

/** The bytes of a module that imports its memory as `env.memory` and exports these functions. */
export function assemble(kernels: readonly KernelText[]): Uint8Array<ArrayBuffer> {
  const types = kernels.map(({ parameters }) => [
    typeFunction,
    ...counted(Array.from({ length: parameters }, () => [typeInteger])),
    0,
  ]);
  const memory = [...named('env'), ...named('memory'), 2, 0, 1];
  const exported = kernels.map(({ name }, index) => [...named(name), 0, ...unsigned(index)]);
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(2, [memory]),
    ...section(
      3,
      kernels.map((_, index) => unsigned(index)),
    ),
    ...section(7, exported),
    ...section(10, kernels.map(bodyOf)),
  ]);
}

function bodyOf({ integers, fours, body }: KernelText): Code {
  const locals = counted([
    [...unsigned(integers), typeInteger],
    [...unsigned(fours), typeFour],
  ]);
  const code = [...locals, ...body, 0x0b];
  return [...unsigned(code.length), ...code];
}

function section(id: number, items: readonly Code[]): Code {
  const content = counted(items);
  return [id, ...unsigned(content.length), ...content];
}

function counted(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function named(text: string): Code {
  const bytes = [...Buffer.from(text)];
  return [...unsigned(bytes.length), ...bytes];
}
