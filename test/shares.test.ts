import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Claim, createShares, whoMakesRoom } from '../src/shares.ts';

interface Piece extends Claim {
  readonly name: string;
}

const names = (pieces: readonly Piece[]) => pieces.map(({ name }) => name);

/** `a1`: the first piece of client `a`, of an original of its own. */
const piece = (name: string, original = name): Piece => ({ name, client: name[0], original });

describe('turns', () => {
  it('go round the clients, and to each client’s pieces as they came', () => {
    const shares = createShares<Piece>(100);
    for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) shares.add(piece(name), []);
    const turns: string[] = [];
    while (shares.size > 0) {
      const [next] = shares.inOrder([]);
      if (next === undefined) break;
      shares.begin(next);
      turns.push(next.name);
    }
    expect(turns).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('go round the originals of one client', () => {
    const shares = createShares<Piece>(100);
    for (const [name, original] of [
      ['a1', 'cat'],
      ['a2', 'cat'],
      ['a3', 'dog'],
    ] as const) {
      shares.add(piece(name, original), []);
    }
    shares.begin(shares.inOrder([])[0] ?? piece('none'));
    expect(names(shares.inOrder([]))).toEqual(['a3', 'a2']);
  });

  it('come to somebody new before whoever has a place already', () => {
    const shares = createShares<Piece>(1);
    const first = piece('a1');
    shares.add(piece('a2'), [first]);
    shares.add(piece('b1'), [first]);
    expect(names(shares.inOrder([]))).toEqual(['b1', 'a2']);
  });

  it('are nobody’s where neither client nor original is named: such pieces go as they came', () => {
    const shares = createShares<Piece>(2);
    for (const name of ['one', 'two', 'three']) shares.add({ name }, []);
    expect(names(shares.inOrder([{}, {}, {}]))).toEqual(['one', 'two', 'three']);
    shares.begin(shares.inOrder([])[0] ?? piece('none'));
    expect(names(shares.inOrder([]))).toEqual(['two', 'three']);
  });

  it('do not take a client for an original of the same name', () => {
    const shares = createShares<Piece>(1);
    shares.add({ name: 'first', client: 'x', original: 'y' }, []);
    shares.add({ name: 'second', client: 'y', original: 'z' }, []);
    expect(names(shares.inOrder([{ client: 'p', original: 'x' }]))).toEqual(['first', 'second']);
  });
});

describe('a share', () => {
  it.each([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 2],
    [7, 4],
  ])('of %i places is %i: whoever has so many goes behind all others, and still goes', (places, share) => {
    const shares = createShares<Piece>(places);
    const held = (count: number) => Array.from({ length: count }, (_, index) => piece(`a${index}`));
    shares.add(piece('a9'), []);
    shares.add(piece('b1'), []);
    expect(names(shares.inOrder(held(share - 1)))).toEqual(['a9', 'b1']);
    expect(names(shares.inOrder(held(share)))).toEqual(['b1', 'a9']);
  });

  it('is an original’s as well, whoever asks for it', () => {
    const shares = createShares<Piece>(4);
    shares.add(piece('a1', 'cat'), []);
    shares.add(piece('b1', 'dog'), []);
    expect(names(shares.inOrder([piece('c1', 'cat'), piece('d1', 'cat')]))).toEqual(['b1', 'a1']);
  });
});

/** A crowd's life: somebody comes, somebody leaves, a place falls to the next, somebody is done. */
const deeds = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ deed: fc.constant('come' as const), who: fc.integer({ min: 0, max: 7 }) }) },
    { weight: 1, arbitrary: fc.record({ deed: fc.constant('leave' as const), who: fc.nat() }) },
    { weight: 4, arbitrary: fc.record({ deed: fc.constant('end' as const), who: fc.nat() }) },
  ),
  { maxLength: 200 },
);

describe.each(['client', 'original'] as const)('whatever a crowd does, each %s', (party) => {
  /** One client with many originals, or as many clients as there are originals. */
  const claim = (who: number, index: number): Claim =>
    party === 'client'
      ? { client: `client ${who}`, original: `original ${index}` }
      : { client: 'a CDN', original: `original ${who}` };

  it('waits for no more turns than there are others waiting, and has half of the places at most while they do', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), deeds, (places, crowd) => {
        const shares = createShares<Claim>(places);
        const underWay: Claim[] = [];
        /** Turns that one which waits with nothing under way may yet see others have. */
        const patience = new Map<string, number>();
        const nameOf = (one: Claim) => one[party] ?? '';
        const parties = () => new Set([...shares].map(nameOf));
        const holds = (name: string) => underWay.filter((one) => nameOf(one) === name).length;
        crowd.forEach(({ deed, who }, index) => {
          if (deed === 'come') {
            const piece = claim(who, index);
            if (!parties().has(nameOf(piece)) && holds(nameOf(piece)) === 0) {
              patience.set(nameOf(piece), parties().size);
            }
            shares.add(piece, underWay);
          } else if (deed === 'leave') {
            const leaver = [...shares][who % Math.max(1, shares.size)];
            if (leaver !== undefined) shares.remove(leaver);
            const name = leaver === undefined ? '' : nameOf(leaver);
            if (!parties().has(name)) patience.delete(name);
            // What is left of theirs may have come after the others.
            else if (patience.has(name)) patience.set(name, parties().size - 1);
          } else underWay.splice(who % Math.max(1, underWay.length), 1);
          while (underWay.length < places && shares.size > 0) {
            const [next] = shares.inOrder(underWay);
            if (next === undefined) throw new Error('Somebody waits, and nobody is next.');
            const others = [...parties()].filter((name) => name !== nameOf(next));
            // Whoever is given more than half of the places is so only when all others have as much.
            const half = Math.ceil(places / 2);
            if (holds(nameOf(next)) >= half) expect(others.filter((name) => holds(name) < half)).toEqual([]);
            shares.begin(next);
            underWay.push(next);
            patience.delete(nameOf(next));
            for (const [name, left] of patience) {
              expect(left).toBeGreaterThan(0);
              patience.set(name, left - 1);
            }
          }
        });
      }),
      { numRuns: 300 },
    );
  });
});

describe('a full queue', () => {
  const pieces = (...all: readonly string[]) => all.map((name) => piece(name));

  it.each([
    ['the newest of the client that waits for most', ['a1', 'b1', 'a2', 'b2', 'a3'], 'c1', 'a3'],
    ['the newest of them, where several wait for as much', ['a1', 'a2', 'b1', 'b2'], 'c1', 'b2'],
    ['nobody, where the newcomer would then wait for more than it', ['a1', 'a2', 'c1'], 'c2', undefined],
    ['nobody, where all wait for one', ['a1', 'b1'], 'c1', undefined],
    ['nobody, for whoever waits for most itself', ['a1', 'a2', 'a3', 'b1'], 'a4', undefined],
  ])('makes room by sending away %s', (_, waiting, newcomer, displaced) => {
    expect(whoMakesRoom(pieces(...waiting), piece(newcomer))?.name).toBe(displaced);
  });

  it('makes room for another original by the newest of the one that most wait for', () => {
    const waiting = [piece('a1', 'hot'), piece('b1', 'hot'), piece('c1', 'hot'), piece('d1', 'cold')];
    expect(whoMakesRoom(waiting, piece('e1', 'other'))?.name).toBe('c1');
    // Not where its client waits for as much as those do.
    expect(whoMakesRoom(waiting, piece('d2', 'other'))).toBeUndefined();
    // Of one client its originals alone decide.
    const ofCdn = waiting.map((one) => ({ ...one, client: 'a CDN' }));
    expect(whoMakesRoom(ofCdn, { client: 'a CDN', original: 'other' })?.name).toBe('c1');
  });

  it('has one part in k + 1 for whoever comes to k clients that ask without end, whatever they ask for', () => {
    const clients = fc.integer({ min: 1, max: 6 });
    const asked = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 5 })), { maxLength: 150 });
    const newcomersOwn = fc.array(fc.nat({ max: 8 }), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(
        clients,
        fc.integer({ min: 1, max: 40 }),
        asked,
        newcomersOwn,
        asked,
        (k, room, before, own, after) => {
          const waiting: Claim[] = [];
          const ask = (newcomer: Claim) => {
            if (waiting.length >= room) {
              const displaced = whoMakesRoom(waiting, newcomer);
              if (displaced === undefined) return;
              waiting.splice(waiting.indexOf(displaced), 1);
            }
            waiting.push(newcomer);
          };
          const askAsOthers = ([who, original]: readonly [number, number]) =>
            ask({ client: `${who % k}`, original: `${original}` });
          const part = Math.floor(room / (k + 1));
          const held = () => waiting.filter(({ client }) => client === 'newcomer').length;
          before.forEach(askAsOthers);
          for (const original of own) ask({ client: 'newcomer', original: `${original}` });
          expect(held()).toBeGreaterThanOrEqual(part);
          for (const one of after) {
            askAsOthers(one);
            expect(held()).toBeGreaterThanOrEqual(part);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('has a turn for a newcomer within k + 1 turns of such clients', () => {
    const steps = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 5 }), fc.nat()), { minLength: 60, maxLength: 120 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }), steps, (k, places, crowd) => {
        const room = 4 * (k + 1);
        const shares = createShares<Claim>(places);
        const underWay: Claim[] = [];
        const newcomer: Claim = { client: 'newcomer', original: 'its own' };
        const ask = (claim: Claim) => {
          const displaced = shares.size < room ? undefined : whoMakesRoom(shares, claim);
          if (displaced !== undefined) shares.remove(displaced);
          if (shares.size < room) shares.add(claim, underWay);
        };
        const askAsOthers = (who: number, original: number) => ask({ client: `${who % k}`, original: `${original}` });
        const beginAll = () => {
          for (; underWay.length < places && shares.size > 0; turns += 1) {
            const [next] = shares.inOrder(underWay);
            if (next === undefined) throw new Error('Somebody waits, and nobody is next.');
            shares.begin(next);
            underWay.push(next);
          }
        };
        let turns = 0;
        for (const [who, original] of crowd.slice(0, 40)) askAsOthers(who, original);
        beginAll();
        turns = 0;
        ask(newcomer);
        expect([...shares]).toContain(newcomer);
        for (const [who, original, ended] of [...crowd, ...crowd]) {
          askAsOthers(who, original);
          if (underWay.includes(newcomer)) return;
          underWay.splice(ended % Math.max(1, underWay.length), 1);
          beginAll();
          if (!underWay.includes(newcomer)) expect(turns).toBeLessThanOrEqual(k);
        }
        expect(underWay).toContain(newcomer);
      }),
      { numRuns: 500 },
    );
  });
});
