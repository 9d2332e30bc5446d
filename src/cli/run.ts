import { setMaxListeners } from 'node:events';
import { CommanderError, Command as Program } from 'commander';
import { isFailure } from '../failure.ts';
import { version } from '../version.ts';
import type { Command, Context } from './command.ts';
import { commands } from './commands.ts';
import { exitCodeOf } from './exit-codes.ts';
import type { Operations, Programs } from './operations.ts';
import { createOutput } from './output.ts';
import type { Terminal } from './terminal.ts';

const environmentNote = 'The configuration is that of the server: FOVEA_* in the environment, and ./fovea.json.';
const exitNote =
  'Exit codes: 0 done, 2 not understood, 3 not allowed, 4 not there, 5 a file that cannot be used,\n6 a store or service failed, 130 interrupted, 70 a bug.';

/**
 * Runs one command line, without the program's name; returns the exit code.
 *
 * @example
 * const terminal = { stdin, stdout, stderr, signal };
 * const programs = { open: () => openOperations(config, telemetry), serve, work };
 * process.exitCode = await run(['purge', 'cats/tom.jpg'], terminal, programs);
 */
export async function run(words: readonly string[], terminal: Terminal, programs: Programs): Promise<number> {
  // Each call under way listens to it: their number is bounded where they are made.
  setMaxListeners(0, terminal.signal);
  const program = createProgram(terminal);
  for (const command of commands) {
    addCommand(program, command, (given, options, json) =>
      runCommand({ command, given, options, json }, terminal, programs),
    );
  }
  try {
    await program.parseAsync(words, { from: 'user' });
    return 0;
  } catch (error) {
    // It has said what is wrong, and what there is.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return report(error, terminal);
  }
}

interface Chosen {
  readonly command: Command;
  readonly given: readonly string[];
  readonly options: unknown;
  readonly json: boolean;
}

async function runCommand(
  { command, given, options, json }: Chosen,
  terminal: Terminal,
  programs: Programs,
): Promise<void> {
  const rooms = createRooms(programs);
  const output = createOutput({ ...terminal, json });
  const { stdin, signal } = terminal;
  const context: Context = { programs, open: rooms.open, output, stdin, signal };
  try {
    await command.run(given, options, context);
  } finally {
    await rooms.close();
  }
}

/** Whoever asks twice gets the same, and what was opened is closed. */
function createRooms(programs: Programs) {
  let opened: Promise<Operations> | undefined;
  return {
    open() {
      opened ??= programs.open();
      return opened;
    },
    async close() {
      const operations = await opened?.catch(() => undefined);
      await operations?.close();
    },
  };
}

function createProgram({ stdout, stderr }: Terminal): Program {
  return new Program('fovea')
    .description('Operates an image CDN origin: serve, bring originals in, make and forget variants.')
    .version(version, '-V, --version', 'print the version, the number alone')
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .helpCommand('help [command]', 'show how a command is used')
    .addHelpText('after', `\n${environmentNote}\n${exitNote}`);
}

type Action = (given: readonly string[], options: unknown, json: boolean) => Promise<void>;

function addCommand(program: Program, { name, summary, notes, words, options, examples }: Command, action: Action) {
  const command = program
    .command(name)
    .description([`${summary}.`, ...notes].join(' '))
    .summary(summary);
  if (words !== undefined) command.argument(...words);
  const collect = (value: string, collected: readonly string[] = []) => [...collected, value];
  for (const [flags, meaning, kind] of options) {
    if (kind === 'list') command.option(flags, `${meaning} (may be repeated)`, collect);
    else command.option(flags, meaning);
  }
  command.option('--json', 'answer in JSON on stdout; remarks and progress stay on stderr');
  const lines = examples.map(([line, meaning]) => `  $ ${line}\n      ${meaning}`);
  command.addHelpText('after', `\nExamples:\n${lines.join('\n')}\n\n${environmentNote}`);
  command.action(async () => {
    const { json, ...given } = command.opts<Record<string, unknown>>();
    await action(command.args, given, json === true);
  });
}

function report(error: unknown, { stderr, signal }: Terminal): number {
  // Whatever broke because of it, it broke because somebody wanted it to stop.
  if (signal.aborted) {
    stderr.write('fovea: stopped\n');
    return 130;
  }
  const text = isFailure(error) ? error.message : `a bug: ${error instanceof Error ? error.stack : String(error)}`;
  stderr.write(`fovea: ${text}\n`);
  return exitCodeOf(error);
}
