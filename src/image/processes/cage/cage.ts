import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Telemetry } from '../../../telemetry.ts';
import { limitedCommand } from '../process-script.ts';
import type { Command } from '../spawner.ts';
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
export interface Launch extends Omit<Command, 'environment'> {
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

/** Takes the best cage that this machine allows. None at all is taken rather than no render. */
export function createCage(options: CageOptions): Cage {
  const { needed, optional, program = process.execPath, allowed = rungNames, telemetry } = options;
  const machine = machineOf(process.arch);
  const isRoot = process.getuid?.() === 0;
  const mayBecomeNobody = [...(needed ?? []), ...optional].every(isForEverybody);
  const all = rungsOn({ platform: process.platform, machine, isRoot, mayBecomeNobody });
  const rest = all.filter(({ name }) => needed !== undefined && allowed.includes(name));
  const inmate = (words: readonly string[]): Inmate => ({ program, words, needed: needed ?? [], optional });
  let isProven = false;
  let current = next();

  function limited(rung: Rung, words: readonly string[]): readonly [string, readonly string[]] {
    return limitedCommand(rung.command(inmate(words)), rung.isolation);
  }

  /** The program only says its version: enough to know that it starts there. */
  function works(rung: Rung): boolean {
    const [command, words] = limited(rung, ['-v']);
    const filter = machine === undefined ? '' : syscallFilter(machine, 1);
    const { status } = spawnSync(command, [...words], {
      env: {},
      cwd: '/',
      input: filter,
      stdio: ['pipe', 'ignore', 'ignore', 'ignore', 'ignore', 'pipe'],
      timeout: probeTimeoutMs,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    return status === 0;
  }

  function next(): Rung {
    for (let rung = rest.shift(); rung !== undefined; rung = rest.shift()) if (works(rung)) return rung;
    return lastRung;
  }

  function fall(): void {
    const before = current;
    [current, isProven] = [next(), false];
    const message = `Render processes did not start in their cage (${before.description}); now they have: ${current.description}`;
    telemetry.report({ type: 'warning', message });
  }

  return {
    description: () => current.description,
    launch(words) {
      const rung = current;
      const [command, all] = limited(rung, words);
      return {
        command,
        words: all,
        isolation: rung.isolation,
        worked() {
          if (rung === current) isProven = true;
        },
        failed() {
          if (rung !== current) return true;
          // Where it has worked before, something else may be wrong, of which no other cage would be the remedy.
          if (rung === lastRung || (isProven && works(rung))) return false;
          fall();
          return true;
        },
      };
    },
  };
}
