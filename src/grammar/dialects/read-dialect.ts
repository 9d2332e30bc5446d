import { Failure } from '../../failure.ts';
import type { DialectName, GrammarOptions } from '../grammar-options.ts';
import { readAlias } from './aliases.ts';
import { readAmplify } from './amplify.ts';
import { readCloudflare } from './cloudflare.ts';
import type { Dialect, QueryDialect, RawTarget, Said, Translation } from './dialect.ts';
import { readDit, readDitQuery } from './dit/dit.ts';
import { readImageKit, readImageKitPath } from './imagekit/imagekit.ts';
import { readImgix, readImgixProxy } from './imgix/imgix.ts';
import { readSanity } from './imgix/sanity.ts';
import { readImgproxy } from './imgproxy/imgproxy.ts';
import { readBareIpx, readIpx } from './ipx.ts';
import { readNetlify } from './netlify.ts';
import { readNext } from './next.ts';
import { readBunny } from './queries/bunny.ts';
import { readContentful } from './queries/contentful.ts';
import { readDirectus } from './queries/directus.ts';
import { readFastly } from './queries/fastly.ts';
import { readGlide } from './queries/glide.ts';
import { readGumlet } from './queries/gumlet.ts';
import { readPhoton } from './queries/photon.ts';
import { readShopify, readShopifyName } from './queries/shopify.ts';
import { readSirv } from './queries/sirv.ts';
import { readStoryblok } from './queries/storyblok.ts';
import { readSupabase } from './queries/supabase.ts';
import { readQuery } from './query.ts';
import { readImagor } from './thumbor/imagor.ts';
import { readThumbor } from './thumbor/thumbor.ts';
import { readVercel } from './vercel.ts';
import { readWeserv } from './weserv/weserv.ts';

/** Dialects that are known by their paths. */
const byPath: Readonly<Partial<Record<DialectName, readonly Dialect[]>>> = {
  ipx: [readIpx, readBareIpx],
  cloudflare: [readCloudflare],
  next: [readNext],
  vercel: [readVercel],
  netlify: [readNetlify],
  amplify: [readAmplify],
  imgproxy: [readImgproxy],
  thumbor: [readThumbor],
  imagor: [readImagor],
  dit: [readDit],
  imagekit: [readImageKitPath],
  imgix: [readImgixProxy],
  sanity: [readSanity],
  storyblok: [readStoryblok],
  supabase: [readSupabase],
  shopify: [readShopifyName],
  weserv: [readWeserv],
};

/** Dialects whose path is a key, and whose query says what is made of it. */
const byQuery: Readonly<Partial<Record<DialectName, QueryDialect>>> = {
  dit: readDitQuery,
  imagekit: readImageKit,
  imgix: readImgix,
  contentful: readContentful,
  directus: readDirectus,
  shopify: readShopify,
  photon: readPhoton,
  bunny: readBunny,
  fastly: readFastly,
  glide: readGlide,
  gumlet: readGumlet,
  sirv: readSirv,
  query: readQuery,
};

/** In which dialect something was said; none: the configuration's own aliases. */
interface In {
  readonly dialect: DialectName | undefined;
}

/** Reads a target that is an alias or in another program's dialect; undefined when it is in our own. */
export function readDialect(target: RawTarget, options: GrammarOptions): (Translation & In) | undefined {
  return decoding(() => {
    const alias = readAlias(target, options);
    if (alias !== undefined) return { ...alias, dialect: undefined };
    for (const dialect of options.dialects) {
      const translation = readIn(dialect, target, options);
      if (translation !== undefined) return { ...translation, dialect };
    }
    return undefined;
  });
}

function readIn(dialect: DialectName, target: RawTarget, options: GrammarOptions): Translation | undefined {
  const prefix = options.dialectPrefixes[dialect];
  const below = prefix === undefined ? target : belowPrefix(prefix, target);
  if (below === undefined) return undefined;
  for (const read of byPath[dialect] ?? []) {
    const translation = read(below, options);
    if (translation !== undefined) return translation;
  }
  const readQueryOf = prefix === undefined ? undefined : byQuery[dialect];
  if (readQueryOf === undefined) return undefined;
  const said = readQueryOf(below, options);
  return { components: [], ...said, rawId: below.segments, usesQuery: said !== undefined };
}

function belowPrefix(prefix: string, { segments, query }: RawTarget): RawTarget | undefined {
  const folders = prefix.split('/').slice(0, -1);
  if (segments.length <= folders.length || !folders.every((folder, index) => folder === segments[index])) {
    return undefined;
  }
  return { segments: segments.slice(folders.length), query };
}

/** What the query of a key says, where the configuration gives it a meaning. */
export function readQueryDialect(target: RawTarget, options: GrammarOptions): (Said & In) | undefined {
  if (target.query === '') return undefined;
  return decoding(() => {
    for (const dialect of options.dialects) {
      const read = options.dialectPrefixes[dialect] === undefined ? byQuery[dialect] : undefined;
      const said = read?.(target, options);
      if (said !== undefined) return { ...said, dialect };
    }
    return undefined;
  });
}

/** Bad escapes are the client's fault, wherever they stand. */
function decoding<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    throw new Failure('invalid', 'The URL is not valid percent-encoded UTF-8; write a literal % as %25.', { cause });
  }
}
