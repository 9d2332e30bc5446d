import { createHmac } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createPixelFreeService, type TestService } from '../support/test-service.ts';

const token = 'a token that people think up';

const instance = (FOVEA_ADMIN_TOKEN: string | undefined) =>
  createPixelFreeService({ environment: FOVEA_ADMIN_TOKEN === undefined ? {} : { FOVEA_ADMIN_TOKEN } });

async function ticketOf({ ask, service }: TestService): Promise<string> {
  const headers = { Authorization: `Bearer ${service.adminToken}`, 'Content-Type': 'application/json' };
  const answer = await ask('/-/uploads/tickets', { method: 'POST', headers, body: '{}' });
  return z.object({ ticket: z.string() }).parse(await answer.json()).ticket;
}

async function isTaken({ ask }: TestService, ticket: string): Promise<boolean> {
  const headers = { Authorization: `Bearer ${ticket}`, 'Content-Type': 'application/json' };
  const body = JSON.stringify({ files: [{ filename: 'a.jpg', type: 'image/jpeg', bytes: 9 }] });
  return (await ask('/-/uploads', { method: 'POST', headers, body })).status === 201;
}

describe('the tickets of an instance', () => {
  it('are taken by every other with the same admin token, and by none with another', async () => {
    const [one, same, other, none] = await Promise.all([
      instance(token),
      instance(token),
      instance(`${token}.`),
      instance(undefined),
    ]);
    const ticket = await ticketOf(one);
    expect(await isTaken(one, ticket)).toBe(true);
    expect(await isTaken(same, ticket)).toBe(true);
    expect(await isTaken(other, ticket)).toBe(false);
    expect(await isTaken(none, ticket)).toBe(false);
    expect(await isTaken(none, await ticketOf(none))).toBe(true);
  });

  it('cost whoever guesses the token at home far more a try than a digest', async () => {
    const ticket = await ticketOf(await instance(token));
    const [text = '', signature] = ticket.split('.');
    const signs = (secret: string | Buffer) =>
      createHmac('sha256', secret).update(`ticket\0${text}`).digest('base64url') === signature;
    const quick = createHmac('sha256', token).update('upload addresses').digest();
    expect([token, quick, quick.toString('base64url'), quick.toString('hex')].map(signs)).not.toContain(true);
    // CPU of all threads, since a loaded machine stretches the time and not the work.
    const before = process.cpuUsage();
    await isTaken(await instance(token), ticket);
    const { user } = process.cpuUsage(before);
    expect(user / 1000).toBeGreaterThan(30);
  });
});

describe('tickets that others have signed', () => {
  const secret = 'a-secret-that-a-shop-shares-with-us';
  const sign = (payload: JWTPayload, key: Uint8Array = Buffer.from(secret)) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('10m').sign(key);

  it('are taken where the setting names their secret, for this program and no other', async () => {
    const environment = { FOVEA_ADMIN_TOKEN: token, FOVEA_TICKET_SECRETS: `${'another-secret-'.repeat(3)}1,${secret}` };
    const [named, unnamed] = [await createPixelFreeService({ environment }), await instance(token)];
    const ticket = await sign({ aud: 'fovea', jti: 'user 1', batches: 1 });
    expect(await isTaken(named, ticket)).toBe(true);
    // Its total is taken.
    expect(await isTaken(named, ticket)).toBe(false);
    expect(await isTaken(unnamed, await sign({ aud: 'fovea' }))).toBe(false);
    expect(await isTaken(named, await sign({ aud: 'mail' }))).toBe(false);
    expect(await isTaken(named, await sign({ aud: 'fovea' }, Buffer.from(token)))).toBe(false);
  });

  it('lead Uppy 6 by their path', async () => {
    const environment = { FOVEA_ADMIN_TOKEN: token, FOVEA_TICKET_SECRETS: secret };
    const { ask } = await createPixelFreeService({ environment });
    const path = async (payload: JWTPayload) =>
      `/-/uploads/tickets/${await sign(payload)}/s3/params?filename=a.jpg&type=image/jpeg`;
    expect((await ask(await path({ aud: 'fovea' }))).status).toBe(200);
    expect((await ask(await path({ aud: 'mail' }))).status).toBe(401);
  });
});
