import { Failure } from '../../../failure.ts';
import { broken } from '../../containers/header.ts';

/**
 * The file that a `data:` address holds (RFC 2397), in base64 as all programs write pictures; undefined for another address. It is read as
 * decoders read it (the WHATWG's URL and Fetch standards), who else would draw another picture than the one that was reckoned. Failures:
 * `unsupported`, `corrupt`.
 */
export function embeddedPicture(written: string): Buffer | undefined {
  const address = withoutBlanks(written);
  if (!/^data:/i.test(address)) return undefined;
  const comma = address.indexOf(',');
  if (comma < 0) throw broken('svg+xml', 'the address of a picture in it holds none');
  if (!/;\s*base64\s*$/i.test(address.slice(0, comma))) {
    throw new Failure('unsupported', 'An SVG with a picture in it that is not written in base64 is not read.');
  }
  return Buffer.from(unescaped(address.slice(comma + 1)), 'base64');
}

/** Line breaks anywhere in an address, and what comes before its first letter, are nothing of it. */
function withoutBlanks(address: string): string {
  let from = 0;
  while (from < address.length && address.charCodeAt(from) <= 0x20) from += 1;
  return address.slice(from).replace(/[\t\n\r]+/g, '');
}

function unescaped(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
