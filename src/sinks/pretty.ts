/** As `level` names them in a line. */
const levels: Readonly<Record<number, string>> = {
  30: 'info ',
  40: '\x1b[33mwarn \x1b[0m',
  50: '\x1b[31merror\x1b[0m',
};

/** Anything that a terminal might take for more than a sign. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

type Fields = Readonly<Record<string, unknown>>;

/** A line of the log for somebody who reads it on a terminal: what happened first, and the rest as names and values. */
export function prettyLine(json: string): string {
  const { level, time, msg, event, ...rest }: Fields = JSON.parse(json);
  const head = `${String(time).slice(11, 23)} ${levels[Number(level)] ?? level}`;
  const said = event === 'request' ? requestOf(rest) : [msg ?? event, ...namedValues(rest, [])];
  return `${head} ${said.map(harmless).join(' ')}${stackOf(rest)}\n`;
}

const shown = ['method', 'path', 'status', 'durationMs', 'bytes', 'tier', 'format', 'route', 'requestId'];

function requestOf(fields: Fields): readonly unknown[] {
  const { status, method, path, durationMs, bytes, tier, format } = fields;
  const took = `${Number(durationMs).toFixed(1)} ms`;
  const picture = [tier, format].filter((one) => one !== undefined);
  return [status, method, path, took, `${bytes} B`, ...picture, ...namedValues(fields, shown)];
}

function namedValues(fields: Fields, without: readonly string[]): readonly string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined || without.includes(name)) return [];
    if (name === 'err') return [`${name}=${messageOf(value)}`];
    return [`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`];
  });
}

function messageOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'message' in error ? error.message : JSON.stringify(error);
}

/** In lines of its own, each of them set in. */
function stackOf({ err }: Fields): string {
  const stack = typeof err === 'object' && err !== null && 'stack' in err ? String(err.stack) : '';
  const frames = stack.split('\n').filter((line) => /^ +at /.test(line));
  return frames.map((frame) => `\n    ${harmless(frame.trim())}`).join('');
}

function harmless(value: unknown): string {
  return String(value).replace(unsafe, (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
