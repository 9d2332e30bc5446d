/**
 * Whose a piece of work is: pieces of one client, or of one original, have a share together. What is undefined is
 * nobody's. The names are compared, and nothing else.
 */
export interface Claim {
  readonly client?: string | undefined;
  readonly original?: string | undefined;
}

const parties = ['client', 'original'] as const satisfies readonly (keyof Claim)[];
export type Party = (typeof parties)[number];

/** How many of these each client has, and each original. */
export function countByParty(claims: Iterable<Claim>): (claim: Claim, party: Party) => number {
  const counts = { client: new Map<string, number>(), original: new Map<string, number>() };
  for (const claim of claims) {
    for (const party of parties) {
      const name = claim[party];
      if (name !== undefined) counts[party].set(name, (counts[party].get(name) ?? 0) + 1);
    }
  }
  return (claim, party) => counts[party].get(claim[party] ?? '') ?? 0;
}

/** What one client, or one original, may have of so many places while others wait. */
export function shareOf(places: number): number {
  return Math.max(1, Math.ceil(places / 2));
}

/** Pieces of work that wait for one of a few places. */
export interface Shares<T extends Claim> {
  readonly size: number;
  /** In the order they came. */
  [Symbol.iterator](): Iterator<T>;
  add(piece: T, underWay: Iterable<Claim>): void;
  /** False when it does not wait any more. */
  remove(piece: T): boolean;
  /** It waits no more, since it has a place: others of its client and of its original let one turn of everybody else pass. */
  begin(piece: T): void;
  /**
   * All that wait, the next one first: those whose client and original have less than their share under way, then by
   * turns of clients, by turns of originals, and as they came.
   */
  inOrder(underWay: Iterable<Claim>): readonly T[];
}

/** A piece with the turn that its client and its original have. */
interface Waiting<T> {
  readonly piece: T;
  readonly turns: Record<Party, number>;
}

/**
 * Nobody waits for more than one turn of each other client, however much work those have brought: a piece is stamped
 * with the number of turns when it comes, and again whenever its client has had one. `places`: how many pieces may be
 * under way.
 */
export function createShares<T extends Claim>(places: number): Shares<T> {
  const share = shareOf(places);
  const waiting: Waiting<T>[] = [];
  /** Even. Whoever has just had a turn, or has a place already, goes behind what comes meanwhile: that is the odd number after it. */
  let turns = 0;

  function remove(piece: T): boolean {
    const at = waiting.findIndex((one) => one.piece === piece);
    if (at >= 0) waiting.splice(at, 1);
    return at >= 0;
  }

  return {
    get size() {
      return waiting.length;
    },
    *[Symbol.iterator]() {
      for (const { piece } of waiting) yield piece;
    },
    add(piece, underWay) {
      const held = countByParty(underWay);
      const turnOf = (party: Party) => (held(piece, party) > 0 ? turns + 1 : turns);
      waiting.push({ piece, turns: { client: turnOf('client'), original: turnOf('original') } });
    },
    remove,
    begin(piece) {
      turns += 2;
      remove(piece);
      for (const one of waiting) {
        for (const party of parties) {
          if (piece[party] !== undefined && one.piece[party] === piece[party]) one.turns[party] = turns + 1;
        }
      }
    },
    inOrder(underWay) {
      const held = countByParty(underWay);
      const excess = (piece: T) => parties.filter((party) => held(piece, party) >= share).length;
      return waiting
        .map((one) => ({ ...one, excess: excess(one.piece) }))
        .sort((a, b) => a.excess - b.excess || a.turns.client - b.turns.client || a.turns.original - b.turns.original)
        .map(({ piece }) => piece);
    },
  };
}
