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

/**
 * Who leaves a full queue for a newcomer: the newest of the client that waits for most, if the newcomer's then still waits
 * for no more than that one; else the newest of the original that waits for most, if that takes nothing from a client
 * which has no more than the newcomer's (max-min fairness). Of k clients that ask without end none keeps a newcomer from
 * its part of so many, rounded down: 1 of k + 1. Undefined: the newcomer has as much as is its own. What is nobody's takes
 * the place of nobody else's.
 */
export function whoMakesRoom<T extends Claim>(waiting: Iterable<T>, newcomer: Claim): T | undefined {
  const pieces = [...waiting];
  const count = countByParty(pieces);
  const exceeds = (piece: T, party: Party, by: number) => count(piece, party) >= count(newcomer, party) + by;
  /** The newest of equals is the last: sorting leaves them as they came. */
  const heaviest = (among: readonly T[], first: Party, second: Party) =>
    among.toSorted((a, b) => count(a, first) - count(b, first) || count(a, second) - count(b, second)).at(-1);
  const isNamed = newcomer.client !== undefined;
  const most = heaviest(pieces, 'client', 'original');
  if (isNamed && most !== undefined && exceeds(most, 'client', 2)) return most;
  const mayGo = (piece: T) => piece.client === newcomer.client || (isNamed && exceeds(piece, 'client', 1));
  const overOriginal = pieces.filter((piece) => exceeds(piece, 'original', 2) && mayGo(piece));
  return heaviest(overOriginal, 'original', 'client');
}

/** What one client, or one original, may have of so many places while others wait. */
function shareOf(places: number): number {
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

interface SharesState<T> {
  readonly waiting: Waiting<T>[];
  /** Even. Whoever has just had a turn, or has a place already, goes behind what comes meanwhile: that is the odd number after it. */
  turns: number;
}

/**
 * Nobody waits for more than one turn of each other client, however much work those have brought: a piece is stamped
 * with the number of turns when it comes, and again whenever its client has had one. `places`: how many pieces may be
 * under way.
 */
export function createShares<T extends Claim>(places: number): Shares<T> {
  const state: SharesState<T> = { waiting: [], turns: 0 };
  const share = shareOf(places);
  return {
    get size() {
      return state.waiting.length;
    },
    *[Symbol.iterator]() {
      for (const { piece } of state.waiting) yield piece;
    },
    add: (piece, underWay) => add(state, piece, underWay),
    remove: (piece) => remove(state, piece),
    begin: (piece) => begin(state, piece),
    inOrder: (underWay) => inOrder(state, share, underWay),
  };
}

function add<T extends Claim>({ waiting, turns }: SharesState<T>, piece: T, underWay: Iterable<Claim>): void {
  const held = countByParty(underWay);
  const turnOf = (party: Party) => (held(piece, party) > 0 ? turns + 1 : turns);
  waiting.push({ piece, turns: { client: turnOf('client'), original: turnOf('original') } });
}

function remove<T extends Claim>({ waiting }: SharesState<T>, piece: T): boolean {
  const at = waiting.findIndex((one) => one.piece === piece);
  if (at >= 0) waiting.splice(at, 1);
  return at >= 0;
}

function begin<T extends Claim>(state: SharesState<T>, piece: T): void {
  state.turns += 2;
  remove(state, piece);
  for (const one of state.waiting) {
    for (const party of parties) {
      if (piece[party] !== undefined && one.piece[party] === piece[party]) one.turns[party] = state.turns + 1;
    }
  }
}

function inOrder<T extends Claim>({ waiting }: SharesState<T>, share: number, underWay: Iterable<Claim>): readonly T[] {
  const held = countByParty(underWay);
  const excess = (piece: T) => parties.filter((party) => held(piece, party) >= share).length;
  return waiting
    .map((one) => ({ ...one, excess: excess(one.piece) }))
    .sort((a, b) => a.excess - b.excess || a.turns.client - b.turns.client || a.turns.original - b.turns.original)
    .map(({ piece }) => piece);
}
