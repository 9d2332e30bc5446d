import { expect, it } from 'vitest';
import { createTelemetry } from '../../src/sinks/index.ts';
import type { TelemetryEvent } from '../../src/telemetry.ts';

const request = { type: 'request', requestId: '1', method: 'GET', path: '/a.jpg', bytes: 1, durationMs: 1 } as const;

it('requests and pictures are counted by their labels, however often the page is asked for', async () => {
  const telemetry = createTelemetry({ logTo: { write: () => undefined }, level: 'silent' });
  const report = (route: string, status: number, tier?: 'memory' | 'store') => {
    const event: TelemetryEvent = { ...request, route, status, picture: tier && { tier, format: 'jpeg' } };
    telemetry.report(event);
  };
  const page = async () => {
    const { text } = await telemetry.metrics();
    return text.split('\n').filter((line) => /^fovea_(?:requests|pictures)_total\{/.test(line));
  };
  expect(await page()).toEqual([]);
  for (let times = 0; times < 3; times += 1) report('image', 200, 'memory');
  report('image', 404);
  const first = [
    'fovea_requests_total{route="image",status="200"} 3',
    'fovea_requests_total{route="image",status="404"} 1',
    'fovea_pictures_total{route="image",tier="memory"} 3',
  ];
  expect(await page()).toEqual(first);
  expect(await page()).toEqual(first);
  report('image', 200, 'memory');
  report('image', 200, 'store');
  report('ready', 200);
  expect(await page()).toEqual([
    'fovea_requests_total{route="image",status="200"} 5',
    'fovea_requests_total{route="image",status="404"} 1',
    'fovea_requests_total{route="ready",status="200"} 1',
    'fovea_pictures_total{route="image",tier="memory"} 4',
    'fovea_pictures_total{route="image",tier="store"} 1',
  ]);
});
