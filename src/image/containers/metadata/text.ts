const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Windows-1252 from 0x80 on, which Latin-1 is taken for everywhere; a decoder of that name is none in Node 20. */
const windowsLetters = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** Characters of one value; longer ones are cut, so that metadata cannot outweigh a picture. */
const mostCharacters = 4_000;

/**
 * A text of EXIF, IPTC or PNG. None of the three says for sure how it is coded; what reads as UTF-8 is UTF-8, since no
 * text of several Latin-1 letters does by chance. Parts that a zero parts (EXIF's photographer and editor) get a line
 * each. Empty where there is nothing.
 */
export function decodeText(bytes: Buffer): string {
  const parts = decoded(bytes.subarray(0, mostCharacters * 4)).split('\0');
  return clipped(
    parts
      .map((part) => part.trimEnd())
      .filter((part) => part !== '')
      .join('\n'),
  );
}

function decoded(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes
      .toString('latin1')
      .replace(/[\x80-\x9f]/g, (letter) => windowsLetters[letter.charCodeAt(0) - 0x80] ?? letter);
  }
}

/** What XML 1.0 has no way to write: control characters but for white space, and halves of pairs. */
const unwritable = /[\p{Cs}\ufffe\uffff]|(?![\t\n\r])\p{Cc}/gu;

/** The text without what no packet can hold, and no longer than values may be. */
export function clipped(text: string): string {
  const clean = text.replace(unwritable, '');
  return clean.length <= mostCharacters ? clean : clean.slice(0, mostCharacters).replace(/[\ud800-\udbff]$/, '');
}
