import { outputExtensions } from '../formats.ts';
import type { CropMode } from './parameters/crop.ts';

/** What a deployment decides about the URL language. */
export interface GrammarOptions {
  /** First path segments that are dropped when an asset type follows (`/<account>/image/upload/…`). */
  readonly accountNames: readonly string[];
  /** The crop mode of a size without `c_` in the short form; the long form keeps `scale`. */
  readonly defaultCrop: Extract<CropMode, 'scale' | 'fill' | 'fit' | 'limit'>;
  /** Extensions tried, in order, when an id without one names no original. */
  readonly extensions: readonly string[];
  /** Named transformations: what `t_<name>` stands for. */
  readonly presets: Readonly<Record<string, string>>;
  /** Paths of one's own: a pattern such as `/resized/:w/:key`, and the transformation it stands for (`c_limit,w_:w`). */
  readonly aliases: Readonly<Record<string, string>>;
  /** Other programs' dialects that are read too. */
  readonly dialects: readonly DialectName[];
  /** The beginning of the paths below which alone a dialect is read, as in `thumbor/`; what follows it is theirs. */
  readonly dialectPrefixes: Readonly<Partial<Record<DialectName, string>>>;
  /** The hosts at which alone a dialect is read (`img.example`, `*.img.example`); at all where it is not named. */
  readonly dialectHosts: Readonly<Partial<Record<DialectName, readonly string[]>>>;
  /**
   * Where pictures lie here that other programs' URLs name otherwise: the beginning of a source (`https://old.example/`,
   * `s3://bucket/`, `local:///`), and that of the keys it stands for.
   */
  readonly sources: Readonly<Record<string, string>>;
  /** What URLs of imgproxy leave to its configuration. */
  readonly imgproxy: ImgproxySettings;
  /** Hosts that pictures may be fetched from: `a.example`, `*.a.example`, `http://a.example:8080`. None: no fetching. */
  readonly fetchHosts: readonly string[];
}

/** The signature that a URL brings with it, and the text that it is of. */
interface SignedText {
  readonly value: string;
  readonly text: string;
}

export interface ImgproxySettings {
  /** Between the arguments of an option. */
  readonly argumentsSeparator: string;
  /** The key of the picture that `watermark` lays over others. */
  readonly watermark?: string | undefined;
  /**
   * Decrypts the source of a URL; undefined for what cannot be, and for what the URL's signature, where there has to be one, does
   * not permit: whoever learns what a text of their own decrypts to reads every other by trials.
   */
  readonly openSource?: ((sealed: string, proof: SignedText | undefined) => string | undefined) | undefined;
}

/** What is to be known of a dialect before a URL is read. */
interface DialectTraits {
  /** Read unless the configuration says otherwise: nothing else could be meant by such a path. */
  readonly isUsual?: true;
  /**
   * The ways of writing that it shares with others: two that claim the same cannot be told apart by a URL, and so are not both read,
   * unless a prefix or hosts part them.
   */
  readonly claims?: readonly string[];
}

/**
 * Whose URLs are read beside our own, in the order in which they are tried. Those that give a meaning to the query string, or to
 * paths that could be keys, are off unless asked for.
 */
const traits = {
  ipx: { isUsual: true },
  cloudflare: { isUsual: true },
  next: { isUsual: true },
  vercel: {},
  netlify: {},
  amplify: { claims: ['/?url='] },
  imgproxy: {},
  // imagor's URLs are written alike, and mean other things.
  thumbor: { claims: ['thumbor'] },
  imagor: { claims: ['thumbor'] },
  imagekit: {},
  query: { claims: ['query'] },
  imgix: { claims: ['query'] },
  sanity: {},
  storyblok: {},
  supabase: {},
  shopify: { claims: ['query'] },
  contentful: { claims: ['query'] },
  directus: { claims: ['query'] },
  photon: { claims: ['query'] },
  bunny: { claims: ['query'] },
  fastly: { claims: ['query'] },
  glide: { claims: ['query'] },
  gumlet: { claims: ['query'] },
  sirv: { claims: ['query'] },
  dit: { claims: ['query'] },
  weserv: { claims: ['/?url='] },
} as const satisfies Readonly<Record<string, DialectTraits>>;

export type DialectName = keyof typeof traits;
export const dialectTraits: Readonly<Record<DialectName, DialectTraits>> = traits;
export const dialectNames = Object.keys(traits) as readonly DialectName[];

/** The grammar without any configuration. */
export const defaultGrammarOptions: GrammarOptions = {
  accountNames: [],
  defaultCrop: 'fill',
  extensions: outputExtensions,
  presets: {},
  aliases: {},
  dialects: dialectNames.filter((name) => dialectTraits[name].isUsual === true),
  dialectPrefixes: {},
  dialectHosts: {},
  sources: {},
  imgproxy: { argumentsSeparator: ':' },
  fetchHosts: [],
};
