/** What JSON writes as it is. */
const plain = /^[ !#-[\]-~]*$/;

/**
 * What a terminal, or a program that reads lines, may take for more than text though JSON lets it stand: DEL and the C1 set
 * (0x9B begins a command as ESC [ does), the ends of lines of Unicode, and what turns the direction of writing.
 */
const unsafe = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text in JSON. */
export function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : harmless(JSON.stringify(text));
}

/** A line of JSON without such signs: they stand in texts only, where their escapes mean the same. */
export function harmless(json: string): string {
  return json.replace(unsafe, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
