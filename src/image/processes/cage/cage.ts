import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Telemetry } from '../../../telemetry.ts';
import { limitedCommand } from '../process-script.ts';
import type { ProcessCommand } from '../spawner.ts';
import { type Inmate, lastRung, type Rung, type RungName, rungNames, rungsOn } from './rungs.ts';
import { machineOf, syscallFilter } from './syscall-filter.ts';

/** An empty program starts within 20 ms in every cage; this is for a machine that is very busy. */
const probeTimeoutMs = 2_000;

export interface CageOptions {
  /** What render processes read, besides their libraries; undefined where that is not known, as when run from source. */
  readonly needed: readonly string[] | undefined;
  /** What they may read where it is there: fonts. */
  readonly optional: readonly string[];
  /** The file of the program that is to be held: Node's by default. */
  readonly program?: string;
  /** Kinds of cages that may be taken besides the last, which always works; all by default. */
  readonly allowed?: readonly RungName[];
  /** Told when a worse cage had to be taken than the one before. */
  readonly telemetry: Telemetry;
}

/** How one render process is started. */
export interface Launch extends Omit<ProcessCommand, 'environment'> {
  /** To be called when it has come up. */
  worked(): void;
  /** To be called when it ended by itself before that; true: it may have been the cage, and the next one gets another. */
  failed(): boolean;
}

/** What holds render processes. */
export interface Cage {
  /** For operators. */
  description(): string;
  launch(words: readonly string[]): Launch;
}

/** Whether every user may read it; what is not there is in nobody's way. */
function isForEverybody(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  const needed = stats?.isDirectory() ? 0o005 : 0o004;
  return stats === undefined || (stats.mode & needed) === needed;
}

/** The cage that is taken now, and what else could be. */
interface CageState {
  /** What render processes read, and the program that is held. */
  readonly inmate: Omit<Inmate, 'words'>;
  /** Worse than the current one and not tried yet, best first. */
  readonly rest: Rung[];
  current: Rung;
  /** Whether a process has come up in the current one. */
  isProven: boolean;
}

/** Takes the best cage that this machine allows. None at all is taken rather than no render. */
export function createCage(options: CageOptions): Cage {
  const { needed = [], optional, program = process.execPath, telemetry } = options;
  const inmate = { program, needed, optional };
  const rest = rungsFor(options);
  const state: CageState = { inmate, rest, current: nextRung(inmate, rest), isProven: false };
  return {
    description: () => state.current.description,
    launch: (words) => launch(state, words, telemetry),
  };
}

/** All that may be tried here besides the last, best first: none where it is not known what is read. */
function rungsFor({ needed, optional, allowed = rungNames }: CageOptions): Rung[] {
  if (needed === undefined) return [];
  const all = rungsOn({
    platform: process.platform,
    machine: machineOf(process.arch),
    isRoot: process.getuid?.() === 0,
    mayBecomeNobody: [...needed, ...optional].every(isForEverybody),
  });
  return all.filter(({ name }) => allowed.includes(name));
}

/** Takes the next rung off the rest in which a program starts. */
function nextRung(inmate: CageState['inmate'], rest: Rung[]): Rung {
  for (let rung = rest.shift(); rung !== undefined; rung = rest.shift()) if (works(rung, inmate)) return rung;
  return lastRung;
}

/** The program only says its version: enough to know that it starts there. */
function works(rung: Rung, inmate: CageState['inmate']): boolean {
  const machine = machineOf(process.arch);
  const [command, words] = limitedCommand(rung.command({ ...inmate, words: ['-v'] }), rung.isolation);
  const { status } = spawnSync(command, [...words], {
    env: {},
    cwd: '/',
    input: machine === undefined ? '' : syscallFilter(machine, 1),
    stdio: ['pipe', 'ignore', 'ignore', 'ignore', 'ignore', 'pipe'],
    timeout: probeTimeoutMs,
    killSignal: 'SIGKILL',
    windowsHide: true,
  });
  return status === 0;
}

function launch(state: CageState, words: readonly string[], telemetry: Telemetry): Launch {
  const rung = state.current;
  const [command, limitedWords] = limitedCommand(rung.command({ ...state.inmate, words }), rung.isolation);
  return {
    command,
    words: limitedWords,
    isolation: rung.isolation,
    worked() {
      if (rung === state.current) state.isProven = true;
    },
    failed: () => rung !== state.current || fall(state, telemetry),
  };
}

/** Takes the next cage after a process that did not come up in the current one; false when the cage cannot be the reason. */
function fall(state: CageState, telemetry: Telemetry): boolean {
  const before = state.current;
  // Where it has worked before, something else may be wrong, of which no other cage would be the remedy.
  if (before === lastRung || (state.isProven && works(before, state.inmate))) return false;
  state.current = nextRung(state.inmate, state.rest);
  state.isProven = false;
  const message = `Render processes did not start in their cage (${before.description}); now they have: ${state.current.description}`;
  telemetry.report({ type: 'warning', message });
  return true;
}
