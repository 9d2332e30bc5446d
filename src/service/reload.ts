import { setTimeout as sleep } from 'node:timers/promises';
import type { Config, ConfigurationFile } from '../config/index.ts';
import { isFailure } from '../failure.ts';
import type { App } from '../http/index.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Foundations } from './foundations.ts';
import type { Configured } from './rooms.ts';
import { settingsOf } from './settings.ts';

/** What a listener, a function and a test ask of the app, whichever is in force. */
export type ServedApp = Pick<App, 'fetch' | 'request' | 'answerAtOnce' | 'routes'>;

export interface Reloads {
  /** Answers as the configuration says that is in force when a request comes; what is under way ends as it began. */
  readonly app: ServedApp;
  /**
   * Reads the file again and goes by it, or by the last good one where it is wrong; never rejects. Those that come while one
   * waits are one with it.
   */
  reload(read: ReadAgain): Promise<void>;
  /** False when what was read last was refused. */
  isCurrent(): boolean;
}

/** Given what is in force; throws Failure `invalid` with all that is wrong. */
export type ReadAgain = (config: Config) => Config;

/** What rooms ask with each use. */
export interface Held {
  configured: Configured;
}

export interface ReloadParts extends Pick<Foundations, 'follow'> {
  readonly held: Held;
  /** Remembers nothing of the app before. */
  readonly openApp: (configured: Configured) => App;
  readonly telemetry: Telemetry;
}

interface ReloadState extends ReloadParts {
  app: App;
  isCurrent: boolean;
  lastAt: number;
  waiting: Promise<void> | undefined;
}

/** Between the beginnings of two: building an app takes some milliseconds of the one thread. */
const pauseMs = 200;

export function createReloads(parts: ReloadParts): Reloads {
  const app = parts.openApp(parts.held.configured);
  const state: ReloadState = {
    ...{ ...parts, app, isCurrent: true, lastAt: Number.NEGATIVE_INFINITY, waiting: undefined },
  };
  return {
    app: {
      fetch: (...given) => state.app.fetch(...given),
      request: (...given) => state.app.request(...given),
      answerAtOnce: (request, response) => state.app.answerAtOnce(request, response),
      get routes() {
        return state.app.routes;
      },
    },
    reload: (read) => {
      state.waiting ??= reloadInTurn(state, read);
      return state.waiting;
    },
    isCurrent: () => state.isCurrent,
  };
}

async function reloadInTurn(state: ReloadState, read: ReadAgain): Promise<void> {
  await sleep(Math.max(0, state.lastAt + pauseMs - performance.now()));
  state.waiting = undefined;
  state.lastAt = performance.now();
  try {
    reloadNow(state, read);
    state.isCurrent = true;
  } catch (error) {
    state.isCurrent = false;
    if (!isFailure(error)) state.telemetry.report({ type: 'bug', where: 'reload', error });
    const reason = isFailure(error) ? error.message : 'it could not be read';
    const message = `The configuration stays as it was before this reload. ${reason}`;
    state.telemetry.report({ type: 'reload', outcome: 'refused', message });
  }
}

function reloadNow(state: ReloadState, read: ReadAgain): void {
  const { held, openApp, telemetry } = state;
  const before = held.configured;
  const config = read(before.config);
  const file = withFixed(config.file, before.config.file);
  const next = { config: { ...config, file }, settings: settingsOf({ ...config, file }, before.settings.admin) };
  // Built before anything goes by it: whatever is wrong leaves all as it was.
  const app = openApp(next);
  held.configured = next;
  state.app = app;
  state.follow?.(file);
  const changed = changedKeys(before.config.file, file);
  const said =
    changed.length === 0 ? 'nothing in it has changed' : `what it says of ${changed.join(', ')} holds from now on`;
  telemetry.report({ type: 'reload', outcome: 'done', message: `The configuration file was read again: ${said}.` });
  const kept = changedKeys(file, config.file);
  if (kept.length === 0) return;
  const message = `${kept.join(', ')}: render processes or stores are opened with it, so it stays as it was until the next start.`;
  telemetry.report({ type: 'warning', message });
}

/** What render processes were started with, and stores opened. */
function withFixed(next: ConfigurationFile, before: ConfigurationFile): ConfigurationFile {
  const { fontsFolder: _, ...rest } = next;
  const { fontsFolder, keepAiMark, originals } = before;
  return { ...rest, keepAiMark, originals, ...(fontsFolder !== undefined && { fontsFolder }) };
}

function changedKeys(before: ConfigurationFile, next: ConfigurationFile): readonly string[] {
  const [old, now]: Readonly<Record<string, unknown>>[] = [before, next];
  const keys = new Set([...Object.keys(before), ...Object.keys(next)]);
  return [...keys].filter((key) => JSON.stringify(old?.[key]) !== JSON.stringify(now?.[key]));
}
