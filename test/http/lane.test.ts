import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { createLane } from '../../src/http/lane.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { transformOf } from '../support/renderer.ts';
import { createPixelFreeService } from '../support/test-service.ts';

function requestFor(url: string): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  return Object.assign(request, { method: 'GET', url, httpVersion: '1.1', headers: { host: 'fovea.test' } });
}

it('has what is too large to be sent uncounted noted once, and again when that holds no longer', async () => {
  const originals = createMemoryStore();
  await originals.put('cat.jpg', Buffer.from('the picture of a cat'));
  const { variants } = (await createPixelFreeService({ originals, variants: undefined })).service;
  const { signal } = new AbortController();
  const candidates = [{ key: 'cat.jpg', transform: transformOf('w_1200') }];
  const found = await variants.identify(candidates, { signal, readAhead: false });
  if (found.kind !== 'variant') throw new Error('a candidate with a transform is a variant');
  await variants.deliver(found, { signal });
  const standing = variants.standing(found, candidates);
  if (standing === undefined) throw new Error('it is in memory');
  const lane = createLane({
    images: {
      variants: { recall: variants.recall, resend: () => undefined },
      clientHints: false,
      policy: { ladder: { widths: [], snap: false } },
    },
    visitorOf: () => ({ client: '::1', referer: undefined, userAgent: undefined }),
    callers: { isFromTrustedProxy: () => false, wasForwarded: () => false, clientOf: () => 'somebody' },
    telemetry: { report: () => undefined },
    route: 'image',
  });
  const request = requestFor('/w_1200/cat.jpg');
  expect(lane.takes(request)).toBe(true);
  lane.note(request, { standing, sent: { ETag: '"a"' }, unchanged: [] });
  expect(lane.answer(request, new ServerResponse(request))).toBe(false);
  expect(lane.takes(request)).toBe(false);
  expect(lane.takes(requestFor('/w_1300/cat.jpg'))).toBe(true);
  await variants.purge({ keys: ['cat.jpg'] }, { signal });
  expect(lane.takes(request)).toBe(true);
});
