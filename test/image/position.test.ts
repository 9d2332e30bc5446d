import sharp from 'sharp';
import { expect, it } from 'vitest';
import { carriesPosition, positionIn } from '../../src/image/index.ts';
import { from, quarters } from '../support/pictures.ts';

const gps = (latitude: string, longitude: string) => ({
  IFD3: {
    ...{ GPSLatitudeRef: latitude.slice(-1), GPSLatitude: latitude.slice(0, -1) },
    ...{ GPSLongitudeRef: longitude.slice(-1), GPSLongitude: longitude.slice(0, -1) },
  },
});
const plain = from(quarters(16, 12));

it.each(['jpeg', 'png', 'webp', 'avif'] as const)('tells where EXIF says that a %s was taken', async (format) => {
  const bytes = await plain.clone().withExif(gps('52/1 22/1 30/1N', '13/1 6/1 0/1E')).toFormat(format).toBuffer();
  expect(positionIn(bytes)).toEqual({ latitude: 52.375, longitude: 13.1 });
});

it('tells south and west as less than nothing', async () => {
  const bytes = await plain.clone().withExif(gps('33/1 30/1 0/1S', '70/1 3957/100 0/1W')).jpeg().toBuffer();
  expect(positionIn(bytes)).toEqual({ latitude: -33.5, longitude: -70.6595 });
});

it.each([
  ['exif:GPSLatitude="52,31.2N" exif:GPSLongitude="13,24,36E"', { latitude: 52.52, longitude: 13.41 }],
  ['exif:GPSLatitude="52,31.2N"', undefined],
  ['exif:GPSLatitude="somewhere" exif:GPSLongitude="else"', undefined],
])('reads what XMP says of it: %s', async (said, position) => {
  const rdf = `xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:exif="http://ns.adobe.com/exif/1.0/"`;
  const packet = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF ${rdf}><rdf:Description ${said}/></rdf:RDF></x:xmpmeta>`;
  expect(positionIn(await plain.clone().withXmp(packet).jpeg().toBuffer())).toEqual(position);
});

it('tells nothing of what says nothing, is damaged, or no picture', async () => {
  const whole = await plain.clone().withExif(gps('0/0 0/0 0/0N', '13/1 6/1 0/1E')).jpeg().toBuffer();
  const damaged = Buffer.from(whole);
  const at = whole.indexOf('Exif\0\0');
  damaged.fill(0xff, at + 10, at + 60);
  const plainly = await sharp(whole).jpeg().toBuffer();
  for (const bytes of [whole, damaged, plainly, Buffer.from('no picture'), whole.subarray(0, at + 40)])
    expect(positionIn(bytes)).toBeUndefined();
  expect(carriesPosition(plainly)).toBe(false);
});
