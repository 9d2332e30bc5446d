import { dialectNames, type GrammarOptions } from '../grammar-options.ts';
import { shorten } from '../ids/ids.ts';
import { meantComponent } from './meant-component.ts';
import { classify } from './parse-components.ts';

/** Segments of a path that are looked at. */
const maxSegments = 16;

/** Whose URLs begin so, and the dialect that reads them, where there is one. */
const programs: readonly (readonly [beginning: RegExp, program: string, dialect: string])[] = [
  [/^_ipx\//, 'IPX', 'ipx'],
  [/^cdn-cgi\/image\//, 'Cloudflare', 'cloudflare'],
  [/^_next\/image$/, 'Next.js', 'next'],
  [/^_vercel\/image$/, 'Vercel', 'vercel'],
  [/^\.netlify\/images$/, 'Netlify', 'netlify'],
  [/^(?:insecure|unsafe|[\w-]{22,})\/(?:[a-z_]+:[^/]*\/)*plain\//, 'imgproxy', 'imgproxy'],
  [/^(?:rs|resize|size|s|g|gravity|q|quality|f|format|el|w|h|width|height):/, 'imgproxy', 'imgproxy'],
  [/^(?:unsafe|fit-in)\//, 'thumbor', 'thumbor'],
];

/** The key of the configuration that names dialects. */
export const dialectsKey = 'dialects';

/**
 * A sentence for who asked for a picture that is not there, where the path to it looks like one that is written otherwise
 * here, or for another program; empty for any other. It goes by the path alone.
 */
export function pathHint(id: string, options: Pick<GrammarOptions, 'dialects'>): string {
  const segments = id.split('/');
  if (segments.length > maxSegments) return '';
  const hint = accountHint(segments) ?? behindHint(segments) ?? componentHint(segments);
  return [hint, programHint(id, options)].flatMap((one) => (one === undefined ? [] : `. ${one}`)).join('');
}

/** `/demo/image/upload/…`, as Cloudinary writes it, and `/upload/…`. */
function accountHint([first = '', second, third, ...rest]: readonly string[]): string | undefined {
  if (second === 'image' && third === 'upload') {
    const path = shorten(rest.join('/'));
    return `If "${shorten(first)}" is an account of Cloudinary, name it in accountNames of fovea.json, or leave it out: /image/upload/${path}`;
  }
  const path = [second, third, ...rest].filter((segment) => segment !== undefined);
  if (first !== 'upload' || path.length < 2) return undefined;
  return `If "upload" is no folder, write /image/upload/${shorten(path.join('/'))}`;
}

/** `/a.jpg/w_400`: the name first, as other programs have it. */
function behindHint(segments: readonly string[]): string | undefined {
  const end = segments.findLastIndex((segment) => classify(segment) !== 'component') + 1;
  const key = segments.slice(0, end);
  const behind = segments.slice(end);
  if (behind.length === 0 || !/\.[a-z0-9]{2,5}$/i.test(key.at(-1) ?? '')) return undefined;
  return `The transformation stands before the key: /${shorten([...behind, ...key].join('/'))}`;
}

/** The first folder that reads as a component, and what stands before it. */
function componentHint(segments: readonly string[]): string | undefined {
  const last = segments.length - 1;
  if (last === 0 && classify(segments[0] ?? '') === 'component') {
    const component = shorten(segments[0] ?? '');
    return `"${component}" reads as a transformation: the key of an original follows it, as in /${component}/picture.jpg`;
  }
  for (let index = 0; index < last; index += 1) {
    const segment = segments[index] ?? '';
    const meant = classify(segment) === 'component' ? segment : meantComponent(segment);
    if (meant === undefined) continue;
    const folders = shorten(segments.slice(0, index + 1).join('/'));
    const key = segments.slice(index + 1).join('/');
    if (meant === folders) return `"${meant}" is a folder here, since v1/ or _/ stands before it: leave that out`;
    return `If "${folders}" is no folder, write ${shorten(meant)}, as in /${shorten(meant)}/${shorten(key)}`;
  }
  return undefined;
}

function programHint(id: string, { dialects }: Pick<GrammarOptions, 'dialects'>): string | undefined {
  const found = programs.find(([beginning]) => beginning.test(id));
  if (found === undefined) return undefined;
  const [, program, name] = found;
  const dialect = dialectNames.find((known) => known === name);
  if (dialect === undefined)
    return `URLs of ${program} are not read here: "aliases" in fovea.json gives paths a meaning`;
  if (dialects.includes(dialect)) return undefined;
  return `URLs of ${program} are read where "${dialectsKey}" in fovea.json names "${dialect}"`;
}
