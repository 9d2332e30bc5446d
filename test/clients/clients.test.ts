import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAnswered } from './answered.ts';
import type { Row } from './row.ts';
import { rows as cloudinary } from './rows/cloudinary.ts';
import { rows as next } from './rows/next.ts';
import { rows as nuxt } from './rows/nuxt.ts';
import { rows as unpic } from './rows/unpic.ts';
import { rows as urlGen } from './rows/url-gen.ts';
import { type RunningService, startService } from './running-service.ts';

let service: RunningService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const clients: Readonly<Record<string, readonly Row[]>> = {
  'cloudinary 2.11.0': cloudinary,
  '@cloudinary/url-gen 1.22.0': urlGen,
  'unpic 4.2.2': unpic,
  '@nuxt/image 2.1.0': nuxt,
  'next-cloudinary 6.19.3, url-loader 6.3.1, next/image': next,
};

it('there are 150 distinct URLs at least', () => {
  const urls = new Set(Object.values(clients).flatMap((rows) => rows.map(({ url }) => url)));
  expect(urls.size).toBeGreaterThanOrEqual(150);
});

describe.each(Object.entries(clients))('%s', (_client, rows) => {
  it.each(rows.map((row) => [row.name, row.url, row] as const))('%s: %s', async (_name, _url, row) => {
    await expectAnswered(row, service);
  });
});
