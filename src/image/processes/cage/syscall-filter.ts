import { type Condition, type Machine, machines, type Rule, rules } from './syscalls.ts';

/** Codes of classic BPF (linux/bpf_common.h) that a filter is written with. */
const load = 0x20;
const jumpIfEqual = 0x15;
const jumpIfAtLeast = 0x35;
const jumpIfBits = 0x45;
const answer = 0x06;

/** Answers of a filter (linux/seccomp.h). */
const allow = 0x7fff0000;
const refuse = { EPERM: 0x00050001, ENOSYS: 0x00050026 } as const;
const kill = 0x80000000;

/** Where a filter finds what it judges (struct seccomp_data); both machines are little-endian. */
const numberAt = 0;
const machineAt = 4;
const argumentAt = (index: number) => 16 + 8 * index;

/** Calls of the x32 interface have this bit set, and x86-64's own numbers otherwise. */
const x32 = 0x40000000;

/** One instruction: code, steps over when it holds, steps over when not, value. */
type Instruction = readonly [code: number, held: number, not: number, value: number];

/** The machine that this process runs on, where its calls are known. */
export function machineOf(arch: string): Machine | undefined {
  return arch === 'x64' || arch === 'arm64' ? arch : undefined;
}

/**
 * A filter for the kernel (seccomp(2), SECCOMP_MODE_FILTER) as bytes: the process that is bound by it may read, compute
 * and start threads. `pid` is how it knows itself.
 */
export function syscallFilter(machine: Machine, pid: number): Buffer {
  const instructions: readonly Instruction[] = [
    [load, 0, 0, machineAt],
    [jumpIfEqual, 1, 0, machines[machine]],
    [answer, 0, 0, kill],
    [load, 0, 0, numberAt],
    [jumpIfAtLeast, 0, 1, x32],
    [answer, 0, 0, refuse.EPERM],
    ...rules.flatMap((rule) => ruleOf(rule, rule.number[machine], pid)),
    [answer, 0, 0, allow],
  ];
  const bytes = Buffer.alloc(8 * instructions.length);
  for (const [index, [code, held, not, value]] of instructions.entries()) {
    bytes.writeUInt16LE(code, 8 * index);
    bytes.writeUInt8(held, 8 * index + 2);
    bytes.writeUInt8(not, 8 * index + 3);
    bytes.writeUInt32LE(value, 8 * index + 4);
  }
  return bytes;
}

/** Ends with an answer for its own call; every other call steps over it. */
function ruleOf({ condition, refusal }: Rule, number: number | undefined, pid: number): readonly Instruction[] {
  if (number === undefined) return [];
  const no: Instruction = [answer, 0, 0, refuse[refusal]];
  const body = condition === undefined ? [no] : [...judgement(condition, pid), [answer, 0, 0, allow] as const, no];
  return [[jumpIfEqual, 0, body.length, number], ...body];
}

/** Goes on to the next instruction to allow, and steps over one to refuse. */
function judgement(condition: Condition, pid: number): readonly Instruction[] {
  if ('only' in condition)
    return [
      [load, 0, 0, argumentAt(0)],
      [jumpIfEqual, 0, 1, pid],
    ];
  if ('onlyZero' in condition) {
    const at = argumentAt(condition.onlyZero);
    // A pointer has two halves.
    return [
      [load, 0, 0, at],
      [jumpIfEqual, 0, 3, 0],
      [load, 0, 0, at + 4],
      [jumpIfEqual, 0, 1, 0],
    ];
  }
  const argument: Instruction = [load, 0, 0, argumentAt(condition.of)];
  if ('refusedBits' in condition) return [argument, [jumpIfBits, 1, 0, condition.refusedBits]];
  if ('neededBits' in condition) return [argument, [jumpIfBits, 0, 1, condition.neededBits]];
  const { refusedValues } = condition;
  return [
    argument,
    ...refusedValues.map((value, index): Instruction => [jumpIfEqual, refusedValues.length - index, 0, value]),
  ];
}
