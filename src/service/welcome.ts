import type { ObjectStore } from '../storage/index.ts';
import type { Telemetry } from '../telemetry.ts';
import { createExamples } from '../uploads/index.ts';
import { version } from '../version.ts';
import type { Configured } from './rooms.ts';

/** A hint is not waited for. */
const listTimeoutMs = 2000;

/** What is told, and where somebody may look on. */
export interface Welcome extends Configured {
  readonly telemetry: Telemetry;
  readonly originalsStore: Pick<ObjectStore, 'list'>;
  /** What holds the processes that decode. */
  readonly cage: string;
  /** What is wrong with the stores: then there is nothing to try. */
  readonly problem: string | undefined;
  readonly terminal: WelcomeTerminal | undefined;
}

/** Originals that are looked at for one of which something may be tried. */
const mostListed = 1000;

type Examples = ReturnType<typeof createExamples>;

/** Paths of some original's variants that can be tried as they are. */
async function someExamples(store: Pick<ObjectStore, 'list'>, examplesOf: Examples): Promise<readonly string[]> {
  let listed = 0;
  try {
    for await (const { key } of store.list('', { signal: AbortSignal.timeout(listTimeoutMs) })) {
      const paths = /\.(jpe?g|png|webp|avif|gif)$/i.test(key) ? examplesOf(key) : [];
      if (paths.length > 0) return paths;
      listed += 1;
      if (listed >= mostListed) break;
    }
  } catch {
    // Only a hint is lost; readiness tells what is wrong with the store.
  }
  return [];
}

/** What to try, as far as the policy lets it be tried; a signature would be no secret any more in a log. */
async function invitation(url: string, { config, settings, originalsStore }: Welcome): Promise<string> {
  const examplesOf = createExamples(settings.addresses);
  const paths = await someExamples(originalsStore, examplesOf);
  if (paths.length > 0) return `Try ${paths.map((path) => url + path).join(' and ')}`;
  const name = 'picture.jpg';
  const [path] = examplesOf(name);
  if (path !== undefined) return `Put a picture into ${config.originals}, as ${name}, and try ${url}${path}`;
  // The configuration refuses such a policy where nobody can sign.
  return `FOVEA_UNSIGNED=${settings.policy.unsignedForwarded} leaves nothing to URLs without a signature: try what "fovea sign ${url}/w_400,h_300/<its name>" prints`;
}

function sizes({ renderers, renderMemoryBytes, memoryBytes }: Welcome['config']): string {
  const [rendering, keeping] = [renderMemoryBytes, memoryBytes].map((bytes) => Math.floor(bytes / 1024 / 1024));
  return `FOVEA_RENDERERS is ${renderers}, FOVEA_RENDER_MEMORY_MB ${rendering}, FOVEA_MEMORY_MB ${keeping}`;
}

/** Where somebody may look on. */
export interface WelcomeTerminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Logs in three lines where the service is and what to try. A token that was made for this run is shown on the terminal, and
 * only there: logs, and whatever a pipe leads to, are kept and read by others.
 */
export async function welcome(url: string, told: Welcome): Promise<void> {
  const { config, settings, telemetry, cage, problem, terminal } = told;
  const say = (message: string) => telemetry.report({ type: 'lifecycle', message });
  say(
    `fovea serves ${config.originals} on ${url}, variants are kept in ${config.variants}; what decodes pictures is held by ${cage}; ${sizes(config)}; version ${version}`,
  );
  if (problem === undefined) say(await invitation(url, told));
  else telemetry.report({ type: 'warning', message: `Not ready: ${problem}` });
  const { origin, token } = settings.admin;
  const isShown = origin === 'made' && terminal?.isTTY === true;
  if (isShown) {
    // Behind the #, which browsers tell no server; the page takes it off its address at once.
    terminal.write(`Admin token of this run: ${token}\nPlayground: ${url}/-/playground#token=${token}\n`);
  }
  const api = adminApi[isShown ? 'shown' : origin];
  say(`Health: ${url}/-/health, readiness: ${url}/-/ready, metrics: ${url}/-/metrics (admin API ${api})`);
}

/** Who may use the admin API, by where its token comes from. */
const adminApi = {
  none: 'off',
  given: 'with your token',
  shown: "with this run's token, which the terminal shows",
  made: 'closed to everybody: no terminal to show its token on, and FOVEA_ADMIN_TOKEN sets none',
} as const;
