import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTrustedProxies } from '../../src/http/callers/trusted-proxies.ts';
import { cpuTimeMs } from '../support/cpu-time.ts';

const networks = ['10.0.0.0/8', '192.0.2.7', '2001:db8:1::/48'];

type Headers = Readonly<Record<string, string>>;

/** Asks proxies of which nothing is known yet but what these requests tell. */
function opened() {
  const proxies = createTrustedProxies(networks);
  return (peer: string | undefined, headers: Headers = {}) =>
    proxies.clientOf({ peer, header: (name) => headers[name] });
}

const clientOf = (peer: string | undefined, headers: Headers = {}) => opened()(peer, headers);

describe('who asks', () => {
  it.each([
    ['the peer', '203.0.113.9', {}, '203.0.113.9'],
    [
      'the peer that is no proxy of ours, whatever it says',
      '203.0.113.9',
      { 'x-forwarded-for': '198.51.100.1' },
      '203.0.113.9',
    ],
    ['the address that a trusted proxy names', '10.1.2.3', { 'x-forwarded-for': '198.51.100.1' }, '198.51.100.1'],
    ['a trusted proxy itself, when it names nobody', '10.1.2.3', {}, '10.1.2.3'],
    [
      'the rightmost that is not trusted: what is left of it the client has written',
      '10.1.2.3',
      { 'x-forwarded-for': '1.1.1.1, 10.9.9.9, 198.51.100.1, 192.0.2.7, 10.4.4.4' },
      '198.51.100.1',
    ],
    ['the first of all, when all are trusted', '10.1.2.3', { 'x-forwarded-for': '10.9.9.9, 192.0.2.7' }, '10.9.9.9'],
    [
      'the last known, when a proxy hides whom it heard from',
      '10.1.2.3',
      { forwarded: 'for=unknown, for=10.4.4.4' },
      '10.4.4.4',
    ],
    [
      'the last known, when what stands there is no address',
      '10.1.2.3',
      { 'x-forwarded-for': "1.1.1.1, ' or 1" },
      '10.1.2.3',
    ],
    ['an address with a port', '10.1.2.3', { 'x-forwarded-for': '198.51.100.1:51234' }, '198.51.100.1'],
    ['an address in Forwarded', '10.1.2.3', { forwarded: 'for=198.51.100.1;proto=https;by=10.0.0.1' }, '198.51.100.1'],
    [
      'a quoted one with a port, in any case, behind what is quoted too',
      '10.1.2.3',
      { forwarded: 'host="a,b";For="[2001:db8:2::5]:4711"' },
      '2001:db8:2:0::/64',
    ],
    [
      'the one of X-Forwarded-For, when Forwarded names another and nothing is known of the proxy',
      '10.1.2.3',
      { 'x-forwarded-for': '198.51.100.1', forwarded: 'for=198.51.100.2' },
      '198.51.100.1',
    ],
    [
      'the one of Forwarded, where the other is empty',
      '10.1.2.3',
      { 'x-forwarded-for': ' ', forwarded: 'for=198.51.100.2' },
      '198.51.100.2',
    ],
    [
      'the client, when the two headers agree',
      '10.1.2.3',
      { 'x-forwarded-for': '198.51.100.1', forwarded: 'for="198.51.100.1"' },
      '198.51.100.1',
    ],
    ['an IPv4 peer as a socket for both kinds tells it', '::ffff:203.0.113.9', {}, '203.0.113.9'],
    [
      'a trusted peer as such a socket tells it',
      '::ffff:10.1.2.3',
      { 'x-forwarded-for': '198.51.100.1' },
      '198.51.100.1',
    ],
    ['the /64 of an IPv6 address', '2001:db8:2:3:4:5:6:7', {}, '2001:db8:2:3::/64'],
    ['nobody, where no peer is seen', undefined, { 'x-forwarded-for': '198.51.100.1' }, 'unknown'],
  ])('is %s', (_, peer, headers, client) => {
    expect(clientOf(peer, headers)).toBe(client);
  });

  it('is one client for all addresses of an IPv6 /64, and another one beside it', () => {
    const names = ['2001:db8:2:3::1', '2001:db8:2:3:ffff::', '2001:DB8:2:3:0:0:0:9'].map((peer) => clientOf(peer));
    expect(new Set(names).size).toBe(1);
    expect(clientOf('2001:db8:2:4::1')).not.toBe(names[0]);
  });

  it('cannot be chosen by the client, whatever it puts before what the proxy adds', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.boolean(), (own, isQuoted) => {
        const written = isQuoted ? `${own.replaceAll('"', '')}` : own;
        expect(clientOf('10.1.2.3', { 'x-forwarded-for': `${written}, 198.51.100.1` })).toBe('198.51.100.1');
      }),
    );
  });

  const written = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.constantFrom('for=9.9.9.9', 'for=unknown', 'for=_x', 'by=10.0.0.1', 'for="[2001:db8::1]"', '9.9.9.9', 'unknown'),
  );
  const own = fc.record({ 'x-forwarded-for': written, forwarded: written }, { requiredKeys: [] });

  it.each([
    ['X-Forwarded-For', 'x-forwarded-for', 'forwarded', (address: string) => address],
    ['Forwarded', 'forwarded', 'x-forwarded-for', (address: string) => `for=${address};proto=https`],
  ] as const)('has one name behind a proxy that writes %s, whatever it sends of both', (_, header, other, element) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('198.51.100.1', '198.51.100.2'), own)), (requests) => {
        const asked = opened();
        const through = (address: string, headers: Partial<Record<typeof header | typeof other, string>>) => {
          const before = headers[header]?.replaceAll('"', '');
          const added = before === undefined ? element(address) : `${before}, ${element(address)}`;
          return asked('10.1.2.3', { ...headers, [header]: added });
        };
        // Somebody who sends neither is enough to know the proxy by.
        expect(through('198.51.100.3', {})).toBe('198.51.100.3');
        for (const [address, headers] of requests) expect(through(address, headers)).toBe(address);
      }),
    );
  });

  it('is one of two names at most, where proxies of both kinds have one address', () => {
    const asked = opened();
    asked('10.1.2.3', { 'x-forwarded-for': '198.51.100.1' });
    asked('10.1.2.3', { forwarded: 'for=198.51.100.1' });
    const names = ['9.9.9.9', '8.8.8.8', 'unknown', "' or 1"].map((other) =>
      asked('10.1.2.3', { 'x-forwarded-for': '198.51.100.1', forwarded: `for="${other}"` }),
    );
    expect(new Set(names)).toEqual(new Set(['10.1.2.3']));
    // What another proxy leaves out says nothing of this one.
    expect(asked('10.4.4.4', { 'x-forwarded-for': '198.51.100.1', forwarded: 'for=9.9.9.9' })).toBe('198.51.100.1');
  });

  it('is found in a header of any length in no time', () => {
    for (const field of [
      '10.0.0.1,'.repeat(1_800),
      ','.repeat(16_000),
      `for="${','.repeat(16_000)}`,
      'for=;'.repeat(3_200),
    ]) {
      const headers = { 'x-forwarded-for': field };
      expect(cpuTimeMs(() => clientOf('10.1.2.3', headers), 5)).toBeLessThan(20);
      expect(cpuTimeMs(() => clientOf('10.1.2.3', { forwarded: field }), 5)).toBeLessThan(20);
    }
  });
});

describe('the other end of a connection', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:2:3:4:5:6:7', '2001:db8:2:3::/64'],
    ['10.1.2.3', undefined],
    ['::ffff:10.1.2.3', undefined],
    ['127.0.0.5', undefined],
    ['::1', undefined],
    ['::ffff:127.0.0.1', undefined],
  ])('%s is %s, where it does not speak for many', (address, name) => {
    expect(createTrustedProxies(networks).peerName(address)).toBe(name);
  });
});

describe('a request that came from a trusted proxy', () => {
  it.each([
    ['10.255.0.1', true],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['2001:db8:1:ffff::1', true],
    ['2001:db8:2::1', false],
    ['not an address', false],
    [undefined, false],
  ])('%s: %s', (peer, isTrusted) => {
    const arrival = { peer, header: () => '10.0.0.1' };
    expect(createTrustedProxies(networks).sent(arrival)).toBe(isTrusted);
    expect(createTrustedProxies([]).sent(arrival)).toBe(false);
  });
});
