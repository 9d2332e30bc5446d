const textOrComment = /"(?:\\.|[^"\\])*"|\/\/[^\n\r]*|\/\*[\s\S]*?\*\//g;
const textOrLastComma = /"(?:\\.|[^"\\])*"|,(?=\s*[}\]])/g;

/**
 * JSON with comments and commas before what closes (JSONC, as editors' own settings are) as plain JSON: blanks stand where
 * they were, so that places in a complaint are those of the file.
 */
export function withoutComments(text: string): string {
  const blank = (found: string) => (found.startsWith('"') ? found : found.replace(/[^\n\r]/g, ' '));
  return text
    .replace(/^\uFEFF/, '')
    .replace(textOrComment, blank)
    .replace(textOrLastComma, blank);
}
