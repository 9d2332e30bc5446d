/** An empty header says as much as none. */
const isSaid = (field: string | undefined): field is string => field !== undefined && field.trim() !== '';

/** The addresses of X-Forwarded-For, the client's first; some proxies write a port behind them. */
export function forwardedFor(field: string | undefined): readonly string[] {
  return isSaid(field) ? field.split(',').map((hop) => withoutPort(hop.trim())) : [];
}

/** Those of Forwarded (RFC 7239 §5.2); an element without `for` hides whom its proxy heard from. */
export function forwarded(field: string | undefined): readonly string[] {
  if (!isSaid(field)) return [];
  return elementsOf(field).map((element) => {
    const [, quoted, token = ''] = /(?:^|;)\s*for\s*=\s*(?:"([^"]*)"|([^;\s"]*))/i.exec(element) ?? [];
    return withoutPort(quoted ?? token);
  });
}

/** Parted at commas, but for those within quotes. */
function elementsOf(field: string): readonly string[] {
  const elements: string[] = [];
  let begin = 0;
  let isQuoted = false;
  for (let at = 0; at <= field.length; at += 1) {
    if (field[at] === '"') isQuoted = !isQuoted;
    if (at < field.length && (isQuoted || field[at] !== ',')) continue;
    elements.push(field.slice(begin, at).trim());
    begin = at + 1;
  }
  return elements;
}

/** `192.0.2.1:80` and `[2001:db8::1]:80` without the port, and an IPv6 address without the brackets. */
function withoutPort(hop: string): string {
  const [, bracketed] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(hop) ?? [];
  if (bracketed !== undefined) return bracketed;
  return /^[^:]*:\d{1,5}$/.test(hop) ? hop.slice(0, hop.indexOf(':')) : hop;
}
