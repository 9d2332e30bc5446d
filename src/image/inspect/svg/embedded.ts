import { Failure } from '../../../failure.ts';
import { broken } from '../../containers/header.ts';

/** The file that a `data:` address holds (RFC 2397), in base64 as all programs write pictures. Failures: `unsupported`, `corrupt`. */
export function embeddedPicture(address: string): Buffer {
  const comma = address.indexOf(',');
  if (comma < 0) throw broken('svg+xml', 'the address of a picture in it holds none');
  if (!/;\s*base64\s*$/i.test(address.slice(0, comma))) {
    throw new Failure('unsupported', 'An SVG with a picture in it that is not written in base64 is not read.');
  }
  return Buffer.from(address.slice(comma + 1), 'base64');
}
