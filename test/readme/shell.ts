/** One command of a page: its words, without what the shell takes away, and whether another one writes to it. */
export interface Command {
  readonly words: readonly string[];
  /** `NAME=VALUE` before it, or all that there is of it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly isPipedTo: boolean;
}

/** A word of a line: in either kind of quotes, or up to a blank; a remark, a pipe, and what joins commands are words too. */
const word = /#.*$|\||&&|(?:'[^']*'|"(?:\\.|[^"\\])*"|[^\s'"|&])+/g;

function unquoted(text: string, variables: Readonly<Record<string, string>>): string {
  const parts = text.match(/'[^']*'|"(?:\\.|[^"\\])*"|[^'"]+/g) ?? [];
  return parts
    .map((part) => {
      if (part.startsWith("'")) return part.slice(1, -1);
      const inner = part.startsWith('"') ? part.slice(1, -1) : part;
      return inner.replaceAll(/\$(\w+)/g, (all, name: string) => variables[name] ?? all);
    })
    .join('');
}

/** The commands of a block, in order. Variables that are not given stay as they are written. */
export function commandsOf(block: string, variables: Readonly<Record<string, string>> = {}): readonly Command[] {
  const lines = block.replaceAll('\\\n', ' ').split('\n');
  return lines.flatMap((line) => {
    const commands: Command[] = [];
    let words: string[] = [];
    let isPipedTo = false;
    const end = (joins: boolean) => {
      if (words.length > 0) commands.push(commandOf(words, isPipedTo));
      [words, isPipedTo] = [[], joins];
    };
    for (const [text] of line.matchAll(word)) {
      if (text.startsWith('#')) break;
      if (text === '|' || text === '&&') end(text === '|');
      else words.push(unquoted(text, variables));
    }
    end(false);
    return commands;
  });
}

function commandOf(given: readonly string[], isPipedTo: boolean): Command {
  const own = given[0] === 'export' ? given.slice(1) : given;
  const first = own.findIndex((one) => !/^[A-Z]\w*=/.test(one));
  const assigned = first < 0 ? own : own.slice(0, first);
  const environment = Object.fromEntries(assigned.map((one) => [one.replace(/=.*/s, ''), one.replace(/^\w+=/, '')]));
  return { words: first < 0 ? [] : own.slice(first), environment, isPipedTo };
}

/** A request as curl would send it by these words. */
export interface CurlRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | FormData | Blob | undefined;
}

/** Reads what curl is told; files are all this one. Throws for an option that is not read here. */
export function curlRequest(words: readonly string[], file: Blob): CurlRequest {
  const headers = new Headers();
  let [url, method, body]: [string, string | undefined, CurlRequest['body']] = ['', undefined, undefined];
  for (let at = 1; at < words.length; at += 1) {
    const [option = '', value = ''] = words.slice(at, at + 2);
    if (!option.startsWith('-')) {
      url = option;
      continue;
    }
    at += 1;
    if (option === '-H') headers.set(value.replace(/:.*/s, ''), value.replace(/^[^:]*: ?/, ''));
    else if (option === '-X') method = value;
    else if (option === '-d') body = value;
    else if (option === '-T') [body, method] = [file, method ?? 'PUT'];
    else if (option === '-F') body = field(body, value, file);
    else if (option !== '-o') throw new Error(`curl is told ${option}, which no test reads`);
  }
  return { url, method: method ?? (body === undefined ? 'GET' : 'POST'), headers, body };
}

function field(body: CurlRequest['body'], text: string, file: Blob): FormData {
  const form = body instanceof FormData ? body : new FormData();
  const [name = '', value = ''] = text.split(/=(.*)/s);
  if (value.startsWith('@')) form.append(name, file, value.slice(1));
  else form.append(name, value);
  return form;
}
