import { z } from 'zod';
import { Failure } from '../failure.ts';
import type { Operations, Programs } from './operations.ts';
import type { Output } from './output.ts';

/** What a running command has at hand. */
export interface Context {
  readonly programs: Programs;
  /** Opens the rooms, once; they are closed when the command has ended. */
  readonly open: () => Promise<Operations>;
  readonly output: Output;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly signal: AbortSignal;
}

export interface Invocation<Options> {
  /** The words after the command that belong to no option. */
  readonly words: readonly string[];
  readonly options: Options;
  readonly context: Context;
}

/** `list` collects: such an option may be given several times. */
export type OptionDefinition = readonly [flags: string, meaning: string, kind?: 'list'];

/** One command as the table holds it. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What else is worth knowing, for its help page. */
  readonly notes: readonly string[];
  /** `[keys...]` or the like, and what it means; undefined for a command without words. */
  readonly words: readonly [form: string, meaning: string] | undefined;
  readonly options: readonly OptionDefinition[];
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  run(words: readonly string[], options: unknown, context: Context): Promise<void>;
}

interface CommandParts<Schema extends z.ZodType> extends Omit<Command, 'run' | 'notes' | 'words'> {
  readonly notes?: readonly string[];
  readonly words?: Command['words'];
  /** Reads the options, whose names are those of the flags in camel case. */
  readonly schema: Schema;
  run(invocation: Invocation<z.infer<Schema>>): Promise<void>;
}

/** Describes a command whose options are read by a schema before it runs. Failure `invalid` for what does not fit. */
export function defineCommand<Schema extends z.ZodType>(parts: CommandParts<Schema>): Command {
  const { schema, run, notes = [], words, ...description } = parts;
  return {
    ...description,
    notes,
    words,
    run: (given, options, context) => run({ words: given, options: readOptions(schema, options), context }),
  };
}

function readOptions<Schema extends z.ZodType>(schema: Schema, options: unknown): z.infer<Schema> {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${flagOf(path)}: ${message}`);
  throw new Failure('invalid', problems.join('\n'));
}

function flagOf([name]: readonly PropertyKey[]): string {
  return `--${String(name ?? '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A whole number as it stands on a command line. */
export function wholeNumberBetween(minimum: number, maximum: number) {
  const expected = `expected a whole number from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, expected)
    .transform(Number)
    .pipe(z.number().min(minimum, expected).max(maximum, expected));
}

const unitsMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90s`, `30m`, `24h`, `7d`, in milliseconds. */
export const duration = z
  .string()
  .regex(/^\d{1,6}[smhd]$/, 'expected a number and s, m, h or d, as in 24h')
  .transform((text) => Number(text.slice(0, -1)) * unitsMs[text.slice(-1) as keyof typeof unitsMs]);

/** What an option that may be given several times has collected. */
export const texts = z.array(z.string().min(1, 'expected at least one character')).default([]);
