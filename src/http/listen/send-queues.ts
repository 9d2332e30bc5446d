import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import ipaddr from 'ipaddr.js';

/** The two ends of a connection. */
export interface Ends {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** For each connection the bytes that the kernel holds for the other end, which has not said that it has them. */
export interface SendQueues {
  /** Undefined for a connection that is not among them. */
  bytesOf(ends: Ends): number | undefined;
}

/** IPv4 that came to a listener for both is in the second. */
const tables = ['/proc/net/tcp', '/proc/net/tcp6'];

/** Linux' own tables; undefined where there is none. */
export async function readSendQueues(): Promise<SendQueues | undefined> {
  try {
    const texts = await Promise.all(tables.map((path) => readFile(path, 'latin1').catch(() => '')));
    const queues = new Map(texts.flatMap(queuesIn));
    return queues.size === 0 ? undefined : { bytesOf: (ends) => queues.get(nameOf(ends)) };
  } catch {
    return undefined;
  }
}

/** `   1: 0100007F:0BB8 0100007F:D2F0 01 00012C00:00000000 …`: number, our end, the other, state, bytes to send and to read. */
const row = /^ *\d+: ([\dA-F]+:[\dA-F]{4} [\dA-F]+:[\dA-F]{4}) [\dA-F]{2} ([\dA-F]{8}):/gm;

function queuesIn(table: string): readonly (readonly [string, number])[] {
  return [...table.matchAll(row)].map(([, ends = '', bytes = '']) => [ends, Number.parseInt(bytes, 16)] as const);
}

function nameOf({ localAddress, localPort, remoteAddress, remotePort }: Ends): string {
  return `${endOf(localAddress, localPort)} ${endOf(remoteAddress, remotePort)}`;
}

function endOf(address = '', port = 0): string {
  if (!ipaddr.isValid(address)) return '';
  const bytes = ipaddr.parse(address).toByteArray();
  const words: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) words.push(wordOf(bytes.slice(at, at + 4)));
  return `${words.join('')}:${hexOf(port, 4)}`;
}

/** The kernel writes four bytes as the one number that they are to the machine. */
function wordOf(bytes: readonly number[]): string {
  const inOrder = endianness() === 'LE' ? [...bytes].reverse() : bytes;
  return inOrder.map((byte) => hexOf(byte, 2)).join('');
}

function hexOf(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}
