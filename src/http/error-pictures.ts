import { prefersPictures } from '../grammar/index.ts';
import type { Answer } from './answer.ts';
import type { ImageQuestion } from './asked.ts';

/*
 * Pages show pictures of other sites without reading them, so browsers keep answers from them that are no pictures by type
 * (opaque response blocking, https://fetch.spec.whatwg.org/#orb): a page never learns of a refusal in JSON, and its developer
 * sees "blocked" in place of a status. Where a picture is asked for, failures are `image/svg+xml`.
 */

/** What an answer's form hangs on, whether it came out one way or the other. */
export const formVaries = ['Accept', 'Sec-Fetch-Dest'] as const;

/** True where a page asks for a picture to show. What a trusted proxy has reduced is its key, so nothing else counts then. */
export function wantsPicture({
  header,
  isFromTrustedProxy,
}: Pick<ImageQuestion, 'header' | 'isFromTrustedProxy'>): boolean {
  const edgeToken = header('x-fovea-accept');
  if (edgeToken !== undefined && isFromTrustedProxy()) return /^(?:avif|webp)/.test(edgeToken);
  const destination = header('sec-fetch-dest');
  return destination === undefined ? prefersPictures(header('accept') ?? '') : destination === 'image';
}

/** `fl_draw_errors` anywhere before a target's last slash: read off its text, since what is wrong may be the rest of it. */
function hasDrawingFlag(rawTarget: string): boolean {
  const [path = ''] = rawTarget.split('?', 1);
  return /[/,]fl_(?:[^/,]*\.)?draw_errors\b/.test(path.slice(0, path.lastIndexOf('/') + 1));
}

/**
 * The same failure in a form that browsers let through to an `<img>`. Of itself it is no drawing (its root is in no
 * namespace), so that `onerror` fires as it does for any picture that is missing; with `fl_draw_errors` the message is drawn.
 */
export function asPicture(failure: Answer, { title, detail, rawTarget }: ErrorWords): Answer {
  const words = { title: `${failure.status} ${title}`, detail };
  const body = hasDrawingFlag(rawTarget) ? drawnMessage(words) : silentMessage(words);
  return { ...failure, headers: { ...failure.headers, 'Content-Type': 'image/svg+xml' }, body };
}

interface ErrorWords {
  readonly title: string;
  readonly detail: string;
  /** As on the request line. */
  readonly rawTarget: string;
}

type Message = Pick<ErrorWords, 'title' | 'detail'>;

function silentMessage({ title, detail }: Message): string {
  return `<svg><title>${escaped(title)}</title><desc>${escaped(detail)}</desc></svg>\n`;
}

const lineLength = 56;
const maxLines = 9;
const [width, height, margin, lineHeight] = [640, 360, 32, 26];

/** Presentation attributes alone: the answer's Content-Security-Policy lets no style in. */
function drawnMessage({ title, detail }: Message): string {
  const lines = wrapped(detail).map(
    (line, index) => `<text x="${margin}" y="${116 + index * lineHeight}" font-size="20">${escaped(line)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title><desc>${escaped(detail)}</desc>`,
    `<rect width="${width}" height="${height}" fill="#f4f4f2"/>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" fill="none" stroke="#c9c9c4"/>`,
    '<g fill="#26262a" font-family="system-ui, sans-serif">',
    `<text x="${margin}" y="68" font-size="28" font-weight="600">${escaped(title)}</text>`,
    ...lines,
    '</g></svg>\n',
  ].join('');
}

/** A text in lines of a length, words whole where they fit; what is too much is cut with a sign for it. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= lineLength) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(...(word.match(new RegExp(`.{1,${lineLength}}`, 'gsu')) ?? []));
  }
  if (lines.length <= maxLines) return lines;
  return [...lines.slice(0, maxLines - 1), `${lines[maxLines - 1] ?? ''} …`];
}

const entities: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
};

/** As text of XML; characters that XML has no place for (controls, lone surrogates) become a question mark. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '?')
    .replace(/[<>&"']/g, (sign) => entities[sign] ?? sign);
}
