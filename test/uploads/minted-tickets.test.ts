import { createHmac, createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type JWTHeaderParameters, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import type { TicketIssuers } from '../../src/uploads/index.ts';
import { createTestUploads, incoming, live, picture } from '../support/uploads.ts';

const secret = 'a-secret-that-a-shop-shares-with-us';
const shared = createSecretKey(Buffer.from(secret));
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const edwards = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');

const issuers: TicketIssuers = {
  audience: 'fovea',
  keys: [
    { algorithm: 'HS256', key: createSecretKey(Buffer.from('an-older-secret-that-still-is-good')) },
    { algorithm: 'HS256', key: shared },
    { id: 'shop', algorithm: 'RS256', key: rsa.publicKey },
    { id: 'blog', algorithm: 'ES256', key: curve.publicKey },
    { id: 'wiki', algorithm: 'EdDSA', key: edwards.publicKey },
  ],
};
const its = createTestUploads({ issuers });
const seconds = () => Math.floor(its.now() / 1000);

interface Minting extends Readonly<Record<string, unknown>> {
  readonly header?: Partial<JWTHeaderParameters>;
  readonly key?: KeyObject;
}

/** A ticket that is right, but for what is said; `undefined` takes a claim away. */
function mint({ header, key = shared, ...claims }: Minting = {}): Promise<string> {
  const all = { aud: 'fovea', exp: seconds() + 600, ...claims };
  return new SignJWT(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)))
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', ...header })
    .sign(key);
}

function coded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** A token as no library writes it. */
function forge(header: object, signature: (text: string) => string, claims: object = {}): string {
  const text = `${coded(header)}.${coded({ aud: 'fovea', exp: seconds() + 600, ...claims })}`;
  return `${text}.${signature(text)}`;
}

const byHmac = (key: string | Buffer) => (text: string) => createHmac('sha256', key).update(text).digest('base64url');
const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();

describe('a ticket that somebody else has signed', () => {
  test.each([
    ['HS256', {}],
    ['HS256, whatever its kid', { header: { kid: 'anything' } }],
    ['RS256', { header: { alg: 'RS256', kid: 'shop' }, key: rsa.privateKey }],
    ['RS256, without a kid', { header: { alg: 'RS256' }, key: rsa.privateKey }],
    ['ES256', { header: { alg: 'ES256', kid: 'blog' }, key: curve.privateKey }],
    ['EdDSA', { header: { alg: 'EdDSA', kid: 'wiki' }, key: edwards.privateKey }],
    ['several audiences', { aud: ['mail', 'fovea'] }],
  ] satisfies [string, Minting][])('is read: %s', async (_, minting) => {
    const exp = seconds() + 60;
    const ticket = await its.uploads.readTicket(await mint({ ...minting, exp, files: 3, bytes: 5_000_000 }));
    expect(ticket).toEqual({
      ticket: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      expires: exp * 1000,
      batches: 100,
      files: 3,
      bytes: 5_000_000,
    });
  });

  test('uploads as far as its totals go, and what another of the same jti takes counts too', async () => {
    const jpeg = await picture();
    const send = async (jti: string) => {
      const ticket = await its.uploads.readTicket(await mint({ jti, files: 1, iat: Math.random() }));
      const options = { owner: ticket.ticket, ticket, bytes: jpeg.byteLength, signal: live() };
      return (await its.uploads.receive(incoming({ bytes: jpeg }), options)).published;
    };
    expect([await send('user 1'), await send('../../user 2')]).toEqual([true, true]);
    await expect(send('user 1')).rejects.toMatchObject({ kind: 'too_large' });
    expect((await its.keys()).filter((key) => key.includes('user'))).toEqual([]);
  });

  test('is one ticket, however its signature is spelled', async () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const named = async (token: string) => (await its.uploads.readTicket(token)).ticket;
    const token = await mint();
    const spelled = `${token.slice(0, -1)}${letters[letters.indexOf(token.slice(-1)) ^ 1]}`;
    expect(await named(spelled)).toBe(await named(token));

    // Each signature of ES256 is another one, and whoever has one can make a second of it.
    const claims = { header: { alg: 'ES256' }, key: curve.privateKey };
    const [first, second] = [await mint(claims), await mint(claims)];
    expect(first).not.toBe(second);
    expect(await named(first)).toBe(await named(second));
  });

  test('ends, and begins, when it says, but for clocks that are off by seconds', async () => {
    for (const claims of [{ exp: seconds() - 3 }, { nbf: seconds() + 3 }])
      await expect(its.uploads.readTicket(await mint(claims))).resolves.toBeDefined();
    for (const claims of [{ exp: seconds() - 10 }, { nbf: seconds() + 20 }, { exp: seconds() + 13 * 3600 }])
      await expect(its.uploads.readTicket(await mint(claims))).rejects.toMatchObject({ kind: 'unauthorised' });
  });

  test.each([
    ['no exp', { exp: undefined }],
    ['no aud', { aud: undefined }],
    ['another aud', { aud: 'mail' }],
    ['the aud in other letters', { aud: 'Fovea' }],
    ['an access token', { header: { typ: 'at+jwt' } }],
    ['files as text', { files: '5' }],
    ['no files', { files: 0 }],
    ['half a byte', { bytes: 0.5 }],
    ['more batches than can be counted', { batches: 1e300 }],
    ['a jti that is no text', { jti: 5 }],
    ['a jti without end', { jti: 'x'.repeat(300) }],
    ['a critical part that nobody knows', { header: { crit: ['fovea'], fovea: 1 } }],
  ] satisfies [string, Minting][])('is refused for what it says: %s', async (_, minting: Minting) => {
    const token = await mint(minting).catch(() => forge(minting.header ?? {}, byHmac(secret)));
    await expect(its.uploads.readTicket(token)).rejects.toMatchObject({ kind: 'unauthorised' });
  });

  const none = { alg: 'none', typ: 'JWT' };
  const hmac = { alg: 'HS256', typ: 'JWT' };
  const own = { jwk: stranger.publicKey.export({ format: 'jwk' }) };
  test.each([
    ['unsigned', () => forge(none, () => 'x')],
    ['unsigned, and empty', () => forge(none, () => '')],
    ['unsigned, in other letters', () => forge({ ...none, alg: 'NONE' }, byHmac(secret))],
    ['signed with a public key as if it were a secret', () => forge(hmac, byHmac(pem(rsa.publicKey)))],
    [
      '… of Ed25519, by its bytes',
      () => forge(hmac, byHmac(edwards.publicKey.export({ type: 'spki', format: 'der' }))),
    ],
    ['signed with nothing', () => forge(hmac, byHmac(''))],
    ['by a longer digest', () => forge({ ...hmac, alg: 'HS512' }, byHmac(secret))],
    ['by the kid of a key of another kind', () => forge({ ...hmac, kid: 'shop' }, byHmac(pem(rsa.publicKey)))],
    ['by a kid that is a path', () => forge({ ...hmac, kid: '../../dev/null' }, byHmac(''))],
    ['by a kid that is an address', () => forge({ ...hmac, kid: 'https://evil.example/key' }, byHmac('x'))],
    ['by another’s kid', () => mint({ header: { alg: 'EdDSA', kid: 'shop' }, key: edwards.privateKey })],
    ['by a stranger', () => mint({ header: { alg: 'EdDSA' }, key: stranger.privateKey })],
    ['by a key that it brings along', () => mint({ header: { alg: 'EdDSA', ...own }, key: stranger.privateKey })],
    ['by a key that is elsewhere', () => forge({ ...hmac, jku: 'https://evil.example/jwks' }, byHmac('x'))],
    [
      'changed afterwards',
      async () =>
        `${(await mint()).split('.')[0]}.${coded({ aud: 'fovea', exp: 4e9 })}.${(await mint()).split('.')[2]}`,
    ],
    ['with something behind', async () => `${await mint()}=`],
    ['with a part too many', async () => `${await mint()}.x`],
    ['too long to be one', () => mint({ note: 'x'.repeat(5_000) })],
    ['no JSON', () => `${Buffer.from('{').toString('base64url')}.e30.x`],
  ] satisfies [string, () => string | Promise<string>][])('is refused for its signature: %s', async (_, forged) => {
    await expect(its.uploads.readTicket(await forged())).rejects.toMatchObject({
      kind: 'unauthorised',
      message: 'This is neither the admin token nor a ticket that is valid here: expected one of them.',
    });
  });

  test('is nothing where nobody else may sign', async () => {
    const closed = createTestUploads();
    await expect(closed.uploads.readTicket(await mint())).rejects.toMatchObject({ kind: 'unauthorised' });
  });
});
