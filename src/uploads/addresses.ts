import { isFailure } from '../failure.ts';
import { type GrammarOptions, type ImageRequest, keysShown, parseTarget } from '../grammar/index.ts';
import { sign } from '../signing.ts';

export interface AddressOptions {
  /** Whether a request without a signature is answered. */
  readonly mayStayUnsigned: (request: ImageRequest) => boolean;
  /** Newest first; the first one signs. */
  readonly signingSecrets: readonly string[];
  /** The widths that unsigned URLs are held to; undefined where they are held to none. */
  readonly ladder: readonly number[] | undefined;
  /** By which the addresses will be read. */
  readonly grammar: GrammarOptions;
}

/** Widths that most pages begin with; where the ladder lacks one its next step stands in. */
const exampleWidths = [320, 640, 1280] as const;

/** Paths of an original and of some of its variants, such as this server answers them, by a name for each. */
export type Addresses = (key: string) => Readonly<Record<string, string>>;

/**
 * Ready URLs as far as the policy lets them be asked, and signed where it wants that: whoever is told them has uploaded this
 * one original, so nothing is signed that shows another, such as a preset with a watermark.
 */
export function createAddresses({ mayStayUnsigned, signingSecrets, ladder, grammar }: AddressOptions): Addresses {
  const secret = signingSecrets[0];
  const steps = ladder?.toSorted((a, b) => a - b) ?? [];
  const widths = exampleWidths.map((width) => steps.find((step) => step >= width) ?? width);

  return (key) => {
    const id = key.split('/').map(encodeURIComponent).join('/');
    const plain = (transformation: string) => {
      const before = transformation === '' ? '/' : `/${transformation}/`;
      // A folder may look like a transformation, a version or another spelling; `v1/` says where the id begins.
      return leadsTo(`${before}${id}`, transformation, key, grammar) ? `${before}${id}` : `${before}v1/${id}`;
    };
    const address = (transformation: string) => {
      const path = plain(transformation);
      const request = parseTarget(path, grammar);
      if (mayStayUnsigned(request)) return path;
      if (secret === undefined || keysShown(request).some((shown) => shown !== key)) return undefined;
      const text = textOf(path, grammar);
      return text === undefined ? undefined : `/s--${sign(text, secret, 'sha256-long')}--${path}`;
    };
    const entries = [
      ['original', address('')],
      ...widths.map((width) => [`w${width}`, address(`c_limit,w_${width},f_auto,q_auto`)]),
      ...Object.keys(grammar.presets).map((name) => [name, address(`t_${name}`)]),
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
