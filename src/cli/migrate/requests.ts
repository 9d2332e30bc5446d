/** A request that another server was asked, as its log has it. */
export interface LoggedRequest {
  /** Path and query as they were sent. */
  readonly target: string;
  /** Undefined where the log does not say. */
  readonly status: number | undefined;
  readonly method: string;
  /** Where it was asked, as far as the log says. */
  readonly host?: string | undefined;
}

/** Reads the lines of one log, by what its first lines say of the others; undefined for a line that is no request. */
export type ReadLogLine = (line: string) => LoggedRequest | 'remark' | undefined;

/** What `#Fields:` of a log in W3C's form names, which CloudFront's have. */
type Columns = readonly string[];

/**
 * Common and combined logs (of nginx, Apache and most others), CloudFront's and others in W3C's form, lines of JSON, and lists of
 * URLs or paths: each line is known by itself, but for W3C's, whose columns a line before names.
 */
export function createLogReader(): ReadLogLine {
  let columns: Columns | undefined;
  return (line) => {
    if (line.startsWith('#')) {
      const named = /^#Fields:\s*(.*)$/i.exec(line)?.[1];
      if (named !== undefined) columns = named.trim().split(/\s+/);
      return 'remark';
    }
    if (columns !== undefined) return requestOfColumns(line, columns);
    if (line.startsWith('{')) return requestOfJson(line);
    return requestOfQuoted(line) ?? requestOfUrl(line);
  };
}

/** `… "GET /a.jpg HTTP/1.1" 200 1234 …` */
function requestOfQuoted(line: string): LoggedRequest | undefined {
  const [, method = '', written = '', status] =
    /"([A-Z]{3,10}) ((?:[^"\\ ]|\\.)+)(?: HTTP\/[\d.]+)?" (\d{3}|-)/.exec(line) ?? [];
  const target = targetOf(written.replace(/\\x([0-9A-Fa-f]{2})/g, '%$1').replace(/\\(.)/g, '$1'));
  return target === undefined ? undefined : { target, method, status: numberOf(status) };
}

function requestOfUrl(line: string): LoggedRequest | undefined {
  const target = targetOf(line.trim());
  return target === undefined ? undefined : { target, method: 'GET', status: undefined, ...hostIn(line.trim()) };
}

function requestOfColumns(line: string, columns: Columns): LoggedRequest | undefined {
  // CloudFront parts by tabs, others by blanks.
  const cells = line.split(line.includes('\t') ? '\t' : ' ');
  const cell = (...names: readonly string[]) => {
    const index = columns.findIndex((name) => names.includes(name));
    const value = cells[index];
    return value === undefined || value === '-' ? undefined : value;
  };
  const stem = cell('cs-uri-stem', 'cs-uri');
  const query = cell('cs-uri-query');
  const target = stem === undefined ? undefined : targetOf(query === undefined ? stem : `${stem}?${query}`);
  const status = numberOf(cell('sc-status'));
  const host = cell('x-host-header') ?? cell('cs(Host)', 'cs-host');
  const told = host === undefined ? {} : { host };
  return target === undefined ? undefined : { target, method: cell('cs-method') ?? 'GET', status, ...told };
}

/** Where programs and clouds write it; the first that is there counts. */
const names = {
  url: ['requestUrl', 'request_uri', 'requestUri', 'RequestPath', 'ClientRequestURI', 'url', 'uri', 'path', 'target'],
  method: ['requestMethod', 'request_method', 'RequestMethod', 'ClientRequestMethod', 'method', 'verb'],
  status: ['status', 'statusCode', 'status_code', 'DownstreamStatus', 'EdgeResponseStatus', 'response_status'],
} as const;
/** Objects in which these lie deeper. */
const inner = ['httpRequest', 'request', 'req', 'http'] as const;

function requestOfJson(line: string): LoggedRequest | undefined {
  let content: unknown;
  try {
    content = JSON.parse(line);
  } catch {
    return undefined;
  }
  const objects = [content, ...inner.map((name) => fieldOf(content, name))].filter(isObject);
  const told = (which: keyof typeof names) => {
    const values = objects.flatMap((object) => names[which].map((name) => object[name]));
    return values.find((value) => typeof value === 'string' || typeof value === 'number');
  };
  const url = told('url');
  // `"request": "GET /a.jpg HTTP/1.1"`, as nginx is often told to write it.
  const line_ = /^([A-Z]{3,10}) (\S+)/.exec(String(fieldOf(content, 'request') ?? ''));
  const target = targetOf(String(url ?? line_?.[2] ?? ''));
  const status = numberOf(told('status'));
  const method = String(told('method') ?? line_?.[1] ?? 'GET');
  return target === undefined ? undefined : { target, method, status, ...hostIn(String(url)) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function numberOf(value: unknown): number | undefined {
  const number = Number(value);
  return value === undefined || value === '' || !Number.isInteger(number) ? undefined : number;
}

/** Path and query of a URL or a path; undefined for what is neither. */
function targetOf(text: string): string | undefined {
  const plain = text.replace(/^https?:\/\/[^/?#]+/i, '').replace(/#.*$/s, '');
  if (plain === '' && text !== '') return '/';
  return /^\/[^\s]*$/.test(plain) ? plain : undefined;
}

function hostIn(url: string): { readonly host?: string } {
  const host = /^https?:\/\/([^/?#]+)/i.exec(url)?.[1];
  return host === undefined ? {} : { host };
}
