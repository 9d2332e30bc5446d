import { broken, tooMany } from '../../containers/header.ts';
import type { OwnCost, Reference } from './parts.ts';

/** An element, and what lies in it. */
export interface SvgNode {
  readonly cost: OwnCost;
  readonly references: readonly Reference[];
  readonly children: SvgNode[];
  /** Right in it, that are drawn: each is a shape. */
  letters: number;
}

/** What all of a drawing comes to, everything drawn as often as it is used. */
export interface Expansion extends OwnCost {
  /** The one part that costs most for each megapixel: parts lie on the whole or on little of it. */
  readonly mostRate: number;
  readonly depth: number;
  readonly letters: number;
}

/** More than maps and plots have: some 1.5 kB of memory and 20 µs each. */
export const mostElements = 100_000;
export const mostLetters = 50_000;
const mostLayers = 24;
const mostDepth = 400;

interface Walk {
  readonly byId: ReadonlyMap<string, SvgNode>;
  readonly known: Map<SvgNode, Expansion | 'begun'>;
}

/** Reckons a drawing with everything that it uses. Failures: `too_large`, and `corrupt` where a part uses itself. */
export function expand(root: SvgNode, byId: ReadonlyMap<string, SvgNode>): Expansion {
  return expansionOf(root, { byId, known: new Map() }, 0);
}

function expansionOf(node: SvgNode, walk: Walk, level: number): Expansion {
  const known = walk.known.get(node);
  if (known === 'begun') throw broken('svg+xml', 'a part of it uses itself');
  if (known !== undefined) return known;
  if (level > mostDepth) throw tooMany('svg+xml', 'levels', mostDepth);
  walk.known.set(node, 'begun');
  const inside: (readonly [Expansion, number])[] = node.children.map((child) => [
    expansionOf(child, walk, level + 1),
    1,
  ]);
  for (const { id, times } of node.references) {
    const used = walk.byId.get(id);
    if (used !== undefined) inside.push([expansionOf(used, walk, level + 1), times]);
  }
  const expansion = sum(node, inside);
  check(expansion);
  walk.known.set(node, expansion);
  return expansion;
}

function sum(
  { cost: own, letters: ownLetters }: SvgNode,
  inside: readonly (readonly [Expansion, number])[],
): Expansion {
  let { elements, rate, squareRate } = own;
  let letters = ownLetters;
  let [mostRate, layers, depth] = [own.rate, 0, 0];
  for (const [part, times] of inside) {
    elements += part.elements * times;
    letters += part.letters * times;
    rate += part.rate * times;
    squareRate += part.squareRate * times;
    mostRate = Math.max(mostRate, part.mostRate);
    layers = Math.max(layers, part.layers);
    depth = Math.max(depth, part.depth);
  }
  return { elements, rate, squareRate, mostRate, layers: own.layers + layers, depth: depth + 1, letters };
}

function check({ elements, letters, layers, depth }: Expansion): void {
  if (elements > mostElements) throw tooMany('svg+xml', 'elements, with those that it uses again', mostElements);
  if (letters > mostLetters) throw tooMany('svg+xml', 'letters, with those that it uses again', mostLetters);
  if (layers > mostLayers) throw tooMany('svg+xml', 'groups in groups that are drawn by themselves', mostLayers);
  if (depth > mostDepth) throw tooMany('svg+xml', 'levels', mostDepth);
}
