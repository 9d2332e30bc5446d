import type { Size } from '../../src/grammar/index.ts';
import type { System } from './system.ts';
import { thumborFiltered, thumborPath, thumborSize } from './thumbor-geometry.ts';

/** Not URLs that a client sends, more than a server allows, a detector's view, a document's own slip, and what its tests expect to be refused. */
const beyond =
  /[^\x20-\x7e]|\/9999x9999\/|^\/unsafe\/debug\/|\\_exif|format\((?:asdf|heic)\)|gifv\(|filters:autojpg\(true\)\/$/;

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
