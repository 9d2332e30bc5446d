import { endOfImage, nextMarker, standsAlone, startOfScan } from '../../../containers/jpeg-markers.ts';

/** The decoder takes a segment for EXIF by these four letters alone. */
const exifName = Buffer.from('Exif', 'latin1');

const applicationOne = 0xe1;

/** The same JPEG whose EXIF segments have no name, so that the decoder passes over them. Undefined where there are none. */
export function plainJpeg(bytes: Buffer): Buffer | undefined {
  const names = exifNames(bytes);
  if (names.length === 0) return undefined;
  const file = Buffer.from(bytes);
  for (const at of names) file.fill(0, at, at + exifName.length);
  return file;
}

/** Where they lie, as far as the decoder reads segments before it has a header: up to the first scan. */
function exifNames(bytes: Buffer): readonly number[] {
  const names: number[] = [];
  for (let at = 2; ; ) {
    const { code, after } = nextMarker(bytes, at);
    if (code === undefined || code === startOfScan || code === endOfImage || after + 2 > bytes.length) return names;
    const name = bytes.subarray(after + 2, after + 2 + exifName.length);
    if (code === applicationOne && name.equals(exifName)) names.push(after + 2);
    at = standsAlone(code) ? after : after + Math.max(2, bytes.readUInt16BE(after));
  }
}
