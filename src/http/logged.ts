/** Escapes of ASCII that is seen, however often they were escaped themselves. */
const escapes = /%(?:25)*(2[1-9a-f]|[3-6][0-9a-f]|7[0-9a-e])/gi;

/** Times that a text is read anew: a program escapes twice by mistake, hardly more often. */
const mostReadings = 4;

/** A signature's segment to its end, or to the end of the text where it has none. Some programs write capitals. */
const signatures = /(?<![a-z0-9-])s--(?:(?!--(?:[/\s"?]|$)).)*(?:--|$)/gis;

/** The same with something missing: a dash or two, the letter. What is left has the length of one. */
const brokenSignatures =
  /(?<![a-z0-9-])(?:s?-{0,2}(?:[\w-]{32}|[\w-]{8})--|s-(?:[\w-]{32}-?|[\w-]{8}-))(?=[/\s"?.,]|$)/gi;

/** Tickets and addresses as `uploads` signs them: JSON in base64url, a dot and what signs it, whatever hangs on behind. */
const tokens = /eyJ[\w-]{16,}(?:\.[^/\s"?&]*)?/g;

/** The same without its beginning, or in other capitals, as a segment begins. */
const brokenTokens = /(?<![a-z0-9])(?:yJ|E?YJ|e?yj)[\w-]{16,}(?:\.[^/\s"?&]*)?/g;

/** The same whatever became of its beginning: what signs it has 43 characters (SHA-256 in base64url), whatever parts them. */
const signedTexts = /(?<![\w-])[\w-]{16,}[./,:;|][\w-]{43}(?![\w-])/g;

/**
 * The signature before the options of imgproxy, or before a source in base64 (`http`, `s3:`, `local:`, `gs:`, `abs:`, `swift:`): as it
 * is in base64url, or cut short; and whole, whatever follows.
 */
const signaturesOfOthers =
  /^(\/(?:[\w.-]+\/){0,4})(?:[\w-]{6,}={0,2}(?=\/(?:[a-z_]{1,32}:|plain\/|enc\/|aHR0c|czM6|bG9jYWw6|Z3M6|YWJzO|c3dpZnQ6))|[\w-]{43}=?(?=\/))/;

/** The same before the words of thumbor and its kin; and alone where it is whole, which ends in a sign that folders have not. */
const signaturesOfThumbor =
  /^(\/(?:[\w.-]+\/){0,4})(?:[\w-]{27,86}={1,2}(?=\/)|(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{9,88}(?=\/(?:meta|smart|stretch|(?:adaptive-)?(?:full-)?fit-in|-?\d*x-?\d*|trim)\/))/;

/** What stands where one belongs, whole or not. */
const places = /(\/uploads\/+(?:files|tickets)\/+)[^/\s"?]+/g;

/**
 * A text for the log, without what gives a right to whoever reads it: signatures, tickets and signed addresses, wherever
 * they stand and however they are escaped, since a URL that was misspelt may be asked again rightly. A text that holds
 * none stays as it is.
 */
export function withoutSecrets(text: string): string {
  const read = unescaped(text);
  const told = read
    .replace(signatures, 's--…--')
    .replace(brokenSignatures, 's--…--')
    .replace(signedTexts, '…')
    .replace(tokens, '…')
    .replace(brokenTokens, '…')
    .replace(signaturesOfOthers, '$1…')
    .replace(signaturesOfThumbor, '$1…')
    .replace(places, '$1…');
  return told === read ? text : told;
}

/** The path for the log: without query. */
export function loggedPath(target: string): string {
  return withoutSecrets(target.split('?')[0] ?? '').slice(0, 500);
}

function unescaped(text: string): string {
  let read = text;
  for (let readings = 0; readings < mostReadings && read.includes('%'); readings += 1) {
    read = read.replace(escapes, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  }
  return read;
}
