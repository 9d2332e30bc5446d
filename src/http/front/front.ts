import { isFailure } from '../../failure.ts';
import { mediaTypeOf } from '../../formats.ts';
import { prefersPages } from '../../grammar/index.ts';
import type { Variants } from '../../variants/index.ts';
import type { Answer } from '../answer.ts';
import type { ImageQuestion } from '../asked.ts';
import { icon } from './icon.ts';
import { landingPage, type PageLink, type PagePicture, pagePolicy } from './page.ts';

/** What browsers, and who crawls sites, ask of every host: answered by us where no original is called so. */
export type Front = (error: unknown, question: ImageQuestion) => Promise<Answer | undefined>;

export interface FrontOptions {
  readonly variants: Pick<Variants, 'firstThere'>;
  /** Whether the policy lets a path be answered as it stands, whoever asks. */
  readonly serves: (path: string) => boolean;
  readonly links: readonly PageLink[];
}

/** The picture that comes with the program: the only original that the page names. */
const sample = 'seeding.jpg';

const pictures: readonly PagePicture[] = [
  { path: `/ar_3:2,c_fill,f_auto,g_auto,q_auto,w_640/${sample}`, title: 'Cut to a shape', width: 640, height: 427 },
  {
    path: `/ar_1:1,c_fill,f_auto,g_auto,r_max,w_320/${sample}`,
    title: 'Round, transparent round it',
    width: 320,
    height: 320,
  },
  { path: `/ar_3:2,c_fill,e_grayscale,f_auto,q_auto,w_640/${sample}`, title: 'Gray', width: 640, height: 427 },
];

/** Crawlers may have pictures, and find nothing to read below our own paths. */
const robots = 'User-agent: *\nDisallow: /-/\n';

export function createFront(options: FrontOptions): Front {
  return async (error, question) => {
    if (!isFailure(error, 'invalid', 'not_found', 'unauthorised')) return undefined;
    const path = question.rawTarget.split('?', 1)[0];
    if (path === '/favicon.ico') return file(mediaTypeOf('png'), icon);
    if (path === '/robots.txt') return file('text/plain; charset=utf-8', robots);
    return path === '/' ? answerPage(question, options) : undefined;
  };
}

/** For a day: it changes with the program, and may give way to an original of that name. */
function file(contentType: string, body: string | Uint8Array): Answer {
  const length = typeof body === 'string' ? {} : { 'Content-Length': String(body.byteLength) };
  return {
    status: 200,
    headers: { 'Content-Type': contentType, 'Cache-Control': 'public, max-age=86400', ...length },
    body,
  };
}

/** Who wants no page, as programs do, is told what is wrong with the URL. */
async function answerPage(question: ImageQuestion, options: FrontOptions): Promise<Answer | undefined> {
  const { header, isFromTrustedProxy } = question;
  const edgeToken = isFromTrustedProxy() ? header('x-fovea-accept') : undefined;
  const isWanted = edgeToken === undefined ? prefersPages(header('accept') ?? '') : /^(?:avif|webp)/.test(edgeToken);
  if (!isWanted) return undefined;
  const isThere = (await options.variants.firstThere([sample], question).catch(() => undefined)) !== undefined;
  const body = landingPage({
    pictures: isThere ? pictures.filter(({ path }) => options.serves(path)) : [],
    // Behind an edge nobody reaches what lies below `/-/`.
    links: edgeToken === undefined ? options.links : [],
    canExplain: edgeToken === undefined,
  });
  return {
    status: 200,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'public, max-age=60',
      'Content-Security-Policy': pagePolicy,
      'Referrer-Policy': 'no-referrer',
      'X-Robots-Tag': 'noindex',
      Vary: 'Accept',
    },
    body,
  };
}
