import { isFailure } from '../failure.ts';
import { type GrammarOptions, parseTarget } from '../grammar/index.ts';
import { sign } from '../signing.ts';

export interface AddressOptions {
  readonly unsigned: 'any' | 'ladder' | 'presets' | 'none';
  /** Newest first; the first one signs. */
  readonly signingSecrets: readonly string[];
  readonly ladder: readonly number[];
  /** By which the addresses will be read. */
  readonly grammar: GrammarOptions;
}

/** Widths that most pages begin with; where the ladder lacks one its next step stands in. */
const exampleWidths = [320, 640, 1280] as const;

/** Paths of an original and of some of its variants, such as this server answers them, by a name for each. */
export type Addresses = (key: string) => Readonly<Record<string, string>>;

/** Ready URLs as far as the policy lets them be asked: signed where it wants that, presets where it wants those. */
export function createAddresses({ unsigned, signingSecrets, ladder, grammar }: AddressOptions): Addresses {
  const secret = signingSecrets[0];
  const needsSignature = unsigned === 'presets' || unsigned === 'none';
  const widths = exampleWidths.map((width) =>
    unsigned === 'ladder' ? (ladder.toSorted((a, b) => a - b).find((step) => step >= width) ?? width) : width,
  );

  return (key) => {
    const id = key.split('/').map(encodeURIComponent).join('/');
    const plain = (transformation: string) => {
      const before = transformation === '' ? '/' : `/${transformation}/`;
      // A folder may look like a transformation, a version or another spelling; `v1/` says where the id begins.
      return leadsTo(`${before}${id}`, transformation, key, grammar) ? `${before}${id}` : `${before}v1/${id}`;
    };
    const signed = (transformation: string) => {
      if (secret === undefined) return undefined;
      const path = plain(transformation);
      const text = textOf(path, grammar);
      return text === undefined ? undefined : `/s--${sign(text, secret, 'sha256-long')}--${path}`;
    };
    const free = needsSignature ? signed : plain;
    const entries = [
      ['original', free('')],
      ...widths.map((width) => [`w${width}`, free(`c_limit,w_${width},f_auto,q_auto`)]),
      ...Object.keys(grammar.presets).map((name) => [
        name,
        unsigned === 'none' ? signed(`t_${name}`) : plain(`t_${name}`),
      ]),
    ];
    return Object.fromEntries(entries.filter(([, path]) => path !== undefined));
  };
}

/** What a signature of this path is of: the grammar alone decides, here as when it is verified. */
function textOf(path: string, grammar: GrammarOptions): string | undefined {
  return parseTarget(`/s--${'A'.repeat(32)}--${path}`, grammar).signature?.signed[0];
}

function leadsTo(path: string, transformation: string, key: string, grammar: GrammarOptions): boolean {
  try {
    const request = parseTarget(path, grammar);
    return request.id === key && request.transformationText === transformation;
  } catch (error) {
    if (isFailure(error)) return false;
    throw error;
  }
}
