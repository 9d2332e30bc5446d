import { expect, it } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../../src/config/index.ts';
import { sign } from '../../src/signing.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const adminToken = 'the admin token of the tests';
const secret = 'a signing secret of the tests: long enough';

async function createLoggingService() {
  const originals = createMemoryStore();
  await originals.put('cat.jpg', Buffer.from('a cat'));
  const environment = { FOVEA_ADMIN_TOKEN: adminToken, FOVEA_SIGNING_SECRETS: secret, FOVEA_UNSIGNED: 'any' };
  const config = { file: { ...readConfig({}).file, accountNames: ['demo'] } };
  const its = await createPixelFreeService({ originals, environment, config });
  const authorization = { Authorization: `Bearer ${adminToken}`, 'Content-Type': 'application/json' };
  const answer = await its.ask('/-/uploads/tickets', { method: 'POST', headers: authorization, body: '{}' });
  const { ticket } = z.object({ ticket: z.string() }).parse(await answer.json());
  return { ...its, ticket };
}

const twice = (text: string) => text.replaceAll('%', '%25');
const escaped = (text: string) => text.replace(/./g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);

it('a ticket is in no line of the log, however its URL was misspelt', async () => {
  const { ask, ticket, telemetry } = await createLoggingService();
  const spelled = (one: string) => [
    `/-/uploads/tickets/${one}`,
    `/-/uploads/tickets/${one}/s3/params`,
    `/-/uploads//tickets/${one}`,
    `/-//uploads/tickets/${one}`,
    `//-/uploads/tickets/${one}`,
    `/-/uploads/filepond/${one}`,
    `/-/uploads/ticket/${one}`,
    `/-/images/${one}`,
    `/v1/-/uploads/tickets/${one}`,
    `/demo/image/upload/-/uploads/tickets/${one}`,
    `/w_100/-/uploads/tickets/${one}`,
    `/%2d/uploads/tickets/${one}`,
    `/%252d/uploads/tickets/${one}`,
    `/-%2fuploads%2ftickets%2f${one}`,
    `/%2d/%75ploads/tickets/${one}%zz`,
    `/-/uploads/tickets/${one}==`,
    `/-/uploads/tickets/x${one}`,
    `/d_${one},w_100/none.jpg`,
    `/l_${one}/cat.jpg`,
    `/${one}`,
    `/${one}.jpg`,
    `/_next/image?url=%2F${one}&w=100&q=75`,
    `/x/${one.slice(0, -1)}`,
    `/x/${one.slice(1)}`,
    `/d_${one.slice(1)}/cat.jpg`,
    `/x/${one.slice(5)}`,
    `/${one.replace('.', '/')}`,
    `/${one.replace('.', '/').slice(1)}`,
    `/x/${one.toUpperCase()}`,
    `/x/${one.toLowerCase()}`,
    `/x/${one.toUpperCase().slice(1)}`,
  ];
  const [, signature = ''] = ticket.split('.');
  const paths = [ticket, escaped(ticket), twice(escaped(ticket))].flatMap(spelled);
  for (const path of paths) await ask(path);
  const lines = telemetry.events.map((event) => JSON.stringify(event));
  expect(lines.length).toBeGreaterThanOrEqual(paths.length);
  for (const hidden of [signature, escaped(signature), twice(escaped(signature))]) {
    expect(lines.filter((line) => line.toLowerCase().includes(hidden.toLowerCase()))).toEqual([]);
  }
});

it('a signature is in no line of the log, however its URL was misspelt', async () => {
  const { ask, telemetry } = await createLoggingService();
  const value = sign('w_100/cat.jpg', secret, 'sha256-long');
  const spelled = (one: string) => [
    `/s--${one}--/w_100/cat.jpg`,
    `/s--${one}--/w_100/dog.jpg`,
    `/s--${one}-/w_100/cat.jpg`,
    `/s--${one}/w_100/cat.jpg`,
    `/s--${one}x--/w_100/cat.jpg`,
    `/S--${one}--/w_100/cat.jpg`,
    `/w_100/s--${one}--/cat.jpg`,
    `/demo/image/upload/w_100/s--${one}--/cat.jpg`,
    `/image/upload/v1/s--${one}--/w_100/cat.jpg`,
    `/s%2d%2d${one}--/w_100/cat.jpg`,
    `/s%252d%252d${one}%252d%252d/w_100/cat.jpg`,
    `/%73--${one}--/w_100/cat.jpg`,
    `/s-%2d${one}-%2d%2fw_100/cat.jpg`,
    `/a/%73--${one}--/cat.jpg`,
    `/-/s--${one}--/w_100/cat.jpg`,
    `/d_s--${one}--/none.jpg`,
    `/d_s--${one}--.jpg/cat.jpg`,
    `/s-${one}--/cat.jpg`,
    `/s-${one}-/cat.jpg`,
    `/s---${one}--/cat.jpg`,
    `/s${one}--/cat.jpg`,
    `/--${one}--/cat.jpg`,
    `/-${one}--/cat.jpg`,
    `/${one}--/cat.jpg`,
    `/d_s-${one}--/cat.jpg`,
    `/_next/image?url=%2Fs--${one}--%2Fcat.jpg&w=100&q=75`,
  ];
  const short = sign('w_100/cat.jpg', secret, 'sha256');
  const paths = [value, escaped(value), short].flatMap(spelled);
  for (const path of paths) await ask(path);
  const lines = telemetry.events.map((event) => JSON.stringify(event));
  expect(lines.length).toBeGreaterThanOrEqual(paths.length);
  for (const hidden of [value, escaped(value), short])
    expect(lines.filter((line) => line.includes(hidden))).toEqual([]);
});

it('what holds no secret is in the log as it came', async () => {
  const { ask, telemetry } = await createLoggingService();
  const names = [
    '/s-bahn/berlin--mitte.jpg',
    '/d_maps--nepal.jpg',
    '/bobbyjones-on-the-beach-2026.jpg',
    '/a/9e107d9d372bb6826bd81d3542a419d6.jpg',
  ];
  const paths = ['/w_100/c%61t.jpg', '/cats--tom.jpg', '/50%25.jpg', '/%zz', '/a/eyJ.jpg', '/-/uploads/none', ...names];
  for (const path of paths) await ask(path);
  const told = telemetry.events.flatMap((event) => (event.type === 'request' ? [event.path] : []));
  expect(told.slice(-paths.length)).toEqual(paths);
});
