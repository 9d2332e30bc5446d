import type { Config } from '../config.ts';
import type { ObjectStore } from '../storage/index.ts';
import type { TelemetrySinks } from '../telemetry.ts';

/** A hint is not waited for. */
const listTimeoutMs = 2000;

export interface Welcome {
  readonly config: Config;
  readonly telemetry: TelemetrySinks;
  readonly originalsStore: Pick<ObjectStore, 'list'>;
  readonly adminToken: string | undefined;
  /** What holds the processes that decode. */
  readonly cage: string;
}

/** The name of some original, for a URL that can be tried as it is. */
async function someOriginal(store: Pick<ObjectStore, 'list'>): Promise<string | undefined> {
  try {
    for await (const { key } of store.list('', { signal: AbortSignal.timeout(listTimeoutMs) })) {
      if (/\.(jpe?g|png|webp|avif|gif)$/i.test(key)) return key.split('/').map(encodeURIComponent).join('/');
    }
  } catch {
    // Only a hint is lost; readiness tells what is wrong with the store.
  }
  return undefined;
}

/** Where somebody may look on. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Logs in three lines where the service is and what to try. A token that was made for this run is shown on the terminal, and
 * only there: logs, and whatever a pipe leads to, are kept and read by others.
 */
export async function welcome(
  url: string,
  { config, telemetry, originalsStore, adminToken, cage }: Welcome,
  terminal: Terminal | undefined,
): Promise<void> {
  const say = (message: string) => telemetry.report({ type: 'lifecycle', message });
  const key = await someOriginal(originalsStore);
  say(
    `fovea serves ${config.originals} on ${url}, variants are kept in ${config.variants}; what decodes pictures is held by ${cage}`,
  );
  say(
    key === undefined
      ? `Put a picture into ${config.originals} and try ${url}/w_400,h_300/<its name>`
      : `Try ${url}/w_400,h_300/${key} and ${url}/c_limit,w_1200,f_auto,q_auto/${key}`,
  );
  const isMade = config.adminToken === undefined && adminToken !== undefined;
  const isShown = isMade && terminal?.isTTY === true;
  const admin = isMade ? madeToken[isShown ? 'shown' : 'hidden'] : adminToken === undefined ? 'off' : 'with your token';
  if (isShown) terminal.write(`Admin token of this run: ${adminToken}\n`);
  say(`Health: ${url}/-/health, readiness: ${url}/-/ready, metrics: ${url}/-/metrics (admin API ${admin})`);
}

/** What is said of a token that was made for this run. */
const madeToken = {
  shown: "with this run's token, which the terminal shows",
  hidden: 'off: no terminal to show a token on, and FOVEA_ADMIN_TOKEN sets none',
} as const;
