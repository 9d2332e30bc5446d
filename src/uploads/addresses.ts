import { isFailure } from '../failure.ts';
import { type GrammarOptions, type ImageRequest, keysShown, parseTarget, stepFor } from '../grammar/index.ts';
import { sign } from '../signing.ts';

export interface AddressOptions {
  /** Whether the policy lets this path be answered as it stands, whoever asks: nothing else is handed out. */
  readonly serves: (path: string) => boolean;
  /** Newest first; the first one signs. */
  readonly signingSecrets: readonly string[];
  /** The widths that unsigned URLs are held to; undefined where they are held to none. */
  readonly ladder: readonly number[] | undefined;
  /** By which the addresses will be read. */
  readonly grammar: GrammarOptions;
}

/** Widths that most pages begin with. */
const exampleWidths = [320, 640, 1280] as const;

/** Paths of an original and of some of its variants, such as this server answers them, by a name for each. */
export type Addresses = (key: string) => Readonly<Record<string, string>>;

/**
 * Ready URLs as far as the policy lets them be asked, and signed where it wants that: whoever is told them has uploaded this
 * one original, so nothing is signed that shows another, such as a preset with a watermark.
 */
export function createAddresses(options: AddressOptions): Addresses {
  const { ladder, grammar } = options;
  const widths = new Set(exampleWidths.map((width) => onLadder(width, ladder)));
  const shown: readonly (readonly [name: string, transformation: string])[] = [
    ['original', ''],
    ...[...widths].map((width) => [`w${width}`, `c_limit,w_${width},f_auto,q_auto`] as const),
    ...Object.keys(grammar.presets).map((name) => [name, `t_${name}`] as const),
  ];
  const entryOf = (key: string, [name, transformation]: (typeof shown)[number]) => {
    const path = servedPath(options, key, transformation);
    return path === undefined ? [] : [[name, path] as const];
  };
  return (key) => Object.fromEntries(shown.flatMap((one) => entryOf(key, one)));
}

/** At most two paths of variants that anybody may ask for, to try; none where every one needs a signature. */
export function createExamples({ serves, ladder, grammar }: AddressOptions): (key: string) => readonly string[] {
  const [small, large] = [onLadder(400, ladder), onLadder(1200, ladder)];
  const transformations = [
    `w_${small},h_${Math.max(1, Math.round((small * 3) / 4))}`,
    `c_limit,w_${large},f_auto,q_auto`,
    ...Object.keys(grammar.presets).map((name) => `t_${name}`),
  ];
  return (key) =>
    transformations
      .flatMap((transformation) => pathOf(key, transformation, grammar) ?? [])
      .filter(serves)
      .slice(0, 2);
}

/** What a path of Cloudinary's long form says beside the key: `image/upload/<transformation>/v<version>/<key>`. */
export interface LongAddress {
  /** A first segment that is passed over, where there is one. */
  readonly account?: string | undefined;
  readonly delivery: 'upload' | 'private' | 'authenticated';
  readonly transformation: string;
  readonly version: number;
}

/**
 * Makes such paths, signed where the policy wants that and the key's own picture is all that is shown; as they are where nothing
 * may be signed, for whoever can sign them. Failures: `invalid` for a transformation that is none.
 */
export function createLongAddresses(options: AddressOptions): (key: string, asked: LongAddress) => string {
  return (key, asked) => {
    const path = longPath(key, asked, '');
    if (options.serves(path)) return path;
    const [secret] = options.signingSecrets;
    const shown = keysShown(parseTarget(path, options.grammar));
    if (secret === undefined || shown.some((one) => one !== key)) return path;
    const text = parseTarget(longPath(key, asked, 'A'.repeat(32)), options.grammar).signature?.signed[0];
    const signed = text === undefined ? path : longPath(key, asked, sign(text, secret, 'sha256-long'));
    return options.serves(signed) ? signed : path;
  };
}

function longPath(key: string, { account, delivery, transformation, version }: LongAddress, signature: string): string {
  const id = key.split('/').map(encodeURIComponent).join('/');
  const before = signature === '' ? [] : [`s--${signature}--`];
  const parts = [account, 'image', delivery, ...before, transformation, `v${version}`, id];
  return `/${parts.filter((part) => part !== undefined && part !== '').join('/')}`;
}

/** The path by which it is answered, signed where the policy wants that; undefined where nobody is to be told one. */
function servedPath(
  { serves, signingSecrets: [secret], grammar }: AddressOptions,
  key: string,
  transformation: string,
): string | undefined {
  const path = pathOf(key, transformation, grammar);
  if (path === undefined || serves(path)) return path;
  if (secret === undefined || keysShown(parseTarget(path, grammar)).some((shown) => shown !== key)) return undefined;
  const text = textToSign(path, grammar);
  const signed = text === undefined ? undefined : `/s--${sign(text, secret, 'sha256-long')}--${path}`;
  return signed !== undefined && serves(signed) ? signed : undefined;
}

/** A width that may be asked for: the next step of the ladder, or its last. */
function onLadder(width: number, ladder: readonly number[] | undefined): number {
  return ladder === undefined ? width : stepFor(width, ladder);
}

/** The unsigned path of what is made of an original; undefined for a key that no URL can name. */
function pathOf(key: string, transformation: string, grammar: GrammarOptions): string | undefined {
  const id = key.split('/').map(encodeURIComponent).join('/');
  const before = transformation === '' ? '/' : `/${transformation}/`;
  // A folder may look like a transformation, a version or another dialect; `v1/` says where the id begins.
  return [`${before}${id}`, `${before}v1/${id}`].find((path) => {
    const found = readPath(path, grammar);
    return found?.id === key && found.transformationText === transformation;
  });
}

/** What a signature of this path is of: the grammar alone decides, here as when it is verified. */
function textToSign(path: string, grammar: GrammarOptions): string | undefined {
  return parseTarget(`/s--${'A'.repeat(32)}--${path}`, grammar).signature?.signed[0];
}

/** Undefined for a path that is none. */
function readPath(path: string, grammar: GrammarOptions): ImageRequest | undefined {
  try {
    return parseTarget(path, grammar);
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}
