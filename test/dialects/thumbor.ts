import type { Size } from '../../src/grammar/index.ts';
import type { System } from './system.ts';
import { thumborFiltered, thumborPath, thumborSize } from './thumbor-geometry.ts';

/** More than a server allows, a detector's view, a document's own slip, and what its tests expect to be refused. */
const beyond = /\/9999x9999\/|^\/unsafe\/debug\/|\\_exif|format\((?:asdf|heic)\)|gifv\(|filters:autojpg\(true\)\/$/;

function sizeOf(target: string, source: Size): Size | undefined {
  const path = thumborPath(target);
  if (path === undefined || path.isMeta || path.isTrimmed) return path === undefined ? source : undefined;
  return thumborFiltered(path, thumborSize(path, source, true), false);
}

const hosts = ['github.com', 'raw.githubusercontent.com', 'upload.wikimedia.org', 's.glbimg.com', 'www.arte.tv'];

export const thumbor: System = {
  name: 'thumbor',
  lists: ['thumbor'],
  file: {
    dialects: ['thumbor'],
    sources: Object.fromEntries(
      [...hosts, 'test.com', 'old.example'].flatMap((host) => [
        [`https://${host}/`, ''],
        [`http://${host}/`, ''],
      ]),
    ),
  },
  leastShare: 0.85,
  isBeyond: (target) => beyond.test(target),
  sizeOf,
};

/** Templates of its tests, videos, detectors, formats of other encoders, and pictures that come of nothing. */
const beyondImagor =
  /%[ds]|\/color:|\.mp4$|draw_detections|redact(?:_oval)?\((?:white|black|ff0000)|format\((?:heif|tiff|jp2|jxl)\)|(?:thumbhash|avgcolor|seek|frame)\(|\/\.\.\/|^\/unsafe\/200x300\/filters:quality\(80\)\/$/;

function imagorSizeOf(target: string, source: Size): Size | undefined {
  const path = thumborPath(target);
  if (path === undefined || path.isMeta || path.isTrimmed) return path === undefined ? source : undefined;
  if (path.filters.some(([name]) => ['raw', 'trim'].includes(name))) return undefined;
  const isOriented = path.filters.some(([name, args]) => name === 'orient' && Number(args) % 180 !== 0);
  const turned = isOriented ? { width: source.height, height: source.width } : source;
  return thumborFiltered(path, thumborSize(path, turned, false), true);
}

export const imagor: System = {
  name: 'imagor',
  lists: ['imagor', 'imagor-golden'],
  file: {
    dialects: ['imagor'],
    sources: { 'https://raw.githubusercontent.com/': '', 'https://example.com/': '' },
  },
  leastShare: 0.8,
  isBeyond: (target) => beyondImagor.test(target),
  sizeOf: imagorSizeOf,
};
