import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { builtProgram } from '../support/program.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../../infra/local/stack', import.meta.url));

/** fovea with Varnish and nginx in front, all on this machine. */
export interface Stack {
  readonly origin: string;
  readonly varnish: string;
  readonly nginx: string;
  /** The admin token. */
  readonly token: string;
  /** The folder of originals. */
  readonly originals: string;
  stopOrigin(): Promise<void>;
  startOrigin(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the stack with some of the server's variables set. */
export async function startStack(settings: Readonly<Record<string, string>> = {}): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-edge-'));
  // Nothing else of our environment: a server takes no variable of ours that it does not know.
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], STACK_PROGRAM: builtProgram() };
  const call = (command: string, ...rest: readonly string[]) => run(program, [command, folder, ...rest], { env });
  const { stdout } = await call(
    'start',
    ...Object.entries({ FOVEA_UNSIGNED: 'any', ...settings }).map(([name, value]) => `${name}=${value}`),
  );
  const value = (name: string): string => {
    const found = new RegExp(`^${name}=(.+)$`, 'm').exec(stdout)?.[1];
    if (found === undefined) throw new Error(`the stack did not tell its ${name}: ${stdout}`);
    return found;
  };
  return {
    origin: value('origin'),
    varnish: value('varnish'),
    nginx: value('nginx'),
    token: value('token'),
    originals: join(folder, 'originals'),
    stopOrigin: async () => void (await call('stop-origin')),
    startOrigin: async () => void (await call('start-origin')),
    async stop() {
      await call('stop');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface Answer {
  readonly status: number;
  /** By lower-case name; more than one of a name is joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request as it is written: no header is added but Host, and the path is not touched. */
export function ask(base: string, path: string, { method = 'GET', headers = {} }: Question = {}): Promise<Answer> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const entries = Object.entries(response.headersDistinct).map(
          ([name, values]) => [name, (values ?? []).join(', ')] as const,
        );
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(entries),
          body: Buffer.concat(chunks),
        });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** The sum of a counter of the origin, over the label values given. */
export async function metric({ origin, token }: Stack, name: string, labels: RegExp = /./): Promise<number> {
  const { body } = await ask(origin, '/-/metrics', { headers: { authorization: `Bearer ${token}` } });
  const lines = body.toString().split('\n');
  return lines
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => labels.test(line))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** Asks again and again until the answer is as wanted, and says what came instead when it never is. */
export async function until(
  question: () => Promise<Answer>,
  wanted: (answer: Answer) => boolean,
  deadlineMs = 15_000,
): Promise<Answer> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = await question();
    if (wanted(answer)) return answer;
    if (performance.now() > end) throw new Error(`it stayed at ${answer.status} ${JSON.stringify(answer.headers)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
