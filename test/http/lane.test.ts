import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { createLane, type LaneParts } from '../../src/http/lane.ts';
import type { Standing } from '../../src/variants/index.ts';

function requestFor(url: string): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  return Object.assign(request, { method: 'GET', url, httpVersion: '1.1', headers: { host: 'fovea.test' } });
}

const identity = { source: 'cat.jpg', sources: ['cat.jpg'] } as unknown as Standing['identity'];
const variant = {
  bytes: new Uint8Array(70_000),
  contentType: 'image/jpeg',
  etag: '"a"',
  version: '1',
  lastModified: new Date(0),
};

it('has what is too large to be sent uncounted noted once, and again when that holds no longer', () => {
  let stands = true;
  const variants: LaneParts['images']['variants'] = {
    recall: () => (stands ? variant : undefined),
    resend: () => undefined,
  };
  const lane = createLane({
    images: { variants, clientHints: false, policy: { ladder: { widths: [] } } } as unknown as LaneParts['images'],
    callers: { isFromTrustedProxy: () => false, wasForwarded: () => false },
    telemetry: { report: () => undefined },
    route: 'image',
  });
  const request = requestFor('/w_1200/cat.jpg');
  expect(lane.takes(request)).toBe(true);
  const standing = { identity, grounds: [], variant: new WeakRef(variant), epoch: 0 };
  lane.note(request, { standing, sent: { ETag: '"a"' }, unchanged: [] });
  expect(lane.answer(request, new ServerResponse(request))).toBe(false);
  expect(lane.takes(request)).toBe(false);
  expect(lane.takes(requestFor('/w_1300/cat.jpg'))).toBe(true);
  stands = false;
  expect(lane.takes(request)).toBe(true);
});
