import { linkedFrom, readPage, section } from './pages.ts';

/** The pages that have a table of URLs with their pictures. */
export const picturePages = ['README.md', 'docs/urls.md'];

/** A row of a page's table of URLs: what is asked for, and what is promised. */
export interface PictureRow {
  readonly url: string;
  readonly width: number;
  readonly height: number;
  /** More than one where the answer is negotiated, best first. */
  readonly formats: readonly string[];
  /** Path of the picture shown, relative to the root; undefined where none is. */
  readonly picture: string | undefined;
}

const row = /^\| `(\/[^`]+)` \| (\d+)×(\d+) ([A-Za-z, ]+): [^|]+\| (?:!\[\]\(([^)]+)\) )?\|$/;

/** The rows of the pages' tables of URLs. Throws for a row that does not say what a test could check. */
export function pictureRows(): PictureRow[] {
  return picturePages.flatMap(rowsOf);
}

function rowsOf(page: string): PictureRow[] {
  const text = readPage(page);
  const { start, end } = section(text, 'pictures');
  const [, , ...lines] = text.slice(start, end).trim().split('\n');
  return lines.map((line) => {
    const [, url, width, height, formats, picture] = row.exec(line) ?? [];
    if (url === undefined || formats === undefined) throw new Error(`a row of ${page}'s pictures is unclear: ${line}`);
    return {
      url,
      width: Number(width),
      height: Number(height),
      formats: formats.split(/, | or /).map((format) => format.toLowerCase()),
      picture: picture === undefined ? undefined : linkedFrom(page, picture),
    };
  });
}
