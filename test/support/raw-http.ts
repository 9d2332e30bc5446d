import { connect, type Socket } from 'node:net';

/** What came back over one connection. */
export interface RawAnswer {
  readonly text: string;
  /** Of the first answer; undefined when there was none. */
  readonly status: number | undefined;
  /** Statuses of all answers on the connection. */
  readonly statuses: readonly number[];
  /** True when the other side ended the connection within the wait. */
  readonly closed: boolean;
}

export interface RawOptions {
  /** Milliseconds to wait for the other side to close; by default as long as a busy machine may need. */
  readonly waitMs?: number;
  /** Ends the wait early. */
  readonly until?: (text: string) => boolean;
}

/** Opens a connection to `http://host:port`. */
export async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  // It reads ahead as little in every version of Node: how much the kernel takes for it depends on that.
  const options = { port: Number(port), host: hostname, highWaterMark: 16 * 1024 };
  const socket = connect(options);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  // A server that resets is one way of closing.
  socket.on('error', () => undefined);
  return socket;
}

/** Sends these bytes as they are and gathers what comes, until the other side closes. */
export async function sendRaw(url: string, request: string | Buffer, options: RawOptions = {}): Promise<RawAnswer> {
  const { waitMs = 30_000, until = () => false } = options;
  const socket = await open(url);
  const chunks: Buffer[] = [];
  const closed = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), waitMs);
    const finish = (byPeer: boolean) => {
      clearTimeout(timer);
      resolve(byPeer);
    };
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (until(Buffer.concat(chunks).toString('latin1'))) finish(false);
    });
    socket.once('close', () => finish(true));
    socket.once('end', () => finish(true));
    socket.write(request, 'latin1');
  });
  socket.destroy();
  const text = Buffer.concat(chunks).toString('latin1');
  // Not only where a line begins: the body before may end anywhere.
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  return { text, status: statuses[0], statuses, closed };
}

/** A request with just these lines under its request line. */
export function requestOf(line: string, ...headers: readonly string[]): string {
  return `${[line, ...headers].join('\r\n')}\r\n\r\n`;
}
