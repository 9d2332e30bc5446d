import { parseAccept } from '../../../src/grammar/negotiation/accept.ts';

/** What a visitor accepts, reduced to what may change the answer. */
export type AcceptToken = `${'avif' | 'webp' | 'none'}${'' | '-lite'}`;

/** Accept and Save-Data as one token, by the origin's own reading of Accept. */
export function reduceAccept(headers: Headers): AcceptToken {
  const { avif, webp, basic } = parseAccept(headers.get('accept') ?? '');
  const savesData = headers.get('save-data')?.trim().toLowerCase() === 'on';
  const lite = savesData ? '-lite' : '';
  if (avif > 0 && avif >= webp && avif >= basic) return `avif${lite}`;
  return webp > 0 && webp >= basic ? `webp${lite}` : `none${lite}`;
}

/**
 * What asks the origin for that: the token, which it believes of proxies that it was told of, and the same in the headers
 * that everybody may send, since the addresses of Workers are everybody's.
 */
export function headersOf(token: AcceptToken): Record<string, string> {
  const [format] = token.split('-');
  return {
    'x-fovea-accept': token,
    accept: format === 'none' ? '*/*' : `image/${format}`,
    ...(token.endsWith('-lite') && { 'save-data': 'on' }),
  };
}
